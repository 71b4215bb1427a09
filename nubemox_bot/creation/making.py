"""The first step of a new guest, and its taking back: what is made is known by its mark."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from nubemox_bot.core.clock import Clock
from nubemox_bot.creation import errors
from nubemox_bot.creation.calls import creating
from nubemox_bot.creation.model import Blueprint
from nubemox_bot.creation.numbers import Numbers
from nubemox_bot.creation.sources import refuse_unsafe
from nubemox_bot.operations.errors import NotYet
from nubemox_bot.operations.marks import is_marked
from nubemox_bot.operations.model import Operation, StepDone
from nubemox_bot.pve import provisioning
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import (
    AlreadyExists,
    AnswerLost,
    GuestConfigMissing,
    NotRunning,
    StillRunning,
    TaskUnknown,
)
from nubemox_bot.pve.guestconfig import GuestConfig
from nubemox_bot.pve.guests import PveGuests
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import Guest
from nubemox_bot.pve.tasks import PveTasks

_UNFINISHED: Final = ("create", "clone", "destroyed")
_NUMBERS_TRIED: Final = 20
_LOOKS: Final = 4
_BETWEEN_LOOKS_S: Final = 0.5
# How long a step looks by itself before it hands its thread back and is called again.
GLANCE_S: Final = 3.0
_GLANCES_S: Final = (0.05, 0.1, 0.2, 0.3, 0.5)


class Making:
    """Makes the bare guest, and takes it back."""

    def __init__(
        self,
        client: PveClient,
        inventory: Inventory,
        numbers: Numbers,
        guests: PveGuests,
        tasks: PveTasks,
        clock: Clock,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._inventory = inventory
        self._numbers = numbers
        self._guests = guests
        self._tasks = tasks
        self._clock = clock
        self._pause = pause

    def create(
        self, operation: Operation, blueprint: Blueprint, *, again: bool
    ) -> str | StepDone | None:
        for _attempt in range(_NUMBERS_TRIED):
            try:
                upid = self._create_as(operation, blueprint, again=again)
            except AlreadyExists:
                if "vmid" not in blueprint.chosen:
                    raise errors.VmidUnavailable(vmid=blueprint.vmid) from None
                blueprint = blueprint.numbered(self._numbers.after(operation, blueprint.vmid))
                again = True  # perhaps this one was tried before a crash
                continue
            self._inventory.forget()
            return StepDone(upid=upid, changes={"vmid": blueprint.vmid, "node": blueprint.node})
        raise errors.NumberTakenOutside

    def _create_as(self, operation: Operation, blueprint: Blueprint, *, again: bool) -> str | None:
        """The task that makes it under this number; None when it is there already."""
        source = self._source(blueprint)
        if again and self._is_there(operation, blueprint):
            return None
        write = creating(blueprint, source, operation.id)
        try:
            return write.begin(self._client.patient(provisioning.CHANGE_TIMEOUT_S))
        except AnswerLost:
            for _look in range(_LOOKS):
                self._pause(_BETWEEN_LOOKS_S)
                if self._is_there(operation, blueprint):
                    return None
            raise  # it may pass: the next try looks again, then sends again

    def _is_there(self, operation: Operation, blueprint: Blueprint) -> bool:
        """Whether an earlier call of ours made it.

        Raises:
            AlreadyExists: it is somebody else's.
            NotYet: it is being made.
        """
        found = self._inventory.fresh().by_vmid(blueprint.vmid)
        if found is None:
            return False
        config = self.config(found)
        if config is None:
            return False
        if config.lock in _UNFINISHED:
            raise NotYet
        if not is_ours(config, operation):
            raise AlreadyExists(name=f"VM {blueprint.vmid}")
        return True

    def _source(self, blueprint: Blueprint) -> Guest | None:
        """The guest template as it is now; it may have changed since the plan was drawn."""
        if not blueprint.is_clone:
            return None
        source = self._inventory.recent().by_vmid(blueprint.source)
        if source is None or not source.is_template:
            raise errors.TemplateNotFound(template=blueprint.template)
        refuse_unsafe(blueprint.template, provisioning.config(self._client, source))
        return source

    def undo(self, operation: Operation) -> None:
        """Take back what this operation made, and nothing else: it is known by its mark.

        Raises:
            NotYet: it is on its way out, or its task still goes on.
        """
        for vmid in self._numbers.tried(operation):
            found = self._inventory.fresh().by_vmid(vmid)
            config = self.config(found) if found else None
            if found is None or config is None:
                continue
            if config.lock in _UNFINISHED and self._goes_on(operation):
                raise NotYet
            if is_ours(config, operation):
                self._destroy(found)

    def _goes_on(self, operation: Operation) -> bool:
        """Whether the task that makes it still runs; one whose answer was lost may well do."""
        if not operation.upid:
            return True
        try:
            return self._tasks.status(operation.upid).is_running
        except TaskUnknown:
            return False

    def _destroy(self, guest: Guest) -> None:
        """Stop and remove it.

        Raises:
            NotYet: it is on its way out.
        """
        with contextlib.suppress(NotRunning, GuestConfigMissing):
            self._guests.stop(self._client, guest, overrule_shutdown=False)
        try:
            provisioning.destroy(self._client, guest)
        except GuestConfigMissing:
            return
        except StillRunning:
            raise NotYet from None
        finally:
            self._inventory.forget()
        end_at = self._clock.monotonic() + GLANCE_S
        while self.config(guest) is not None:
            if not self.glance(end_at):
                raise NotYet

    def config(self, guest: Guest) -> GuestConfig | None:
        """A guest's configuration; None when there is no such guest."""
        try:
            return provisioning.config(self._client, guest)
        except GuestConfigMissing:
            return None

    def glance(self, end_at: float) -> bool:
        """Wait a moment, shorter at first; False when it is time to give the thread back."""
        left = end_at - self._clock.monotonic()
        if left <= 0:
            return False
        looked = int((GLANCE_S - left) * 4)
        self._pause(_GLANCES_S[min(max(looked, 0), len(_GLANCES_S) - 1)])
        return True


def blueprint_of(operation: Operation) -> Blueprint:
    """What an operation makes, under the number and on the node that it has come to."""
    blueprint = Blueprint.of(operation.parameters["blueprint"])
    return replace(
        blueprint,
        vmid=operation.vmid or blueprint.vmid,
        node=operation.node or blueprint.node,
    )


def is_ours(config: GuestConfig, operation: Operation) -> bool:
    """Whether the operation made it."""
    return is_marked(config.description, operation.id)
