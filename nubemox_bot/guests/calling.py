"""A call that changes one guest, made once, whatever becomes of its answer.

A step of a work may run twice: after a crash, and after an answer that never came. So each call is
looked for before it is made again, among the tasks that the same token began, and in what it would
have done.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from nubemox_bot.guests.errors import GuestMoved, GuestRenamed
from nubemox_bot.operations.model import Operation, StepDone
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import (
    AlreadyExists,
    AnswerLost,
    GuestConfigMissing,
    TaskUnknown,
)
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import Guest, TaskStatus
from nubemox_bot.pve.tasks import PveTasks
from nubemox_bot.tenancy.clients import TenantClients
from nubemox_bot.tenancy.model import Tenant
from nubemox_bot.tenancy.store import TenantStore

_ATTEMPTS = 2
_LOOKS = 3
_BETWEEN_LOOKS_S = 1.0


def _never() -> bool:
    return False


class GuestCalls:
    """What works on guests share: the guest as it is now, the token, the call.

    Args:
        known_upids: the tasks that operations on a guest are known to have started.
        pause: waits some seconds between two looks for a lost answer.
    """

    def __init__(
        self,
        tenants: TenantStore,
        clients: TenantClients,
        inventory: Inventory,
        tasks: PveTasks,
        known_upids: Callable[[int], Collection[str]],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._tenants = tenants
        self._clients = clients
        self._tasks = tasks
        self._known_upids = known_upids
        self._pause = pause
        self.inventory = inventory

    @property
    def provisioning(self) -> PveClient:
        """The bot's own client, for what our own check alone has let through."""
        return self._clients.provisioning

    def tenant(self, operation: Operation) -> Tenant | None:
        """The tenant whose guest it is."""
        return self._tenants.by_id(operation.tenant_id) if operation.tenant_id else None

    def client(self, operation: Operation) -> PveClient:
        """The tenant's own client, so that PVE checks too; the bot's in a pool of no tenant."""
        tenant = self.tenant(operation)
        return self._clients.of(tenant) if tenant else self._clients.provisioning

    def guest(self, operation: Operation, *, renamed: bool = False) -> Guest:
        """The guest where it is now: the one that was authorized, or nothing is done.

        Args:
            operation: whose guest.
            renamed: whether another name is no wonder: what was restored may have its old one.

        Raises:
            GuestMoved: it is gone, or in another pool.
            GuestRenamed: that number is called otherwise now: perhaps another guest.
        """
        guest = self.find(operation)
        if guest is None:
            raise GuestMoved(name=operation.name)
        if guest.name != operation.name and not renamed:
            raise GuestRenamed(name=operation.name, now=guest.name)
        return guest

    def find(self, operation: Operation) -> Guest | None:
        """The guest where it is now, whatever it is called; None when it is not to be had."""
        guest = self.inventory.fresh().by_vmid(operation.vmid or 0)
        return guest if guest is not None and guest.poolid == operation.poolid else None

    def begin(
        self,
        client: PveClient,
        operation: Operation,
        types: Collection[str],
        call: Callable[[Guest], str | None],
        *,
        again: bool,
        happened: Callable[[], bool] = _never,
        renamed: bool = False,
        at: Guest | None = None,
        may_move: bool = False,
    ) -> str | None:
        """Have the call made; the task to follow, or None when there is nothing to follow.

        Args:
            client: who makes it; a token sees the tasks that it began.
            operation: what it is part of.
            types: how PVE names the task that it begins.
            call: makes it, to the guest where it is at that moment.
            again: whether it may have been made before.
            happened: whether its effect is there, for when no task tells.
            renamed: as for `guest`.
            at: a guest that is not looked for: it need not be there yet, or was seen just now.
            may_move: whether that one is looked for after all when it is not where it was.

        Raises:
            GuestMoved, GuestRenamed: the guest is not the authorized one any more.
            AnswerLost: it was sent twice, and nothing shows that it arrived.
            AlreadyExists: what it makes is there, and made by somebody else.
        """
        guest = at or self.guest(operation, renamed=renamed)

        def made(looks: int) -> StepDone | None:
            """What an earlier call did, if it arrived."""
            upid = self._found(client, guest, operation, types, looks=looks)
            return StepDone(upid) if upid or happened() else None

        if again and (done := made(looks=1)):
            return done.upid
        for attempt in range(_ATTEMPTS):
            try:
                return call(guest)
            except AnswerLost:
                if done := made(looks=_LOOKS):
                    return done.upid
            except AlreadyExists:
                # Perhaps by the call before this one, whose answer never came.
                done = made(looks=1) if again or attempt else None
                if done is None:
                    raise
                return done.upid
            except GuestConfigMissing:
                if at is not None and not may_move:
                    raise
                guest = self.guest(operation, renamed=renamed)
        raise AnswerLost

    def trace(
        self, client: PveClient, guest: Guest, operation: Operation, types: Collection[str]
    ) -> str | None:
        """The task that the operation began at any time, and was never answered with."""
        known = self._known_upids(guest.vmid)
        since = operation.created_at
        return self._tasks.find(client, guest, types=types, since=since, known=known)

    def ending(self, upid: str) -> TaskStatus | None:
        """How a task stands; None when PVE does not know it any more."""
        try:
            return self._tasks.status(upid)
        except TaskUnknown:
            return None

    def _found(
        self,
        client: PveClient,
        guest: Guest,
        operation: Operation,
        types: Collection[str],
        *,
        looks: int,
    ) -> str | None:
        """The task that our call began, if it did; what earlier steps began is known."""
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
