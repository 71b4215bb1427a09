"""From PVE's answers to observations: pure, one function for each answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from nubemox_bot.alerts import rules
from nubemox_bot.alerts.model import Observation, SubjectKind
from nubemox_bot.pve.figures import ClusterStatus
from nubemox_bot.pve.inventory import Snapshot
from nubemox_bot.pve.model import Guest, Storage
from nubemox_bot.pve.watching import EndedTask, HaState

CLUSTER: Final = SubjectKind.CLUSTER.value
_DAY_S: Final = 86_400
_HA_ERROR: Final = "error"

Keys = Collection[tuple[str, str]]
"""Rule and subject of the alerts that are open: of these the good news matters too."""

Open = Mapping[tuple[str, str], Mapping[str, Any]]
"""The same, with what was seen of each."""


def of_snapshot(snapshot: Snapshot, open_: Keys) -> Iterator[Observation]:
    """Nodes, storages and what HA says of guests. What PVE calls unknown is not observed."""
    yield Observation(rules.PVE_UNREACHABLE, CLUSTER, 0)
    for node in snapshot.nodes:
        subject = SubjectKind.NODE.named(node.name)
        facts = {"node": node.name}
        if node.status in ("online", "offline"):
            is_off = node.status == "offline"
            guests = sum(1 for one in snapshot.guests if one.node == node.name) if is_off else 0
            yield Observation(
                rules.NODE_OFFLINE, subject, float(is_off), {**facts, "guests": guests}
            )
        if node.is_online and node.max_memory_bytes:
            percent = 100 * node.memory_bytes / node.max_memory_bytes
            yield Observation(rules.NODE_MEMORY, subject, percent, facts)
    for storage in snapshot.merged_storages:
        if storage.is_available and storage.total_bytes:
            facts = {"storage": storage.storageid, "node": _where(storage)}
            percent = 100 * storage.used_bytes / storage.total_bytes
            yield Observation(rules.STORAGE_FULL, storage_subject(storage), percent, facts)
    for guest in snapshot.guests:
        if guest.ha_state is not None:
            key = (rules.HA_ERROR, guest_subject(guest.vmid))
            if guest.ha_state == _HA_ERROR or key in open_:
                value = float(guest.ha_state == _HA_ERROR)
                yield Observation(*key, value, guest_facts(guest))


def there(snapshot: Snapshot) -> dict[SubjectKind, frozenset[str]]:
    """Everything that exists, where the answer shows any of its kind at all."""
    found = {
        SubjectKind.NODE: {SubjectKind.NODE.named(node.name) for node in snapshot.nodes},
        SubjectKind.STORAGE: {storage_subject(one) for one in snapshot.merged_storages},
        SubjectKind.GUEST: {guest_subject(guest.vmid) for guest in snapshot.guests},
    }
    return {kind: frozenset(names) for kind, names in found.items() if names}


def pools(snapshot: Snapshot) -> dict[str, str]:
    """In which pool each guest is."""
    return {guest_subject(guest.vmid): guest.poolid or "" for guest in snapshot.guests}


def of_status(status: ClusterStatus) -> Iterator[Observation]:
    """Quorum, and which nodes are there."""
    offline = ", ".join(status.nodes_offline)
    yield Observation(
        rules.QUORUM_LOST, CLUSTER, float(not status.is_quorate), {"offline": offline}
    )


def of_ha(ha: HaState, snapshot: Snapshot, open_: Keys) -> Iterator[Observation]:
    """Services in error, and nodes that the HA manager takes for dead."""
    for vmid, state in ha.services.items():
        key = (rules.HA_ERROR, guest_subject(vmid))
        guest = snapshot.by_vmid(vmid)
        if guest is not None and (state == _HA_ERROR or key in open_):
            yield Observation(*key, float(state == _HA_ERROR), guest_facts(guest))
    if ha.is_quorate:
        # Both answers are whole and know nothing of it: it was taken out of HA, error and all.
        for guest in snapshot.guests:
            key = (rules.HA_ERROR, guest_subject(guest.vmid))
            if key in open_ and guest.ha_state is None and guest.vmid not in ha.services:
                yield Observation(*key, 0, guest_facts(guest))
    for node in snapshot.nodes:
        key = (rules.HA_ERROR, SubjectKind.NODE.named(node.name))
        if node.name in ha.dead_nodes or key in open_:
            yield Observation(*key, float(node.name in ha.dead_nodes), {"node": node.name})


def of_backup(
    task: EndedTask,
    failed: Mapping[int, str],
    good: Iterable[int],
    snapshot: Snapshot,
) -> Iterator[Observation]:
    """One ended vzdump: the guests whose backup failed and was finished, or the job as a whole.

    Args:
        failed: reasons by vmid, from the task's log where it is a job's.
        good: the vmids whose backup the log calls finished.
    """
    for vmid, reason in failed.items():
        guest = snapshot.by_vmid(vmid)
        facts = guest_facts(guest) if guest else {}
        told = {"reason": reason, "failed_at": task.ended_at.timestamp()}
        yield Observation(rules.BACKUP_FAILED, guest_subject(vmid), 1, {**facts, **told})
    for vmid in good:
        yield Observation(rules.BACKUP_FAILED, guest_subject(vmid), 0)
    subject = SubjectKind.NODE.named(task.upid.node)
    if task.succeeded:
        if task.upid.vmid is None:
            yield Observation(rules.BACKUP_FAILED, subject, 0)
    elif not failed:
        facts = {"node": task.upid.node, "reason": task.status}
        yield Observation(rules.BACKUP_FAILED, subject, 1, facts)


def of_newer_backup(vmid: int, made_at: datetime, open_: Open) -> Iterator[Observation]:
    """A backup that was made after the one that failed, by whatever it was made."""
    key = (rules.BACKUP_FAILED, guest_subject(vmid))
    failed_at = open_.get(key, {}).get("failed_at")
    if failed_at is not None and made_at.timestamp() > float(failed_at):
        yield Observation(*key, 0)


def of_backup_age(
    guest: Guest, since: datetime, facts: Mapping[str, Any], *, now: datetime, open_: Keys
) -> Iterator[Observation]:
    """How long a guest has been without a backup: since its newest, or since we know of it."""
    days = max(0.0, (now - since).total_seconds() / _DAY_S)
    key = (rules.BACKUP_MISSING, guest_subject(guest.vmid))
    if days > rules.RULES[rules.BACKUP_MISSING].trigger or key in open_:
        yield Observation(*key, days, {**guest_facts(guest), **facts})


def of_certificate(node: str, ends_at: datetime, now: datetime) -> Observation:
    """How many days a node's certificate has left."""
    days = (ends_at - now).total_seconds() / _DAY_S
    facts = {"node": node, "ends_at": ends_at.timestamp()}
    return Observation(rules.CERTIFICATE, SubjectKind.NODE.named(node), days, facts)


def guest_subject(vmid: int) -> str:
    """The subject of a guest."""
    return SubjectKind.GUEST.named(vmid)


def storage_subject(storage: Storage) -> str:
    """A shared storage by its name, a node's own with the node."""
    if storage.is_shared:
        return SubjectKind.STORAGE.named(storage.storageid)
    return SubjectKind.STORAGE.named(storage.node, storage.storageid)


def _where(storage: Storage) -> str:
    return "" if storage.is_shared else storage.node


def guest_facts(guest: Guest) -> dict[str, Any]:
    """What a message shows of a guest, and whose it is."""
    return {
        "vmid": guest.vmid,
        "guest": guest.name,
        "kind": guest.kind.noun,
        "node": guest.node,
        "pool": guest.poolid or "",
    }
