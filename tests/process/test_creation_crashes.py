"""`kill -9` at each step of making a guest: it exists once, as asked for, and is told once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from playground.slack import Turn
from tests.process.harness import until
from tests.process.site import PATIENCE_S, Site, site_in

pytestmark = pytest.mark.process

CONTAINER = (
    "ct create {name} --template debian-12 --cores 2 --memory 1024 --disk 9 --tags lab"
    " --address 10.0.0.{last}/24"
)
MACHINE = "vm create {name} --template debian-12 --cores 2 --memory 1024 --disk 12 --tags lab"


@dataclass(frozen=True)
class Call:
    """One call on the way of a guest."""

    step: str
    words: str
    method: str
    path: str


CALLS = [
    Call("ct create", CONTAINER, "POST", r"/lxc$"),
    Call("ct tags", CONTAINER, "PUT", r"/lxc/\d{5}/config$"),
    Call("ct start", CONTAINER, "POST", r"/lxc/\d{5}/status/start$"),
    Call("ct address", CONTAINER, "GET", r"/lxc/\d{5}/interfaces$"),
    Call("vm clone", MACHINE, "POST", r"/clone$"),
    Call("vm settings", MACHINE, "POST", r"/qemu/\d{5}/config$"),
    Call("vm disk", MACHINE, "PUT", r"/qemu/\d{5}/resize$"),
    Call("vm start", MACHINE, "POST", r"/qemu/\d{5}/status/start$"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A bot that lets small guests through, with room for all of them."""
    with site_in(
        tmp_path_factory.mktemp("bot"),
        NUBEMOX_AUTO_APPROVE="cores<=2,memory<=2048,disk<=16",
        NUBEMOX_DEFAULT_QUOTA="guests=99,cores=999,memory=999999,disk=9999",
    ) as one:
        one.onboard()
        one.ask("carla", "tenant add acme @ana --role owner").final("owner of", PATIENCE_S)
        one.cluster.give_addresses_after(0.2)
        yield one


@pytest.fixture(autouse=True)
def _a_bot_without_trouble(site: Site):
    if site.bot.process is None or site.bot.process.poll() is not None:
        site.bot.start()
    yield
    site.cluster.clear_faults()


@pytest.mark.parametrize("executed", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.step)
def test_killed(site: Site, call: Call, executed: bool, matrix: Callable[..., None]) -> None:
    name = f"{call.step.replace(' ', '-')}-{'after' if executed else 'before'}"
    seen = len(site.workspace.user("ana").sees("#acme"))

    turn = _killed_in(site, name, call, executed=executed)
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
        f"create: {call.step} {word}",
        "",
        f"{len(made)} guest",
        f"{len(shown)} shown",
        ", ".join(row["phase"] for row in audited),
        f"{took_s:.1f} s",
    )

    (guest,) = made
    assert (guest.pool, guest.status, guest.tags) == ("acme", "running", "lab")
    disk = guest.config["rootfs" if "ct" in call.step else "scsi0"]
    assert disk.endswith("size=9G" if "ct" in call.step else "size=12G")
    assert [row["vmid"] for row in leases] == [guest.vmid]
    assert site.cluster.left_behind() == []
    assert len(shown) == 1
    assert [row["phase"] for row in audited] == ["intent", "outcome"]
    assert site.is_audit_whole()


def _killed_in(site: Site, name: str, call: Call, *, executed: bool) -> Turn:
    where: dict[str, Any] = {"method": call.method, "path": call.path, "times": 1}
    held = site.cluster.slow_body(30.0, **where) if executed else site.cluster.hang(**where)
    answered = len(site.cluster.calls(call.method, call.path))
    words = call.words.format(name=name, last=10 + len(site.cluster.guests))

    turn = site.ask("ana", words, "#acme")

    until(lambda: held.hits, what=f"the call of {call.step}")
    if executed:
        until(lambda: len(site.cluster.calls(call.method, call.path)) > answered, what="its effect")
    site.bot.kill()
    held.clear()
    return turn
