"""A new guest that is a copy or comes from a backup: is it there, is it right, and away with it."""

from __future__ import annotations

from nubemox_bot.guests.calling import GuestCalls
from nubemox_bot.life.errors import NotUnprivilegedCopy
from nubemox_bot.operations.errors import NotYet
from nubemox_bot.operations.model import Operation
from nubemox_bot.pve import provisioning
from nubemox_bot.pve.errors import GuestConfigMissing, StillRunning
from nubemox_bot.pve.model import Guest

_THERE_WITHIN_S = 30.0
_UNFINISHED = frozenset({"create", "clone", "disk"})


class Newcomer:
    """Looks at the guest of an operation's own number, which nobody had before."""

    def __init__(self, calls: GuestCalls) -> None:
        self._calls = calls

    def find(self, operation: Operation) -> Guest | None:
        """It, in its pool; a guest of that number elsewhere is none of ours."""
        return self._calls.find(operation)

    def settle(self, operation: Operation) -> None:
        """It must be in its pool, and a container unprivileged.

        Raises:
            NotYet: it is not seen yet.
            NotUnprivilegedCopy: it must not stay.
        """
        self._calls.inventory.forget()
        guest = self._calls.find(operation)
        if guest is None:
            raise NotYet(within_s=_THERE_WITHIN_S)
        if not provisioning.config(self._calls.provisioning, guest).is_unprivileged:
            raise NotUnprivilegedCopy(name=operation.name)

    def remove(self, operation: Operation, made_in: str) -> None:
        """Take it away, if it is ours: the task that makes it, begun in that step, ended well.

        What such a task breaks off, PVE itself removes. Where there was no task of ours, or it
        failed, a guest of that number is somebody else's who was quicker: it is left alone.

        Raises:
            NotYet: it is on its way, one way or the other.
        """
        if made_in not in operation.done_steps:
            return
        guest = self._calls.find(operation)
        if guest is None:
            return
        has_failed = operation.upid is not None and operation.done_steps[-1] == made_in
        client = self._calls.provisioning
        try:
            if provisioning.config(client, guest).lock in _UNFINISHED:
                raise NotYet
            if has_failed:
                return
            provisioning.destroy(client, guest)
        except GuestConfigMissing:
            return
        except StillRunning:
            raise NotYet from None
        raise NotYet  # until it is seen nowhere
