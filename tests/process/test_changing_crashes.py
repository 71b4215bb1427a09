"""`kill -9` and lost answers at each call of another size, a copy, and a move to another node."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
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
    """What is asked of a guest and by whom, the calls that do it, and what is to be seen then."""

    name: str
    action: str
    who: str
    where: str
    words: str
    done: str
    steps: tuple[PveStep, ...]
    seen: Callable[[Site, int], str]
    wanted: str


def _size(site: Site, vmid: int) -> str:
    config = site.cluster.guest(vmid).config
    disk = next(part for part in config["rootfs"].split(",") if part.startswith("size="))
    return f"{config['memory']} MiB, {disk.removeprefix('size=')}"


def _copies(site: Site, vmid: int) -> str:
    copies = [one for one in site.cluster.guests if one.name == f"copy-{vmid}"]
    source = site.cluster.guest(vmid)
    places = ", ".join(str(one.pool) for one in copies)
    return f"{len(copies)} in {places}; {len(source.snapshots)} snapshots, {source.lock}"


def _node(site: Site, vmid: int) -> str:
    guest = site.cluster.guest(vmid)
    return f"{guest.status} on {guest.node}, in {guest.pool}, {guest.lock}"


JOBS = [
    Job(
        "resize",
        "guest.resize",
        "ana",
        "#acme",
        "ct resize {vmid} --memory 1024 --disk +5",
        "has its new size",
        (
            PveStep("settings", "PUT", r"/lxc/4\d\d/config$"),
            PveStep("disk", "PUT", r"/lxc/4\d\d/resize$", "resize"),
        ),
        _size,
        "1024 MiB, 13G",
    ),
    Job(
        "clone",
        "guest.clone",
        "ana",
        "#acme",
        "ct clone {vmid} copy-{vmid}",
        "is there, a copy",
        (
            PveStep("snapshot", "POST", r"/lxc/4\d\d/snapshot$", "vzsnapshot"),
            PveStep("copy", "POST", r"/lxc/4\d\d/clone$", "vzclone"),
            # Its end is seen by looking, so no UPID of it is kept.
            PveStep("tidy", "DELETE", r"/lxc/4\d\d/snapshot/[\w-]+$"),
        ),
        _copies,
        "1 in acme; 0 snapshots, None",
    ),
    Job(
        "migrate",
        "guest.migrate",
        "carla",
        "#ops",
        "ct migrate {vmid} --node pve3",
        "pve3",
        (PveStep("move", "POST", r"/lxc/4\d\d/migrate$", "vzmigrate"),),
        _node,
        "running on pve3, in acme, None",
    ),
]
CASES = [
    pytest.param(job, step, trouble, id=f"{job.name}, {step.name}: {trouble.name}")
    for job in JOBS
    for step in job.steps
    for trouble in TROUBLES
    if step.task or not trouble.needs_task
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
    site.cluster.add_container(
        vmid,
        name=f"site-{vmid}",
        node="pve2",
        pool="acme",
        status="running",
        rootfs=f"ceph:vm-{vmid}-disk-0,size=8G",
    )
    audited_before = audited(site, job.action)
    site.cluster.clear_calls()

    turn = trouble.strike(
        site, step, lambda: site.ask(job.who, job.words.format(vmid=vmid), job.where)
    )
    began = time.monotonic()
    if trouble.restarts:
        site.cluster.clear_faults()
        site.bot.start()
    turn.final(job.done, PATIENCE_S * 2)
    all_told(site)
    took_s = time.monotonic() - began

    sent = site.cluster.calls(step.method, step.path)
    finals = [one for one in turn.messages if job.done in one.text and one.history[1:]]
    then = zip(audited(site, job.action), audited_before, strict=True)
    audit = tuple(after - before for after, before in then)
    seen = job.seen(site, vmid)
    matrix(
        f"{job.name}, {step.name}: {trouble.name}",
        str(len(sent)),
        seen,
        f"{len(turn.messages)} shown, {len(finals)} final",
        f"{audit[0]} intent, {audit[1]} outcome",
        f"{took_s:.1f} s",
    )

    assert seen == job.wanted
    assert site.cluster.left_behind() == []
    assert len(turn.messages) == 1
    assert audit == (1, 1)
    assert site.rows("SELECT 1 FROM requests WHERE ended_at IS NULL") == []


def test_the_audit_is_whole_after_all_of_it(site: Site):
    assert site.is_audit_whole()
