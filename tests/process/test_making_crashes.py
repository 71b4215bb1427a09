"""`kill -9` while a task of a creation runs, and lost answers at each of its calls: one guest."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pytest

from playground.cluster import GuestView
from playground.slack import Turn
from tests.process.harness import until
from tests.process.jobs import Job, PveStep, Trouble, all_told, befall, cases, fill
from tests.process.site import PATIENCE_S, Site

pytestmark = pytest.mark.process

_NUMBERS = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Making(Job):
    """With the disk that the guest is to have."""

    action: str = "guest.create"
    done: str = "is ready"
    disk: str
    disk_gib: int

    def label(self, step: PveStep, trouble: Trouble) -> str:
        return f"{self.name} {step.name}: {trouble.name}"


VM = Making(
    name="vm",
    words="vm create {name} --template debian-12-cloud --cores 2 --memory 2048 --disk 20"
    " --address 10.0.0.6/24 --gateway 10.0.0.1",
    steps=(
        PveStep("clone", "POST", r"/qemu/9000/clone$", "qmclone"),
        PveStep("config", "POST", r"/qemu/\d{5}/config$", "qmconfig"),
        PveStep("resize", "PUT", r"/qemu/\d{5}/resize$", "resize"),
        PveStep("start", "POST", r"/qemu/\d{5}/status/start$", "qmstart"),
    ),
    disk="scsi0",
    disk_gib=20,
)
CT = Making(
    name="ct",
    words="ct create {name} --template debian-12-standard --cores 1 --memory 512 --disk 8"
    " --address 10.0.0.5/24 --gateway 10.0.0.1",
    steps=(
        PveStep("create", "POST", r"/lxc$", "vzcreate"),
        PveStep("start", "POST", r"/lxc/\d{5}/status/start$", "vzstart"),
    ),
    disk="rootfs",
    disk_gib=8,
)
# A start's task is followed by a step of its own, which keeps its UPID elsewhere. What is killed
# within a call has tests of its own.
CASES = cases(
    (VM, CT),
    lambda job, step, trouble: (
        not (trouble.needs_task and step.name == "start") and not trouble.within_call
    ),
)


@pytest.mark.parametrize(("making", "step", "trouble"), CASES)
def test_one_guest_comes_of_it(
    owners: Site, making: Making, step: PveStep, trouble: Trouble, matrix
):
    name = f"box-{next(_NUMBERS)}"
    before = {guest.vmid for guest in owners.cluster.guests}

    came = befall(owners, making, step, trouble, name=name)

    made = [guest for guest in owners.cluster.guests if guest.vmid not in before]
    matrix(*came.row(f"{len(made)} made, {_disk_of(made, making)}"))
    assert [guest.name for guest in made] == [name]
    assert (made[0].pool, made[0].status, made[0].lock) == ("acme", "running", None)
    assert f"size={making.disk_gib}G" in made[0].config[making.disk]
    assert owners.cluster.left_behind() == []
    assert came.finals == 1
    assert came.audit == (1, 1)
    assert owners.rows("SELECT 1 FROM requests WHERE ended_at IS NULL") == []


@pytest.mark.parametrize("making", [VM, CT], ids=["vm", "ct"])
@pytest.mark.parametrize("executed", [False, True], ids=["not yet made", "half made"])
def test_what_fails_for_good_leaves_nothing_behind(owners: Site, making: Making, executed: bool):
    """Every storage is full when the bot comes back, or the task fails while it is dead."""
    name = f"box-{next(_NUMBERS)}"
    before = {guest.vmid for guest in owners.cluster.guests}
    first = making.steps[0]
    ask = lambda: owners.ask("ana", making.words.format(name=name), "#acme")
    if executed:
        with owners.cluster.tasks_held(first.task):
            turn = ask()
            until(lambda: owners.cluster.tasks(first.task)[-1].is_running, what="the task")
            owners.bot.kill()
            fill(owners, 100)
    else:
        held = owners.cluster.hang(method=first.method, path=first.path)
        turn = ask()
        until(lambda: held.hits, what="the call in PVE")
        owners.bot.kill()
        fill(owners, 100)
        owners.cluster.clear_faults()
    owners.cluster.wait_for_tasks()
    owners.bot.start()

    until(lambda: _ended(turn), within_s=PATIENCE_S * 2, what="a no in the end")
    all_told(owners)
    assert {guest.vmid for guest in owners.cluster.guests} == before
    assert owners.cluster.left_behind() == []
    assert owners.rows("SELECT 1 FROM requests WHERE ended_at IS NULL") == []


def test_the_audit_is_whole_after_all_of_it(owners: Site):
    assert owners.is_audit_whole()


def _ended(turn: Turn) -> bool:
    return any(":hourglass" not in one.all_text for one in turn.messages)


def _disk_of(made: list[GuestView], making: Making) -> str:
    return ", ".join(
        part
        for guest in made
        for part in str(guest.config.get(making.disk, "")).split(",")
        if part.startswith("size=")
    )
