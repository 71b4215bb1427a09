"""`kill -9` and lost answers at each call of a deletion, and of a restore over the same guest."""

from __future__ import annotations

import itertools

import pytest

from tests.process.jobs import Job, PveStep, Trouble, befall, cases
from tests.process.site import PATIENCE_S, Site

pytestmark = pytest.mark.process

_NUMBERS = itertools.count(401)

DELETE = Job(
    name="ct delete",
    action="guest.delete",
    words="ct delete {vmid} --confirm victim-{vmid}",
    done="is deleted",
    steps=(
        PveStep("backup", "POST", r"/vzdump$", "vzdump"),
        PveStep("stop", "POST", r"/lxc/4\d\d/status/shutdown$", "vzshutdown"),
        PveStep("destroy", "DELETE", r"/lxc/4\d\d$", "vzdestroy"),
    ),
)
RESTORE = Job(
    name="vm restore",
    action="backup.restore",
    words="vm backup restore {vmid} 1",
    done="is back as it was",
    steps=(
        PveStep("backup", "POST", r"/vzdump$", "vzdump"),
        PveStep("stop", "POST", r"/qemu/4\d\d/status/shutdown$", "qmshutdown"),
        PveStep("restore", "POST", r"/qemu$", "qmrestore"),
        PveStep("start", "POST", r"/qemu/4\d\d/status/start$", "qmstart"),
    ),
)
# Stop and start are followed by steps of their own, which keep their UPIDs elsewhere.
CASES = cases(
    (DELETE, RESTORE),
    lambda job, step, trouble: not (trouble.needs_task and step.name in ("stop", "start")),
)


@pytest.mark.parametrize(("job", "step", "trouble"), CASES)
def test_it_happens_once(owners: Site, job: Job, step: PveStep, trouble: Trouble, matrix):
    vmid = next(_NUMBERS)
    _victim(owners, job, vmid)

    came = befall(owners, job, step, trouble, vmid=vmid)

    backups = _backups(owners, vmid)
    guest = owners.cluster.find_guest(vmid)
    matrix(*came.row(f"{'gone' if guest is None else guest.status}, {len(backups)} backups"))
    if job is DELETE:
        assert guest is None
        assert len(backups) == 1
    else:
        assert guest is not None
        assert (guest.status, guest.pool, guest.lock) == ("running", "acme", None)
        assert "description" not in guest.config
        assert len(backups) == 2
        assert len(owners.cluster.tasks("qmrestore", vmid)) == 1
    assert owners.cluster.left_behind() == []
    assert came.finals == 1
    assert came.audit == (1, 1)


def test_the_audit_is_whole_after_all_of_it(owners: Site):
    assert owners.is_audit_whole()


def _victim(site: Site, job: Job, vmid: int) -> None:
    """A running guest of acme's; for a restore, with a backup and a change since then."""
    add = site.cluster.add_container if job is DELETE else site.cluster.add_vm
    name = f"victim-{vmid}"
    guest = add(vmid, name=name, node="pve2", pool="acme", status="running")
    if job is RESTORE:
        site.ask("ana", f"vm backup create {vmid}", "#acme").final("is backed up", PATIENCE_S)
        guest.set_config(description="changed since")


def _backups(site: Site, vmid: int) -> list[str]:
    return [volid for volid in site.cluster.volumes("nfs") if f"-{vmid}-" in volid]
