"""How a guest is made: one step after the other, each of which can see whether it has happened."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.creation import errors
from nubemox_bot.creation.calls import growing, guest_of, settling, starting
from nubemox_bot.creation.making import GLANCE_S, Making, blueprint_of, is_ours
from nubemox_bot.creation.model import Blueprint
from nubemox_bot.creation.numbers import Numbers
from nubemox_bot.operations.errors import Frozen, NotYet
from nubemox_bot.operations.model import Operation, Progress, StepDone, Unchanged
from nubemox_bot.pve import provisioning
from nubemox_bot.pve.addresses import addresses
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import (
    AlreadyExists,
    AlreadyRunning,
    GuestConfigMissing,
    GuestLocked,
)
from nubemox_bot.pve.guestconfig import GuestConfig
from nubemox_bot.pve.guests import PveGuests
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.pve.tasks import PveTasks
from nubemox_bot.pve.translation import task_error

STEPS: Final = ("create", "settle", "grow", "start", "run", "address")
LOCK_PATIENCE_S: Final = 900.0
CALL_PATIENCE_S: Final = 45.0
START_PATIENCE_S: Final = 120.0
ADDRESS_PATIENCE_S: Final = 30.0
# The guest is there: what goes wrong from here on is told, and takes nothing back.
_AFTERWARDS: Final = ("start", "run", "address")

log = logging.getLogger("nubemox.creation")


class CreationWork:
    """Makes, settles, grows and starts a guest, and waits until it has an address.

    Until it runs, a failure takes everything back. From then on nothing does: a guest that is
    there and does not start, or has no address yet, stays, and its asker is told. Once it runs it
    is only looked at, so its lane is given up: it can be stopped or deleted meanwhile.

    Args:
        address_patience_s: for how long its address is waited for; 30 s if not given.
        pause: waits some seconds between two looks.
    """

    patience_s = LOCK_PATIENCE_S
    steps = STEPS

    def __init__(
        self,
        client: PveClient,
        inventory: Inventory,
        numbers: Numbers,
        guests: PveGuests,
        tasks: PveTasks,
        clock: Clock,
        *,
        address_patience_s: float | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._inventory = inventory
        self._tasks = tasks
        self._clock = clock
        if address_patience_s is None:
            address_patience_s = ADDRESS_PATIENCE_S
        self._address_patience_s = address_patience_s
        self._making = Making(client, inventory, numbers, guests, tasks, clock, pause)

    def run(self, step: str, operation: Operation, *, again: bool) -> str | StepDone | None:
        """Do a step; see `operations.model.Work`."""
        try:
            return self._run(step, operation, again=again)
        except (Frozen, NotYet, Unchanged):
            raise
        except GuestLocked as locked:
            # PVE clones one container template once at a time: the others take their turn.
            if self._is_over(operation.called_at, LOCK_PATIENCE_S):
                raise
            raise NotYet from locked
        except NubemoxError as error:
            is_over = self._is_over(operation.called_at, CALL_PATIENCE_S)
            if error.may_pass and not is_over:
                raise
            if step in _AFTERWARDS:
                return StepDone(results={} if step == "address" else _not_started(error))
            # Waiting for a lock may take long; for anything else nobody waits so long.
            vars(error)["may_pass"] = False
            raise
        except Exception:
            if step != "address":
                raise
            log.exception("nobody can tell the address of guest %s", operation.vmid)
            return None

    def _run(self, step: str, operation: Operation, *, again: bool) -> str | StepDone | None:
        blueprint = blueprint_of(operation)
        match step:
            case "create":
                return self._making.create(operation, blueprint, again=again)
            case "settle":
                return self._settle(operation, blueprint)
            case "grow":
                return self._grow(operation, blueprint)
            case "start":
                return self._start(operation, blueprint)
            case "run":
                done = self._until_running(operation) or StepDone()
                return replace(done, changes={"lane": f"looking:{operation.id}"})
            case _:
                return self._address(operation, blueprint)

    def confirm(self, operation: Operation) -> Progress:
        """Nothing is left to wait for: the last steps looked themselves."""
        del operation
        return Progress.REACHED

    # --------------------------------------------------------- settle and grow

    def _settle(self, operation: Operation, blueprint: Blueprint) -> StepDone:
        """What was made must be in its pool and unprivileged; then it gets the rest of itself."""
        guest, config = self._made(operation)
        where = self._inventory.fresh().by_vmid(guest.vmid)
        if where is None:
            raise NotYet
        if where.poolid != operation.poolid:
            raise errors.GuestLostItsPool(poolid=operation.poolid, vmid=guest.vmid)
        if not config.is_unprivileged:
            raise errors.NotUnprivileged
        write = settling(blueprint, config, replace(guest, node=where.node))
        upid = write.begin_or_do(self._patient()) if write else None
        return StepDone(upid=upid, changes={"node": where.node})

    def _grow(self, operation: Operation, blueprint: Blueprint) -> str | None:
        guest, config = self._made(operation)
        write = growing(blueprint, config, guest)
        return write.begin_or_do(self._patient()) if write else None

    def _made(self, operation: Operation) -> tuple[Guest, GuestConfig]:
        guest = _guest(operation)
        config = self._making.config(guest)
        if config is None:
            raise GuestConfigMissing(guest=str(guest.vmid))
        if not is_ours(config, operation):
            raise AlreadyExists(name=f"VM {guest.vmid}")
        return guest, config

    # --------------------------------------------------------- start, run, address

    def _start(self, operation: Operation, blueprint: Blueprint) -> StepDone | None:
        """Start it; the next step follows the task, and whatever comes of it, the guest stays."""
        if not blueprint.start:
            return None
        guest = _guest(operation)
        began = self._clock.now().isoformat()
        try:
            upid = starting(guest).begin(self._patient())
        except AlreadyRunning:
            return StepDone(results={"started_at": began})
        return StepDone(results={"started_at": began, "start_upid": upid})

    def _until_running(self, operation: Operation) -> StepDone | None:
        upid = operation.results.get("start_upid")
        if not upid:
            return None
        end_at = self._clock.monotonic() + GLANCE_S
        while True:
            status = self._tasks.status(upid)
            if not status.is_running:
                error = None if status.succeeded else task_error(status)
                if error is None or isinstance(error, AlreadyRunning):
                    return None  # the answer to the first start was lost, and it ran by then
                return StepDone(results=_not_started(error))
            if not self._making.glance(end_at):
                if self._is_late(operation, START_PATIENCE_S):
                    return StepDone(results=_not_started(NotYet()))
                raise NotYet

    def _address(self, operation: Operation, blueprint: Blueprint) -> StepDone | None:
        """Its addresses, if it ran and got some in time.

        Raises:
            Unchanged: somebody deleted it meanwhile.
        """
        results = operation.results
        self._inventory.forget()
        if "started_at" not in results or "start_error" in results:
            return None
        found = self._until_addressed(operation, blueprint)
        if found is None and self._is_gone(_guest(operation)):
            raise Unchanged(errors.DeletedSince(name=blueprint.name))
        return found

    def _is_gone(self, guest: Guest) -> bool:
        """Whether it is neither where it was made nor anywhere else."""
        is_there = self._making.config(guest) is not None
        return not is_there and self._inventory.fresh().by_vmid(guest.vmid) is None

    def _until_addressed(self, operation: Operation, blueprint: Blueprint) -> StepDone | None:
        guest = _guest(operation)
        if blueprint.kind is GuestKind.QEMU and not self._has_agent(guest):
            return None
        end_at = self._clock.monotonic() + min(GLANCE_S, self._address_patience_s)
        while True:
            try:
                found = addresses(self._client, guest)
            except NubemoxError as error:
                if not error.may_pass:
                    return None  # nobody inside tells
                found = ()
            if found:
                return StepDone(results={"addresses": list(found)})
            if not self._making.glance(end_at):
                if self._is_late(operation, self._address_patience_s):
                    return None
                raise NotYet

    def _has_agent(self, guest: Guest) -> bool:
        config = self._making.config(guest)
        return config is not None and config.has_agent

    def _is_late(self, operation: Operation, patience_s: float) -> bool:
        began = operation.results.get("started_at")
        since = datetime.fromisoformat(began) if began else operation.called_at
        return self._is_over(since, patience_s)

    def _is_over(self, since: datetime | None, patience_s: float) -> bool:
        return since is None or (self._clock.now() - since).total_seconds() > patience_s

    def undo(self, step: str, operation: Operation) -> None:
        """Everything that later steps did goes with the guest itself.

        Raises:
            AlreadyExists: it ran, so it is its asker's by now, and stays.
        """
        if "run" in operation.done_steps:
            raise AlreadyExists(name=f"VM {operation.vmid}")
        if step == "create":
            self._making.undo(operation)

    # ------------------------------------------------------------------- looks

    def _patient(self) -> PveClient:
        return self._client.patient(provisioning.CHANGE_TIMEOUT_S)


def _guest(operation: Operation) -> Guest:
    return guest_of(blueprint_of(operation))


def _not_started(error: NubemoxError) -> Mapping[str, Any]:
    """The reason as plain data, for the card."""
    data = {key: str(value) for key, value in error.data.items()}
    return {"start_error": {"code": error.code, "data": data}}
