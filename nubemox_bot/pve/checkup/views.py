"""What `doctor` says of Proxmox VE."""

from __future__ import annotations

from collections.abc import Sequence

from nubemox_bot.core.checkup import Finding
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.i18n import _


def unreached(error: NubemoxError) -> Finding:
    """It does not answer at all."""
    mend = error.advice() or _("look at PROXMOX_HOST and the token")
    return Finding.bad(f"Proxmox VE: {error.message()}", mend)


def cut_short(error: NubemoxError) -> Finding:
    """It answered, and did not let this be seen."""
    return Finding.bad(f"Proxmox VE: {error.message()}", error.advice() or _("see above"))


def untold(what: str) -> Finding:
    """This version has no way to ask for it."""
    return Finding.note(
        _("Proxmox VE cannot be asked here: {what}; it was not checked").format(what=what)
    )


def the_role(role: str) -> str:
    """What is looked at."""
    return _("role {role}").format(role=role)


def the_rights() -> str:
    """What is looked at."""
    return _("rights of the bot's user")


def the_group(group: str) -> str:
    """What is looked at."""
    return _("group {group}").format(group=group)


def the_quorum() -> str:
    """What is looked at."""
    return _("quorum")


def answers(version: str, latency_ms: float) -> Finding:
    """It answers, and how fast."""
    return Finding.good(
        _("Proxmox VE {version} answers in {ms} ms").format(version=version, ms=round(latency_ms))
    )


def role_missing(role: str, privileges: Sequence[str]) -> Finding:
    """The tenants' role is not there."""
    return Finding.bad(
        _("role {role} is missing").format(role=role),
        "",
        f'pveum role add {role} -privs "{" ".join(privileges)}"',
    )


def role_differs(role: str, privileges: Sequence[str]) -> Finding:
    """The tenants' role holds more or less than these."""
    return Finding.bad(
        _("role {role} holds other privileges than it should").format(role=role),
        "",
        f'pveum role modify {role} -privs "{" ".join(privileges)}"',
    )


def role_good(role: str) -> Finding:
    """The tenants' role is as it should be."""
    return Finding.good(the_role(role))


def rights_lacking(
    user: str, path: str, missing: Sequence[str], role: str, privileges: Sequence[str]
) -> Finding:
    """The bot's own user may do too little on a path; a role of these privileges mends it."""
    return Finding.bad(
        _("{user} lacks {privileges} on {path}").format(
            user=user, privileges=", ".join(missing), path=path
        ),
        "",
        f'pveum role add {role} -privs "{" ".join(privileges)}"  # if it is not there',
        f"pveum acl modify {path} -user {user} -role {role}",
    )


def rights_good(path: str) -> Finding:
    """The bot's own user may do what it must on a path."""
    return Finding.good(_("rights on {path}").format(path=path))


def group_missing(group: str) -> Finding:
    """The group of the tenants' service users is not there."""
    return Finding.bad(
        _("group {group} is missing").format(group=group), "", f"pveum group add {group}"
    )


def group_good(group: str) -> Finding:
    """The group of the tenants' service users is there."""
    return Finding.good(the_group(group))


def no_quorum() -> Finding:
    """Nothing can be changed."""
    return Finding.bad(_("the cluster has no quorum"), _("pvecm status shows which nodes are away"))


def quorum(nodes_online: int) -> Finding:
    """The nodes agree."""
    return Finding.good(_("quorum, with {n} nodes online").format(n=nodes_online))
