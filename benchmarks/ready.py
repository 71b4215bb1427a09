"""From asking for a guest to its ready card: what Nubemox adds to Proxmox VE's own work."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

from benchmarks.measure import Report, Row, percentile
from benchmarks.site import SAME_MACHINE, Site, know_each, site
from playground.slack import Message, Turn

DONE = "is ready"
LIMIT_S = 2.0
CONTAINER = (
    "ct create ready-{number} --template debian-12 --cores 1 --memory 512 --disk 4"
    " --address 10.0.{third}.{last}/16"
)
CLONE = "vm create ready-{number} --template debian-12 --cores 2 --memory 2048 --disk 12"
SETTINGS = {
    "NUBEMOX_AUTO_APPROVE": "cores<=4,memory<=8192,disk<=64",
    "NUBEMOX_DEFAULT_QUOTA": "guests=5000,cores=20000,memory=40000000,disk=500000",
}


def measure(report: Report, *, quick: bool) -> None:
    """Containers and clones, one at a time, on a cluster whose tasks take no time."""
    rounds, each = (1, 2) if quick else (3, 8)
    with site(differing=SETTINGS) as place, agents_in_new_vms(place):
        know_each(place)
        for pool in ("tenant01", "tenant02"):
            admin = place.workspace.user("carla")
            for number in range(2):
                turn = admin.types(f"/nubemox tenant add {pool} @asker{number:02} --role owner")
                turn.final("owner of", 30)
        _made(place, CONTAINER, 0)
        _made(place, CLONE, 1)
        for what, words in (("ct create", CONTAINER), ("vm create", CLONE)):
            found = [
                [
                    _made(place, words, 10 + number * each + one + (what < "d") * 1000)
                    for one in range(each)
                ]
                for number in range(rounds)
            ]
            for share, limit in ((0.5, LIMIT_S), (0.99, None)):
                values = tuple(percentile(taken, share) for taken in found)
                row = f"p{share * 100:.0f} from asked to ready, `{what}`"
                report.add(Row("ready", row, "s", values, limit=limit))
    report.note(SAME_MACHINE)
    report.note(
        "ready: the simulated tasks end before their call is answered, so that nothing of it is "
        "Proxmox VE's own time; a container has a fixed address, and a VM's agent tells one as "
        "soon as it runs."
    )


@contextlib.contextmanager
def agents_in_new_vms(place: Site) -> Iterator[None]:
    """Inside, each new VM has an agent that tells an address as soon as the VM runs."""
    over = threading.Event()
    known = {guest.vmid for guest in place.cluster.guests}

    def look() -> None:
        while not over.wait(0.02):
            for guest in place.cluster.guests:
                if guest.vmid not in known and guest.kind == "qemu" and guest.status == "running":
                    known.add(guest.vmid)
                    guest.run_agent()

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()


def _made(place: Site, words: str, number: int) -> float:
    """Seconds from the command to the card that says that it is ready."""
    third, last = divmod(number, 250)
    line = words.format(number=number, third=third, last=last + 1)
    pool = f"tenant{number % 2 + 1:02}"
    turn = place.asks(number % 2, f"{line} --pool {pool}")
    turn.final(DONE, 60)
    return _told_at(place, turn) - (turn.envelope.sent_at or time.monotonic())


def _told_at(place: Site, turn: Turn) -> float:
    messages = [one for one in turn.outcomes if isinstance(one, Message) and DONE in one.all_text]
    return max(one.at for one in place.workspace.state.happenings if one.message in messages)
