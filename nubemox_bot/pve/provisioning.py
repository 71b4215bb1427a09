"""Making guests, changing them, moving them and removing them: each as one call.

The client is a parameter: this is the provisioning token's business, after our own checks, since a
tenant's token must not hold such rights. Guests are given as just looked up, since their node is
part of every path. What returns a UPID has only begun: the task tells whether it succeeded.

All raise:
    InvalidName: a value is nothing that PVE takes; nothing was sent.
    PveForbidden, GuestConfigMissing, GuestLocked, NoQuorum: PVE's own no.
    AnswerLost: it was sent, and no answer came: look before deciding.
"""

from __future__ import annotations

from nubemox_bot.pve import values
from nubemox_bot.pve.calls import Write, rows_of
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import (
    HasHookscript,
    PrivilegedSource,
    PveUnintelligible,
)
from nubemox_bot.pve.guestconfig import GuestConfig, Pending
from nubemox_bot.pve.guestsettings import config_parameters
from nubemox_bot.pve.migration import Preconditions, migrate, migrate_write
from nubemox_bot.pve.migration import preconditions as migrate_preconditions
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.pve.paths import guest_path
from nubemox_bot.pve.specs import CloneSpec, ContainerSpec, Nic, VmSpec

__all__ = [
    "CloneSpec",
    "ContainerSpec",
    "GuestConfig",
    "Nic",
    "Pending",
    "Preconditions",
    "VmSpec",
    "Write",
    "clone",
    "config",
    "create_container",
    "create_vm",
    "destroy",
    "destroy_write",
    "migrate",
    "migrate_preconditions",
    "migrate_write",
    "pending",
    "refuse_unfit_source",
    "resize_disk",
    "resize_write",
    "set_config",
    "set_config_write",
]

# PUT config and a clone's first steps may take longer than a read.
CHANGE_TIMEOUT_S = 30.0


def create_container(client: PveClient, spec: ContainerSpec) -> str:
    """Begin to make a container; the UPID.

    Raises:
        AlreadyExists: the vmid is taken.
        PoolMissing, EntryMissing, StorageUnfit: something that it names is not there, or unfit.
    """
    return spec.write().begin(client.patient(CHANGE_TIMEOUT_S))


def create_vm(client: PveClient, spec: VmSpec) -> str:
    """Begin to make a VM; the UPID. Raises as `create_container`."""
    return spec.write().begin(client.patient(CHANGE_TIMEOUT_S))


def clone(client: PveClient, source: Guest, spec: CloneSpec) -> str:
    """Begin to clone; the UPID, of a task on the source's node.

    A clone takes over whether its source is privileged, and PVE does not look (PVE: pve-container
    `clone_vm`), so the source is looked at right before.

    Raises:
        PrivilegedSource, HasHookscript: the source must not be cloned.
        AlreadyExists: the vmid is taken; a VM's may also fail in the task.
        GuestLocked: of a container: another clone of the same source is running.
        LinkedCloneUnfit, CloneNeedsSharedStorage, CloneOfRunningContainer: it cannot be cloned so.
    """
    write = spec.write(source)
    refuse_unfit_source(source, config(client, source))
    return write.begin(client.patient(CHANGE_TIMEOUT_S))


def refuse_unfit_source(source: Guest, found: GuestConfig) -> None:
    """Refuse a source whose clones would be privileged, or run a script on the node.

    Raises:
        PrivilegedSource, HasHookscript.
    """
    if not found.is_unprivileged:
        raise PrivilegedSource(guest=source.name)
    if found.has_hookscript:
        raise HasHookscript(guest=source.name)


def config(
    client: PveClient, guest: Guest, *, next_start: bool = False, snapname: str | None = None
) -> GuestConfig:
    """The configuration that is in force now.

    Args:
        next_start: with what waits for the next start, instead.
        snapname: as it was when this snapshot was made, instead (PVE: not together with
            `current`).
    """
    now = None if next_start or snapname else 1
    row = client.get(guest_path(guest, "config"), current=now, snapshot=snapname)
    if not isinstance(row, dict):
        raise PveUnintelligible
    return GuestConfig.read(guest, row)


def pending(client: PveClient, guest: Guest) -> tuple[Pending, ...]:
    """What PVE took and a running guest cannot have before its next start."""
    rows = rows_of(client.get(guest_path(guest, "pending")))
    return tuple(found for row in rows if (found := Pending.of(row)) is not None)


def set_config(client: PveClient, guest: Guest, **changes: object) -> str | None:
    """Change settings: a VM's in a task, whose UPID is given; a container's at once: None.

    What a running guest cannot take waits for its next start; `pending` tells.

    Args:
        changes: `name`, `cores`, `memory_mib`, `description`, `tags`, `protection`, `onboot`;
            `swap_mib` (containers); `ssh_keys`, `ci_user`, `nic` (a VM's cloud-init address),
            `vm_card`, `ct_card` (its first network card, made anew), `agent`; `digest`, of the
            version that was looked at; `delete`, names of settings.

    Raises:
        ConfigChanged: somebody changed it since the digest was read.
        LockTimeout: somebody else's change took too long.
    """
    return set_config_write(guest, **changes).begin_or_do(client.patient(CHANGE_TIMEOUT_S))


def set_config_write(guest: Guest, **changes: object) -> Write:
    """The call of `set_config`."""
    method = "POST" if guest.kind is GuestKind.QEMU else "PUT"
    return Write(method, guest_path(guest, "config"), config_parameters(guest.kind, changes))


def resize_disk(client: PveClient, guest: Guest, disk: str, size_gib: float) -> str | None:
    """Grow a disk to a size; the UPID, or None where PVE has done it at once (before 8).

    The size is what it shall be and never what is added: sent twice, it grows once.

    Raises:
        AlreadyThatSize: of a container; a VM's task ends well.
        CannotShrink: it is larger already; a VM's task fails with it.
    """
    return resize_write(guest, disk, size_gib).begin_or_do(client.patient(CHANGE_TIMEOUT_S))


def resize_write(guest: Guest, disk: str, size_gib: float) -> Write:
    """The call of `resize_disk`."""
    parameters = {
        "disk": values.disk_key(guest.kind, disk),
        "size": values.absolute_size(size_gib),
    }
    return Write("PUT", guest_path(guest, "resize"), parameters)


def destroy(client: PveClient, guest: Guest) -> str:
    """Begin to remove a stopped guest with its disks, and from jobs and HA; the UPID.

    Its backups stay. Disks that its configuration does not name stay too: on a storage that two
    clusters share, they may be another guest's with the same number.

    Raises:
        StillRunning: it has to be stopped first.
        Protected: its protection is switched on.
        StillInUse: in the task: linked clones live on its disks.
    """
    return destroy_write(guest).begin(client.patient(CHANGE_TIMEOUT_S))


def destroy_write(guest: Guest) -> Write:
    """The call of `destroy`; a running container is never forced."""
    parameters = {"purge": 1, "destroy-unreferenced-disks": 0}
    return Write("DELETE", guest_path(guest), parameters)
