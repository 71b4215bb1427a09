"""`kill -9` at each step of making a guest: it exists once, as asked for, and is told once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from tests.process.harness import until
from tests.process.jobs import PveStep, killed_in
from tests.process.site import PATIENCE_S, Site

pytestmark = pytest.mark.process

CONTAINER = (
    "ct create {name} --template debian-12 --cores 2 --memory 1024 --disk 9 --tags lab"
    " --address 10.0.0.{last}/24"
)
MACHINE = "vm create {name} --template debian-12 --cores 2 --memory 1024 --disk 12 --tags lab"
CALLS = [
    PveStep("ct create", "POST", r"/lxc$"),
    PveStep("ct tags", "PUT", r"/lxc/\d{5}/config$"),
    PveStep("ct start", "POST", r"/lxc/\d{5}/status/start$"),
    PveStep("ct address", "GET", r"/lxc/\d{5}/interfaces$"),
    PveStep("vm clone", "POST", r"/clone$"),
    PveStep("vm settings", "POST", r"/qemu/\d{5}/config$"),
    PveStep("vm disk", "PUT", r"/qemu/\d{5}/resize$"),
    PveStep("vm start", "POST", r"/qemu/\d{5}/status/start$"),
]


@pytest.fixture
def site(owners: Site) -> Iterator[Site]:
    owners.cluster.give_addresses_after(0.2)
    yield owners
    owners.cluster.clear_faults()


@pytest.mark.parametrize("executed", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_killed(site: Site, call: PveStep, executed: bool, matrix: Callable[..., None]) -> None:
    name = f"{call.name.replace(' ', '-')}-{'after' if executed else 'before'}"
    seen = len(site.workspace.user("ana").sees("#acme"))
    words = CONTAINER if "ct" in call.name else MACHINE
    words = words.format(name=name, last=10 + len(site.cluster.guests))

    turn = killed_in(site, call, lambda: site.ask("ana", words, "#acme"), executed=executed)
    restarted_at = time.monotonic()
    site.bot.start()

    turn.final("is ready", PATIENCE_S)
    until(lambda: not site.rows("SELECT id FROM turns WHERE told < wanted"), what="all told")
    took_s = time.monotonic() - restarted_at
    made = [guest for guest in site.cluster.guests if guest.name == name]
    shown = [one for one in site.workspace.user("ana").sees("#acme")[seen:] if not one.notice]
    audited = site.rows(
        "SELECT audit.phase FROM audit JOIN operations ON operations.id = audit.operation_id"
        " WHERE operations.name = ? ORDER BY seq",
        name,
    )
    leases = site.rows("SELECT vmid FROM leases WHERE name = ?", name)
    word = "executed, not answered" if executed else "sent, not executed"
    matrix(
        f"create: {call.name} {word}",
        "",
        f"{len(made)} guest",
        f"{len(shown)} shown",
        ", ".join(row["phase"] for row in audited),
        f"{took_s:.1f} s",
    )

    (guest,) = made
    assert (guest.pool, guest.status, guest.tags) == ("acme", "running", "lab")
    disk = guest.config["rootfs" if "ct" in call.name else "scsi0"]
    assert disk.endswith("size=9G" if "ct" in call.name else "size=12G")
    assert [row["vmid"] for row in leases] == [guest.vmid]
    assert site.cluster.left_behind() == []
    assert len(shown) == 1
    assert [row["phase"] for row in audited] == ["intent", "outcome"]
    assert site.is_audit_whole()
