"""`kill -9` and lost answers while a guest goes back, and while a new one comes from a backup."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from playground.cluster import GuestView
from tests.process.jobs import (
    TROUBLES,
    PveStep,
    Trouble,
    all_told,
    audited,
    owners_site,
    without_trouble,
)
from tests.process.site import PATIENCE_S, Site

pytestmark = pytest.mark.process

_NUMBERS = itertools.count(601)


@dataclass(frozen=True)
class Job:
    """What is asked of a guest, the calls that do it, and what is true of it afterwards."""

    noun: str
    name: str
    action: str
    words: str
    done: str
    steps: tuple[PveStep, ...]
    """The one that cannot be done twice meets every trouble, the others some."""
    main: str
    check: Callable[[Site, GuestView], None]


def _went_back(site: Site, guest: GuestView) -> None:
    assert int(guest.config["memory"]) == 1024
    assert guest.status == "running"
    assert len([one for one in guest.snapshots if one.startswith("before-rollback")]) == 1
    assert len(site.cluster.tasks("vzsnapshot", guest.vmid)) == 1


def _came_back_as_new(site: Site, guest: GuestView) -> None:
    (new,) = [one for one in site.cluster.guests if one.name == f"new-{guest.vmid}"]
    assert (new.pool, new.status, new.lock) == ("acme", "stopped", None)
    assert str(new.config["unprivileged"]) == "1"


ROLLBACK = Job(
    "ct",
    "rollback",
    "snapshot.rollback",
    "ct snapshot rollback {vmid} good",
    "is as it was at",
    (
        PveStep("safety", "POST", r"/lxc/6\d\d/snapshot$", "vzsnapshot"),
        PveStep("rollback", "POST", r"/lxc/6\d\d/snapshot/good/rollback$", "vzrollback"),
    ),
    "rollback",
    _went_back,
)
REVIVAL = Job(
    "ct",
    "restore as new",
    "guest.restore",
    "ct backup restore {vmid} 1 --as new-{vmid}",
    "is there, from a backup",
    (PveStep("restore", "POST", r"/lxc$", "vzrestore"),),
    "restore",
    _came_back_as_new,
)
SOME = ("killed, done and not answered", "answer lost", "request lost")
CASES = [
    pytest.param(job, step, trouble, id=f"{job.noun} {job.name}, {step.name}: {trouble.name}")
    for job in (ROLLBACK, REVIVAL)
    for step in job.steps
    for trouble in TROUBLES
    if step.name == job.main or trouble.name in SOME
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from owners_site(tmp_path_factory.mktemp("bot"))


@pytest.fixture(autouse=True)
def _a_bot_without_trouble(site: Site) -> None:
    without_trouble(site)


@pytest.mark.parametrize(("job", "step", "trouble"), CASES)
def test_it_happens_once(site: Site, job: Job, step: PveStep, trouble: Trouble, matrix):
    guest = _subject(site, job, next(_NUMBERS))
    audited_before = audited(site, job.action)
    site.cluster.clear_calls()

    words = job.words.format(vmid=guest.vmid)
    turn = trouble.strike(site, step, lambda: site.ask("ana", words, "#acme"))
    began = time.monotonic()
    if trouble.restarts:
        site.cluster.clear_faults()
        site.bot.start()
    turn.final(job.done, PATIENCE_S * 2)
    all_told(site)
    took_s = time.monotonic() - began

    sent = site.cluster.calls(step.method, step.path)
    finals = [one for one in turn.messages if job.done in one.text]
    then = zip(audited(site, job.action), audited_before, strict=True)
    audit = tuple(after - before for after, before in then)
    matrix(
        f"{job.noun} {job.name}, {step.name}: {trouble.name}",
        str(len(sent)),
        f"{guest.status} on {guest.node}",
        f"{len(turn.messages)} shown, {len(finals)} final",
        f"{audit[0]} intent, {audit[1]} outcome",
        f"{took_s:.1f} s",
    )

    job.check(site, guest)
    assert len(finals) == 1
    assert audit == (1, 1)


def test_the_audit_is_whole_after_all_of_it(site: Site):
    assert site.is_audit_whole()


def _subject(site: Site, job: Job, vmid: int) -> GuestView:
    """A running guest of acme's on shared disks, with what the job needs of it."""
    given: dict[str, Any] = {
        "name": f"subject-{vmid}",
        "node": "pve2",
        "pool": "acme",
        "status": "running",
    }
    disk = f"ceph:vm-{vmid}-disk-0,size=16G"
    guest = site.cluster.add_container(
        vmid, memory=1024, cores=1, unprivileged=1, rootfs=disk, **given
    )
    if job is ROLLBACK:
        guest.add_snapshot("good", age_s=60)
        guest.set_config(memory=512)
    if job is REVIVAL:
        site.ask("ana", f"ct backup create {vmid}", "#acme").final("is backed up", PATIENCE_S)
    return guest
