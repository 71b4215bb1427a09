"""Power and live state of one guest.

The client is a parameter: everyday actions use the tenant's own token, so that PVE checks too.
"""

from __future__ import annotations

from typing import Protocol

from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import AnswerLost, PveBadParameter
from nubemox_bot.pve.figures import PveVersion
from nubemox_bot.pve.model import Guest, GuestStatus, Upid
from nubemox_bot.pve.paths import guest_path

OVERRULES_SHUTDOWN_SINCE = (8, 2)
_OVERRULE = "overrule-shutdown"


class KnowsVersion(Protocol):
    """Who knows which PVE runs: parameters that it does not know are refused."""

    def version(self) -> PveVersion:
        """The running version; may be a few minutes old."""
        ...


class PveGuests:
    """What can be done to one guest at the API, each as one call.

    Every method takes the guest as just looked up, since its node is part of the path. All raise:
        GuestConfigMissing: it is not on that node (any more): look it up again.
        PveForbidden: the client's token has no such right on it, or it does not exist.
        AnswerLost: sent, and no answer came; look at the guest before deciding.
    """

    def __init__(self, cluster: KnowsVersion) -> None:
        self._cluster = cluster

    def live_status(self, client: PveClient, guest: Guest) -> GuestStatus:
        """Its state now, from its node, where the inventory is up to 12 s behind."""
        return GuestStatus.from_current(client.get(guest_path(guest, "status/current")))

    def start(self, client: PveClient, guest: Guest) -> str:
        """Start it; the UPID of the task that does.

        A VM that runs already fails in the task, a container at once; a container that has moved
        fails in the task (PVE: qemu-server and pve-container, `vm_start`). For an HA guest the
        task ends when the wish is queued: follow the guest's state then.

        Raises:
            AlreadyRunning, NoQuorum.
        """
        return self._begin(client, guest, "start")

    def shutdown(self, client: PveClient, guest: Guest, timeout_s: int = 60) -> str:
        """Ask it to shut down by itself, and give it `timeout_s`; never kills it.

        A stopped VM is a success that does nothing (PVE: qemu-server `_do_vm_stop`).

        Raises:
            NotRunning: a container that is stopped.
            CannotShutdown: a paused VM.
        """
        return self._begin(client, guest, "shutdown", timeout=timeout_s, forceStop=False)

    def stop(self, client: PveClient, guest: Guest, *, overrule_shutdown: bool = True) -> str:
        """Pull the plug.

        `overrule_shutdown` ends shutdowns of the same token that hold the guest's lock, which a
        stop would otherwise wait for and give up after 10 s. It is left out where PVE does not
        take it: before 8.2, for HA guests, and where PVE says so.

        Raises:
            NotRunning: a container that is stopped.
        """
        overrule = (
            overrule_shutdown
            and not guest.is_ha
            and self._cluster.version().is_at_least(*OVERRULES_SHUTDOWN_SINCE)
        )
        if overrule:
            try:
                return self._begin(client, guest, "stop", **{_OVERRULE: True})
            except PveBadParameter as error:
                # Refused before anything was done. A version is not always what it is called.
                if _OVERRULE not in str(error.data.get("faults")):
                    raise
        return self._begin(client, guest, "stop")

    def reboot(self, client: PveClient, guest: Guest, timeout_s: int = 60) -> str:
        """Shut it down by itself and start it again, which applies pending changes; never kills.

        Raises:
            NotRunning: either kind, when it is stopped.
        """
        return self._begin(client, guest, "reboot", timeout=timeout_s)

    def _begin(self, client: PveClient, guest: Guest, verb: str, **params: object) -> str:
        answer = client.post(guest_path(guest, f"status/{verb}"), **params)
        try:
            return Upid.parse(answer).text
        except ValueError:
            raise AnswerLost(route=verb) from None
