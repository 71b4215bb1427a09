"""What `doctor` asks Proxmox VE: does it answer, and do the bot's rights reach far enough?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nubemox_bot.core.checkup import Finding
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.pve.access import PveAccess
from nubemox_bot.pve.checkup import views
from nubemox_bot.pve.cluster import PveCluster
from nubemox_bot.pve.errors import PveUnsupported
from nubemox_bot.pve.figures import PveVersion

TENANT_PRIVILEGES: Final = (
    "Pool.Audit",
    "VM.Audit",
    "VM.PowerMgmt",
    "VM.Console",
    "VM.Snapshot",
    "VM.Snapshot.Rollback",
)
_SINCE_9: Final = ("VM.GuestAgent.Audit",)
_POOLS_PRIVILEGES: Final = (
    "Pool.Allocate",
    "VM.Allocate",
    "VM.Backup",
    "VM.Clone",
    "VM.Config.CDROM",
    "VM.Config.CPU",
    "VM.Config.Cloudinit",
    "VM.Config.Disk",
    "VM.Config.HWType",
    "VM.Config.Memory",
    "VM.Config.Network",
    "VM.Config.Options",
    "VM.Migrate",
)


def tenant_privileges(version: PveVersion) -> list[str]:
    """What the tenants' role should hold on this PVE."""
    return [*TENANT_PRIVILEGES, *(_SINCE_9 if version.is_at_least(9) else ())]


def check_pve(
    cluster: PveCluster, access: PveAccess, *, user: str, group: str, role: str, realm: str
) -> list[Finding]:
    """Look at reach, version, quorum, the tenants' role and group, and the bot's own rights.

    Args:
        user: the bot's own user, for the lines that mend.
        group: PVE group of the tenants' service users.
        role: PVE role of the tenants.
        realm: realm of people's own PVE users.
    """
    try:
        reach = cluster.test()
    except NubemoxError as error:
        return [views.unreached(error)]
    found = [views.answers(reach.version.text, reach.latency_ms)]
    meant = tenant_privileges(reach.version)
    on_pools = [*meant, *_POOLS_PRIVILEGES]
    looks: tuple[tuple[str, Callable[[], list[Finding]]], ...] = (
        (views.the_role(role), lambda: [_role(access, role, meant)]),
        (views.the_rights(), lambda: _rights(access, user, group, realm, on_pools)),
        (views.the_group(group), lambda: [_group(access, group)]),
        (views.the_quorum(), lambda: [_quorum(cluster)]),
    )
    for what, look in looks:
        try:
            found += look()
        except PveUnsupported:
            found.append(views.untold(what))
        except NubemoxError as error:
            found.append(views.cut_short(error))
    return found


def _role(access: PveAccess, role: str, meant: list[str]) -> Finding:
    held = access.roles().get(role)
    if held is None:
        return views.role_missing(role, meant)
    if held != set(meant):
        return views.role_differs(role, meant)
    return views.role_good(role)


def _rights(
    access: PveAccess, user: str, group: str, realm: str, on_pools: list[str]
) -> list[Finding]:
    realms = sorted({"pve", realm})
    wanted: list[tuple[str, list[str], str]] = [
        ("/", ["Sys.Audit"], "NubemoxAudit"),
        ("/pool", on_pools, "NubemoxPools"),
        ("/vms", ["VM.Audit", "VM.Backup"], "NubemoxSee"),
        (f"/access/groups/{group}", ["User.Modify"], "NubemoxUsers"),
        *((f"/access/realm/{one}", ["Realm.AllocateUser"], "NubemoxRealm") for one in realms),
    ]
    found = []
    for path, privileges, role in wanted:
        held = access.permissions(path=path).get(path, {})
        if missing := [one for one in privileges if one not in held]:
            found.append(views.rights_lacking(user, path, missing, role, privileges))
        else:
            found.append(views.rights_good(path))
    return found


def _group(access: PveAccess, group: str) -> Finding:
    if group in access.list_groups():
        return views.group_good(group)
    return views.group_missing(group)


def _quorum(cluster: PveCluster) -> Finding:
    status = cluster.status()
    if not status.is_quorate:
        return views.no_quorum()
    return views.quorum(len(status.nodes_online))
