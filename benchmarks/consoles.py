"""Twenty consoles at once for a minute: is each alive, how long does a key take, and an ack."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

import requests
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from benchmarks.measure import Report, Row, in_ms, percentile
from benchmarks.rest import token_of, type_for
from benchmarks.site import SAME_MACHINE, TENANTS, Site, know_each, site

AT_ONCE = 20
EACH = 5
LASTS_S = 60.0
EVERY_S = 0.5
ANSWER_S = 5.0
PICTURE = b"\x03\x00" + bytes(4) + b"\x00\x0a\x00\x0a"


@dataclass
class Sat:
    """What one person had of their console."""

    taken_s: list[float] = field(default_factory=list)
    lost: int = 0


def measure(report: Report, *, quick: bool) -> None:
    """Half of them terminals, half of them screens, each used twice a second."""
    lasts_s = 5.0 if quick else LASTS_S
    with site() as place:
        know_each(place)
        links = list(_links(place))
        with ThreadPoolExecutor(AT_ONCE) as people:
            begun = threading.Barrier(AT_ONCE + 1)
            sitting = [people.submit(_sit, place, *one, lasts_s, begun) for one in links]
            begun.wait(60)
            acks = type_for(place, lasts_s - 1)
            sat = [one.result() for one in sitting]
    taken = [in_ms(each) for one in sat for each in one.taken_s]
    lost = float(sum(one.lost for one in sat))
    report.add(
        Row(
            "consoles",
            f"lost of {AT_ONCE} in {lasts_s:.0f} s",
            "",
            (lost,),
            limit=0,
            worst_counts=True,
        )
    )
    report.add(Row("consoles", "p99 from a key to its answer", "ms", (percentile(taken, 0.99),)))
    p99 = in_ms(percentile(acks, 0.99))
    report.add(Row("consoles", "p99 of Slack's acks beside them", "ms", (p99,), limit=250))
    report.note(
        f"consoles: {AT_ONCE} websockets through the bot for {lasts_s:.0f} s, a key or a picture "
        "asked for twice a second in each, while people type ten commands a second."
    )
    report.note(SAME_MACHINE)


def _links(place: Site) -> Iterator[tuple[str, bool]]:
    """Links to running guests, five for each of four people, and whether each is a terminal."""
    base = f"http://127.0.0.1:{place.bot.port}/api/proxmox"
    for number in range(AT_ONCE // EACH):
        person, channel = place.asker(number)
        headers = {"Authorization": f"Bearer {token_of(place, person.name, channel)}"}
        kind = "cts" if number % TENANTS else "vms"  # as the big world spreads them
        path = f"{base}/{kind}?status=running&limit={EACH}"
        for row in requests.get(path, headers=headers, timeout=30).json()["data"]:
            link = requests.get(f"{base}/{kind}/{row['vmid']}/vnc", headers=headers, timeout=30)
            yield link.json()["data"]["href"], kind == "cts"


def _sit(
    place: Site, link: str, is_terminal: bool, lasts_s: float, begun: threading.Barrier
) -> Sat:
    sat, base = Sat(), f"http://127.0.0.1:{place.bot.port}"
    entered = requests.post(link, headers={"Origin": base}, allow_redirects=False, timeout=30)
    kind = "terminal" if is_terminal else "screen"
    with connect(
        f"{base.replace('http', 'ws')}{entered.headers['Location']}/socket?as={kind}",
        origin=Origin(base),
        additional_headers={"Cookie": entered.headers["Set-Cookie"].split(";")[0]},
        subprotocols=[Subprotocol("binary")],
        open_timeout=30,
    ) as console:
        if not is_terminal:
            _walk_in(console)
        begun.wait(60)
        until = time.monotonic() + lasts_s
        try:
            while time.monotonic() < until:
                began = time.monotonic()
                console.send(b"x" if is_terminal else PICTURE)
                console.recv(timeout=ANSWER_S)
                sat.taken_s.append(time.monotonic() - began)
                with suppress(TimeoutError):  # what else it has to say
                    console.recv(timeout=EVERY_S)
        except (WebSocketException, TimeoutError):
            sat.lost = 1
    return sat


def _walk_in(console: ClientConnection) -> None:
    """VNC's greeting, as noVNC gives it to the bot."""
    console.recv(timeout=ANSWER_S)
    for said in (b"RFB 003.008\n", b"\x01", b"\x01"):
        console.send(said)
        console.recv(timeout=ANSWER_S)
