"""`kill -9` and lost answers at each call of another size, a copy, and a move to another node."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from playground.slack import Message
from tests.process.jobs import Job, PveStep, Trouble, befall, cases
from tests.process.site import Site

pytestmark = pytest.mark.process

_NUMBERS = itertools.count(401)


@dataclass(frozen=True, kw_only=True)
class Change(Job):
    """With what is to be seen of the guest in the end."""

    seen: Callable[[Site, int], str]
    wanted: str

    def is_final(self, message: Message) -> bool:
        """What it says in the end can also be in what it says first."""
        return super().is_final(message) and bool(message.history[1:])


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
    Change(
        name="resize",
        action="guest.resize",
        words="ct resize {vmid} --memory 1024 --disk +5",
        done="has its new size",
        steps=(
            PveStep("settings", "PUT", r"/lxc/4\d\d/config$"),
            PveStep("disk", "PUT", r"/lxc/4\d\d/resize$", "resize"),
        ),
        seen=_size,
        wanted="1024 MiB, 13G",
    ),
    Change(
        name="clone",
        action="guest.clone",
        words="ct clone {vmid} copy-{vmid}",
        done="is there, a copy",
        steps=(
            PveStep("snapshot", "POST", r"/lxc/4\d\d/snapshot$", "vzsnapshot"),
            PveStep("copy", "POST", r"/lxc/4\d\d/clone$", "vzclone"),
            # Its end is seen by looking, so no UPID of it is kept.
            PveStep("tidy", "DELETE", r"/lxc/4\d\d/snapshot/[\w-]+$"),
        ),
        seen=_copies,
        wanted="1 in acme; 0 snapshots, None",
    ),
    Change(
        name="migrate",
        action="guest.migrate",
        who="carla",
        where="#ops",
        words="ct migrate {vmid} --node pve3",
        done="pve3",
        steps=(PveStep("move", "POST", r"/lxc/4\d\d/migrate$", "vzmigrate"),),
        seen=_node,
        wanted="running on pve3, in acme, None",
    ),
]
CASES = cases(JOBS, lambda job, step, trouble: bool(step.task) or not trouble.needs_task)


@pytest.mark.parametrize(("job", "step", "trouble"), CASES)
def test_it_happens_once(owners: Site, job: Change, step: PveStep, trouble: Trouble, matrix):
    vmid = next(_NUMBERS)
    owners.cluster.add_container(
        vmid,
        name=f"site-{vmid}",
        node="pve2",
        pool="acme",
        status="running",
        rootfs=f"ceph:vm-{vmid}-disk-0,size=8G",
    )

    came = befall(owners, job, step, trouble, vmid=vmid)

    seen = job.seen(owners, vmid)
    matrix(*came.row(seen))
    assert seen == job.wanted
    assert owners.cluster.left_behind() == []
    assert len(came.turn.messages) == 1
    assert came.audit == (1, 1)
    assert owners.rows("SELECT 1 FROM requests WHERE ended_at IS NULL") == []


def test_the_audit_is_whole_after_all_of_it(owners: Site):
    assert owners.is_audit_whole()
