"""How a power action is done: one call with the tenant's token, seen again after a crash."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.guests.errors import GuestMoved
from nubemox_bot.guests.service import SHUTDOWN_TIMEOUT_S
from nubemox_bot.operations.model import Operation, Progress, Unchanged
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import AlreadyRunning, AnswerLost, GuestConfigMissing, NotRunning
from nubemox_bot.pve.guests import PveGuests
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import Guest, GuestKind, GuestStatus
from nubemox_bot.pve.tasks import PveTasks
from nubemox_bot.tenancy.clients import TenantClients, acting_for
from nubemox_bot.tenancy.errors import TokenRefused
from nubemox_bot.tenancy.model import Tenant
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.tenancy.store import TenantStore

_TASK_TYPES = {
    Action.GUEST_START: ("qmstart", "vzstart", "hastart"),
    Action.GUEST_STOP: ("qmshutdown", "vzshutdown", "hastop"),
    Action.GUEST_FORCE_STOP: ("qmstop", "vzstop", "hastop"),
    Action.GUEST_REBOOT: ("qmreboot", "vzreboot"),
}
_ATTEMPTS = 2
_LOOKS = 3
_BETWEEN_LOOKS_S = 1.0


class PowerWork:
    """Start, stop, pull the plug, reboot.

    Args:
        known_upids: the tasks that operations on a guest are known to have started.
        pause: waits some seconds between two looks for a lost answer.
    """

    patience_s = 0.0
    steps = ("call",)

    def __init__(
        self,
        tenants: TenantStore,
        clients: TenantClients,
        inventory: Inventory,
        guests: PveGuests,
        tasks: PveTasks,
        known_upids: Callable[[int], Collection[str]],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._tenants = tenants
        self._clients = clients
        self._inventory = inventory
        self._guests = guests
        self._tasks = tasks
        self._known_upids = known_upids
        self._pause = pause

    def run(self, step: str, operation: Operation, *, again: bool) -> str | None:
        """Call PVE once; after a crash or a lost answer, look for what the call did first."""
        del step  # there is one
        try:
            with acting_for(self._tenant(operation)):
                return self._run(operation, again=again)
        except TokenRefused:
            self._moved(operation)  # a guest that left the pool is out of the token's reach
            raise

    def _run(self, operation: Operation, *, again: bool) -> str | None:
        client = self._client(operation)
        guest = self._guest(operation)
        if again and (upid := self._found(client, guest, operation, looks=1)):
            return upid
        for _attempt in range(_ATTEMPTS):
            try:
                return self._call(client, guest, Action(operation.action))
            except AnswerLost:
                if upid := self._found(client, guest, operation, looks=_LOOKS):
                    return upid
                self._refuse_if_reached(client, guest, operation)
            except GuestConfigMissing:
                guest = self._moved(operation)
            except (AlreadyRunning, NotRunning) as why:
                if Action(operation.action) is Action.GUEST_REBOOT:
                    raise
                raise Unchanged(why) from why
        raise AnswerLost

    def undo(self, step: str, operation: Operation) -> None:
        """A power action is not taken back."""

    def confirm(self, operation: Operation) -> Progress:
        """Whether the guest is now as it was wished, by PVE's live state."""
        try:
            live = self._guests.live_status(self._client(operation), self._guest(operation))
        except GuestConfigMissing:
            live = self._guests.live_status(self._client(operation), self._moved(operation))
        self._inventory.forget()
        return Progress.REACHED if _reached(operation, live) else Progress.NOT_YET

    def _client(self, operation: Operation) -> PveClient:
        tenant = self._tenant(operation)
        return self._clients.of(tenant) if tenant else self._clients.provisioning

    def _tenant(self, operation: Operation) -> Tenant | None:
        return self._tenants.by_id(operation.tenant_id) if operation.tenant_id else None

    @staticmethod
    def _guest(operation: Operation) -> Guest:
        return Guest(
            vmid=operation.vmid or 0,
            kind=GuestKind(operation.kind or ""),
            name=operation.name,
            node=operation.node or "",
            poolid=operation.poolid,
            ha_state="managed" if operation.parameters.get("ha") else None,
        )

    def _moved(self, operation: Operation) -> Guest:
        """The guest where it is now; it must still be in the pool that was authorized."""
        guest = self._inventory.fresh().by_vmid(operation.vmid or 0)
        if guest is None or guest.poolid != operation.poolid:
            raise GuestMoved(name=operation.name)
        return guest

    def _call(self, client: PveClient, guest: Guest, action: Action) -> str:
        match action:
            case Action.GUEST_START:
                return self._guests.start(client, guest)
            case Action.GUEST_STOP:
                return self._guests.shutdown(client, guest, timeout_s=SHUTDOWN_TIMEOUT_S)
            case Action.GUEST_REBOOT:
                return self._guests.reboot(client, guest, timeout_s=SHUTDOWN_TIMEOUT_S)
            case _:
                return self._guests.stop(client, guest, overrule_shutdown=not guest.is_ha)

    def _found(
        self, client: PveClient, guest: Guest, operation: Operation, *, looks: int
    ) -> str | None:
        """The task that our call started, if it did.

        PVE shows a token its own tasks of a guest, so nobody else's is taken for ours; and what
        an earlier operation started a moment ago is known by its UPID.
        """
        types = _TASK_TYPES[Action(operation.action)]
        since = operation.called_at or operation.created_at
        known = self._known_upids(guest.vmid)
        for look in range(looks):
            if look:
                self._pause(_BETWEEN_LOOKS_S)
            try:
                upid = self._tasks.find(client, guest, types=types, since=since, known=known)
            except AnswerLost:
                continue
            if upid:
                return upid
        return None

    def _refuse_if_reached(self, client: PveClient, guest: Guest, operation: Operation) -> None:
        """No task of ours, and yet as wished: somebody else did it, or a task we may not see."""
        if Action(operation.action) is Action.GUEST_REBOOT:
            return
        live = self._guests.live_status(client, guest)
        if _reached(operation, live):
            error: NubemoxError = (
                AlreadyRunning(guest=guest.name)
                if live.is_running
                else NotRunning(guest=guest.name)
            )
            raise Unchanged(error)


def _reached(operation: Operation, live: GuestStatus) -> bool:
    stops = Action(operation.action) in (Action.GUEST_STOP, Action.GUEST_FORCE_STOP)
    return live.is_running is not stops
