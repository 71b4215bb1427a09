"""`kill -9` and lost answers at each call of a deletion, and of a restore over the same guest."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

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

_NUMBERS = itertools.count(401)


@dataclass(frozen=True)
class Job:
    """What is asked of a guest, and the calls that do it."""

    noun: str
    name: str
    action: str
    words: str
    done: str
    steps: tuple[PveStep, ...]


DELETE = Job(
    "ct",
    "delete",
    "guest.delete",
    "ct delete {vmid} --confirm victim-{vmid}",
    "is deleted",
    (
        PveStep("backup", "POST", r"/vzdump$", "vzdump"),
        PveStep("stop", "POST", r"/lxc/4\d\d/status/shutdown$", "vzshutdown"),
        PveStep("destroy", "DELETE", r"/lxc/4\d\d$", "vzdestroy"),
    ),
)
RESTORE = Job(
    "vm",
    "restore",
    "backup.restore",
    "vm backup restore {vmid} 1",
    "is back as it was",
    (
        PveStep("backup", "POST", r"/vzdump$", "vzdump"),
        PveStep("stop", "POST", r"/qemu/4\d\d/status/shutdown$", "qmshutdown"),
        PveStep("restore", "POST", r"/qemu$", "qmrestore"),
        PveStep("start", "POST", r"/qemu/4\d\d/status/start$", "qmstart"),
    ),
)
CASES = [
    pytest.param(job, step, trouble, id=f"{job.noun} {job.name}, {step.name}: {trouble.name}")
    for job in (DELETE, RESTORE)
    for step in job.steps
    for trouble in TROUBLES
    # Stop and start are followed by steps of their own, which keep their UPIDs elsewhere.
    if not (trouble.needs_task and step.name in ("stop", "start"))
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from owners_site(tmp_path_factory.mktemp("bot"))


@pytest.fixture(autouse=True)
def _a_bot_without_trouble(site: Site) -> None:
    without_trouble(site)


@pytest.mark.parametrize(("job", "step", "trouble"), CASES)
def test_it_happens_once(site: Site, job: Job, step: PveStep, trouble: Trouble, matrix):
    vmid = next(_NUMBERS)
    _victim(site, job, vmid)
    audited_before = audited(site, job.action)
    site.cluster.clear_calls()

    turn = trouble.strike(site, step, lambda: site.ask("ana", job.words.format(vmid=vmid), "#acme"))
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
    backups = _backups(site, vmid)
    guest = site.cluster.find_guest(vmid)
    matrix(
        f"{job.noun} {job.name}, {step.name}: {trouble.name}",
        str(len(sent)),
        f"{'gone' if guest is None else guest.status}, {len(backups)} backups",
        f"{len(turn.messages)} shown, {len(finals)} final",
        f"{audit[0]} intent, {audit[1]} outcome",
        f"{took_s:.1f} s",
    )

    if job is DELETE:
        assert guest is None
        assert len(backups) == 1
    else:
        assert guest is not None
        assert (guest.status, guest.pool, guest.lock) == ("running", "acme", None)
        assert "description" not in guest.config
        assert len(backups) == 2
        assert len(site.cluster.tasks("qmrestore", vmid)) == 1
    assert site.cluster.left_behind() == []
    assert len(finals) == 1
    assert audit == (1, 1)


def test_the_audit_is_whole_after_all_of_it(site: Site):
    assert site.is_audit_whole()


def _victim(site: Site, job: Job, vmid: int) -> None:
    """A running guest of acme's; for a restore, with a backup and a change since then."""
    add = site.cluster.add_container if job.noun == "ct" else site.cluster.add_vm
    name = f"victim-{vmid}"
    guest = add(vmid, name=name, node="pve2", pool="acme", status="running")
    if job is RESTORE:
        site.ask("ana", f"vm backup create {vmid}", "#acme").final("is backed up", PATIENCE_S)
        guest.set_config(description="changed since")


def _backups(site: Site, vmid: int) -> list[str]:
    return [volid for volid in site.cluster.volumes("nfs") if f"-{vmid}-" in volid]
