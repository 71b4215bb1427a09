"""The last lock before the wire: a change that must never be is not sent, whoever asks for it."""

from __future__ import annotations

from collections.abc import Mapping

from nubemox_bot.pve.errors import UnsafeCall
from nubemox_bot.pve.paths import PvePath


def refuse_what_must_never_be(method: str, path: PvePath, params: Mapping[str, object]) -> None:
    """Stop a guest outside a pool, a privileged container, and a backup of guests not named.

    PVE before 9 makes a container privileged unless told otherwise, and any version takes a guest
    into no pool (PVE: pve-container LXC.pm, qemu-server Qemu.pm).

    Raises:
        UnsafeCall: it was not sent.
    """
    if method != "POST":
        return
    match path.segments:
        case ("nodes", _, "qemu" | "lxc" as kind):
            if not params.get("pool"):
                raise UnsafeCall(what="pool")
            if kind == "lxc" and str(params.get("unprivileged")) != "1":
                raise UnsafeCall(what="unprivileged")
        case ("nodes", _, "qemu" | "lxc", _, "clone"):
            if not params.get("pool"):
                raise UnsafeCall(what="pool")
        case ("nodes", _, "vzdump"):
            # Without a check of its own, PVE resolves the members of any pool here.
            if not params.get("vmid") or params.get("pool") or params.get("all"):
                raise UnsafeCall(what="vmid")
