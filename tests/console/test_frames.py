"""What goes over a console's websocket: nothing of Proxmox VE's secrets, and twenty at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.console.test_door import redeem

PICTURE = b"\x03\x00" + bytes(4) + b"\x00\x0a\x00\x0a"
AT_ONCE = 20
LASTS_S = 4.0


def enter(site: Any, link: str, kind: str) -> ClientConnection:
    """A console's websocket, as its page opens it."""
    entered = redeem(link)
    return connect(
        f"{site.base.replace('http', 'ws')}{entered.headers['Location']}/socket?as={kind}",
        origin=Origin(site.base),
        additional_headers={"Cookie": entered.headers["Set-Cookie"].split(";")[0]},
        subprotocols=[Subprotocol("binary")],
        open_timeout=15,
    )


def frames(websocket: ClientConnection, until: int = 40) -> list[bytes]:
    """What comes, until nothing does for a moment."""
    seen: list[bytes] = []
    with suppress(TimeoutError, ConnectionClosed):
        while len(seen) < until:
            frame = websocket.recv(timeout=1)
            seen.append(frame if isinstance(frame, bytes) else frame.encode())
    return seen


def walk_into_the_screen(websocket: ClientConnection) -> list[bytes]:
    seen = [bytes(websocket.recv(5))]  # type: ignore[arg-type]
    for said in (b"RFB 003.008\n", b"\x01"):
        websocket.send(said)
        seen.append(bytes(websocket.recv(5)))  # type: ignore[arg-type]
    websocket.send(b"\x01")
    return [*seen, bytes(websocket.recv(5))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "kind"), [("vm console 121", "screen"), ("ct console 106", "terminal")]
)
def test_no_frame_to_the_browser_holds_a_ticket_a_token_or_a_password(site, words, kind):
    before = len(site.cluster.calls())
    with enter(site, site.link(words=words), kind) as websocket:
        seen = walk_into_the_screen(websocket) if kind == "screen" else []
        websocket.send(PICTURE if kind == "screen" else b"ls\r")
        seen += frames(websocket)

    whole = b"".join(seen)
    asked = [one for one in site.cluster.calls()[before:] if one.path.endswith("proxy")]
    assert len(whole) > 10
    assert asked, "no ticket was asked for"
    for secret in (b"PVEVNC", b"PVEAPIToken", b"t-acme@pve", b"nubemox@pve"):
        assert secret not in whole


def test_twenty_consoles_at_once_all_go_on_and_all_end_in_the_audit(site):
    site("carla", "tenant add acme @vic --role operator")
    paths, people = ("/vms/121/vnc", "/cts/106/vnc"), ("olga", "ana", "carla", "vic")
    links = [
        site.program(people[one % 4]).get(paths[one // 4 % 2]).json()["data"]["href"]
        for one in range(AT_ONCE)
    ]

    def sit(number: int) -> tuple[int, int]:
        keys = answers = 0
        kind = "terminal" if number // 4 % 2 else "screen"
        with enter(site, links[number], kind) as websocket:
            if kind == "screen":
                walk_into_the_screen(websocket)
            until = time.monotonic() + LASTS_S
            while time.monotonic() < until:
                websocket.send(b"x" if kind == "terminal" else PICTURE)
                keys += 1
                with suppress(TimeoutError):
                    answers += bool(websocket.recv(timeout=2))
                time.sleep(0.1)
        return keys, answers

    (before,) = site.sql("select coalesce(max(seq), 0) from audit")[0]
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        done = list(crowd.map(sit, range(AT_ONCE)))

    assert all(keys > 5 and answers >= keys * 0.8 for keys, answers in done), done

    def ends() -> bool:
        rows = site.sql(
            "select phase from audit where seq > ? and action = 'guest.console'"
            " and phase in ('intent', 'outcome')",
            before,
        )
        return sorted(rows) == [("intent",)] * AT_ONCE + [("outcome",)] * AT_ONCE

    site.workspace.wait_until(ends, 15, "twenty begins and twenty ends in the audit")
    site("carla", "tenant add acme @vic --role viewer")
    assert site.cluster.guest(121).consoles_open == site.cluster.guest(106).consoles_open == 0
