"""A new guest that is a copy or comes from a backup: is it there, is it right, and away with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from nubemox_bot.core.clock import Clock
from nubemox_bot.guests.calling import GuestCalls
from nubemox_bot.life.errors import NotUnprivilegedCopy
from nubemox_bot.operations.errors import NotYet
from nubemox_bot.operations.marks import is_marked
from nubemox_bot.operations.model import Operation
from nubemox_bot.pve import provisioning
from nubemox_bot.pve.errors import AlreadyExists, AnswerLost, GuestConfigMissing, StillRunning
from nubemox_bot.pve.guestconfig import GuestConfig
from nubemox_bot.pve.model import Guest

_THERE_WITHIN_S = 30.0
_WHOLE_WITHIN_S = 900.0
_MAY_ARRIVE_FOR_S: Final = 30.0
_REMOVAL: Final = ("qmdestroy", "vzdestroy")
_UNFINISHED = frozenset({"create", "clone", "disk"})
MADE: Final = "made_upid"
"""Where the results of an operation keep the task that made its guest."""


class Newcomer:
    """Looks at the guest of an operation's own number.

    Somebody else may have taken that number in Proxmox VE. So a guest is the operation's own by
    its mark, or by the good end of a task that the bot began under that very number; being there
    says nothing.
    """

    def __init__(self, calls: GuestCalls, clock: Clock) -> None:
        self._calls = calls
        self._clock = clock

    def is_there(self, operation: Operation) -> bool:
        """Whether the guest is there, whole, and the operation's own.

        Raises:
            NotYet: one is being made under that number; by whom is seen when it is whole.
        """
        found = self._find(operation)
        if found is None:
            return False
        if found[1].lock in _UNFINISHED:
            raise NotYet(within_s=_WHOLE_WITHIN_S)
        return is_marked(found[1].description, operation.id)

    def there(self, operation: Operation) -> tuple[Guest, GuestConfig]:
        """The guest of that number, in its pool.

        Raises:
            NotYet: it is not seen yet.
        """
        self._calls.inventory.forget()
        found = self._find(operation)
        if found is None:
            raise NotYet(within_s=_THERE_WITHIN_S)
        return found

    def settle(self, operation: Operation) -> None:
        """It must be in its pool, marked as the operation's, and a container unprivileged.

        Raises:
            NotYet: it is not seen yet.
            AlreadyExists: that number is somebody else's.
            NotUnprivilegedCopy: it must not stay.
        """
        _, config = self.there(operation)
        if not is_marked(config.description, operation.id):
            raise AlreadyExists(name=f"VM {operation.vmid}")
        if not config.is_unprivileged:
            raise NotUnprivilegedCopy(name=operation.name)

    def remove(
        self,
        operation: Operation,
        types: Collection[str],
        at: Guest,
        *,
        trusts_task: bool = False,
    ) -> None:
        """Take it away, if it is the operation's own; anything else is left alone.

        What a task of ours breaks off, PVE itself removes.

        Args:
            operation: what made it.
            types: how PVE names the task that makes it.
            at: the guest that such a task is listed with.
            trusts_task: it need not carry the mark yet, and the task that makes it is of that
                number.

        Raises:
            NotYet: it is on its way, one way or the other.
            AlreadyExists: our task may have ended well, and what is there cannot be told for ours.
        """
        client = self._calls.provisioning
        upid = operation.results.get(MADE) or self._calls.trace(client, at, operation, types)
        task = self._calls.ending(upid) if upid else None
        if task is not None and task.is_running:
            raise NotYet
        self._calls.inventory.forget()
        found = self._find(operation)
        if found is None:
            if upid is None and self._may_arrive(operation) and not self._is_removed(operation, at):
                raise NotYet
            return
        guest, config = found
        has_ended_well = task is not None and task.succeeded
        is_ours = is_marked(config.description, operation.id)
        if not (is_ours or (trusts_task and has_ended_well)):
            if has_ended_well or (upid and task is None):
                raise AlreadyExists(name=f"VM {operation.vmid}")
            return
        try:
            if config.lock in _UNFINISHED:
                raise NotYet
            provisioning.destroy(client, guest)
        except GuestConfigMissing:
            return
        except StillRunning:
            raise NotYet from None
        raise NotYet  # until it is seen nowhere

    def _find(self, operation: Operation) -> tuple[Guest, GuestConfig] | None:
        """It, in its pool; a guest of that number elsewhere is none of ours."""
        guest = self._calls.find(operation)
        if guest is None:
            return None
        try:
            return guest, provisioning.config(self._calls.provisioning, guest)
        except GuestConfigMissing:
            return None

    def _is_removed(self, operation: Operation, at: Guest) -> bool:
        """Whether it did arrive, and was taken away."""
        where = replace(at, vmid=operation.vmid or 0)
        client = self._calls.provisioning
        return self._calls.trace(client, where, operation, _REMOVAL) is not None

    def _may_arrive(self, operation: Operation) -> bool:
        """Whether a call that was never answered may still be on its way to PVE."""
        began = operation.called_at or operation.created_at
        age_s = (self._clock.now() - began).total_seconds()
        return operation.error_code == AnswerLost().code and age_s < _MAY_ARRIVE_FOR_S
