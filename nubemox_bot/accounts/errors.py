"""What platform admins are told when a user of Proxmox VE cannot be had."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class RealmForeign(NubemoxError):
    """People's users are in one realm; a setting says which."""

    kind = Kind.UNPROCESSABLE
    text = N_("{userid} is not in the realm {realm}, where people's own users are.")
    hint = N_("Name the user as `name@{realm}`.")


class RoleForeign(NubemoxError):
    """Only one role is handed out; more would go around quota and approval."""

    kind = Kind.UNPROCESSABLE
    text = N_("The role {roleid} is not handed out here.")
    hint = N_("Leave `roleid` out, or name {role}.")


class UserReserved(NubemoxError):
    """The name is, or is kept for, a user that tokens of ours act as."""

    kind = Kind.CONFLICT
    text = N_("{userid} is kept for the bot and its tenants.")
    hint = N_("Choose another name; names that begin with `t-` in the realm pve are kept.")


class UserExists(NubemoxError):
    """There is such a user."""

    kind = Kind.CONFLICT
    text = N_("There is a user {userid} in Proxmox VE already.")


class PoolUnknown(NubemoxError):
    """There is no such pool in the cluster."""

    kind = Kind.NOT_FOUND
    text = N_("There is no pool {poolid}.")
    hint = N_("`/nubemox pool list` shows the pools.")
