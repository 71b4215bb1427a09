"""`kill -9` and lost answers while a guest goes back, and while a new one comes from a backup."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from playground.cluster import GuestView
from tests.process.jobs import Job, PveStep, Trouble, befall, cases
from tests.process.site import PATIENCE_S, Site

pytestmark = pytest.mark.process

_NUMBERS = itertools.count(601)


@dataclass(frozen=True, kw_only=True)
class GoingBack(Job):
    """The call that cannot be done twice meets every trouble, the others some."""

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


ROLLBACK = GoingBack(
    name="ct rollback",
    action="snapshot.rollback",
    words="ct snapshot rollback {vmid} good",
    done="is as it was at",
    steps=(
        PveStep("safety", "POST", r"/lxc/6\d\d/snapshot$", "vzsnapshot"),
        PveStep("rollback", "POST", r"/lxc/6\d\d/snapshot/good/rollback$", "vzrollback"),
    ),
    main="rollback",
    check=_went_back,
)
REVIVAL = GoingBack(
    name="ct restore as new",
    action="guest.restore",
    words="ct backup restore {vmid} 1 --as new-{vmid}",
    done="is there, from a backup",
    steps=(PveStep("restore", "POST", r"/lxc$", "vzrestore"),),
    main="restore",
    check=_came_back_as_new,
)
SOME = ("killed, done and not answered", "answer lost", "request lost")
CASES = cases(
    (ROLLBACK, REVIVAL),
    lambda job, step, trouble: step.name == job.main or trouble.name in SOME,
)


@pytest.mark.parametrize(("job", "step", "trouble"), CASES)
def test_it_happens_once(owners: Site, job: GoingBack, step: PveStep, trouble: Trouble, matrix):
    guest = _subject(owners, job, next(_NUMBERS))

    came = befall(owners, job, step, trouble, vmid=guest.vmid)

    matrix(*came.row(f"{guest.status} on {guest.node}"))
    job.check(owners, guest)
    assert came.finals == 1
    assert came.audit == (1, 1)


def test_the_audit_is_whole_after_all_of_it(owners: Site):
    assert owners.is_audit_whole()


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
