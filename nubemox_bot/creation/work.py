"""How a guest is made: one step after the other, each of which can see whether it has happened."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.creation import errors
from nubemox_bot.creation.calls import creating, described, growing, guest_of, settling, starting
from nubemox_bot.creation.model import Blueprint
from nubemox_bot.creation.numbers import Numbers
from nubemox_bot.creation.sources import refuse_unsafe
from nubemox_bot.operations.errors import NotYet
from nubemox_bot.operations.model import Operation, Progress, StepDone
from nubemox_bot.pve import provisioning
from nubemox_bot.pve.addresses import addresses
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import (
    AlreadyExists,
    AlreadyRunning,
    AnswerLost,
    GuestConfigMissing,
    GuestLocked,
    NotRunning,
    StillRunning,
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
_NUMBERS_TRIED: Final = 20
_LOOKS: Final = 4
_BETWEEN_LOOKS_S: Final = 0.5
# How long a step looks by itself before it hands its thread back and is called again.
_GLANCE_S: Final = 3.0
_GLANCES_S: Final = (0.05, 0.1, 0.2, 0.3, 0.5)


class CreationWork:
    """Makes, settles, grows and starts a guest, and waits until it has an address.

    Until it runs, a failure takes everything back. From then on nothing does: a guest that is
    there and does not start, or has no address yet, stays, and its asker is told.

    Args:
        address_patience_s: for how long its address is waited for.
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
        address_patience_s: float = ADDRESS_PATIENCE_S,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._inventory = inventory
        self._numbers = numbers
        self._guests = guests
        self._tasks = tasks
        self._clock = clock
        self._address_patience_s = address_patience_s
        self._pause = pause

    def run(self, step: str, operation: Operation, *, again: bool) -> str | StepDone | None:
        """Do a step; see `operations.model.Work`."""
        try:
            return self._run(step, operation, again=again)
        except GuestLocked as locked:
            # PVE clones one container template once at a time: the others take their turn.
            if self._is_over(operation.called_at, LOCK_PATIENCE_S):
                raise
            raise NotYet from locked
        except NotYet:
            raise
        except NubemoxError as error:
            if self._is_over(operation.called_at, CALL_PATIENCE_S):
                # Waiting for a lock may take long; for anything else nobody waits so long.
                vars(error)["may_pass"] = False
            raise

    def _run(self, step: str, operation: Operation, *, again: bool) -> str | StepDone | None:
        blueprint = _blueprint(operation)
        match step:
            case "create":
                return self._create(operation, blueprint, again=again)
            case "settle":
                return self._settle(operation, blueprint)
            case "grow":
                return self._grow(operation, blueprint)
            case "start":
                return self._start(operation, blueprint)
            case "run":
                return self._until_running(operation)
            case _:
                return self._until_addressed(operation, blueprint)

    def confirm(self, operation: Operation) -> Progress:
        """Nothing is left to wait for: the last steps looked themselves."""
        del operation
        return Progress.REACHED

    # ------------------------------------------------------------------ create

    def _create(
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
        config = self._config(found)
        if config is None:
            return False
        if config.lock in ("create", "clone"):
            raise NotYet
        if not _is_ours(config, operation):
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

    # --------------------------------------------------------- settle and grow

    def _settle(self, operation: Operation, blueprint: Blueprint) -> StepDone:
        """What was made must be in its pool and unprivileged; then it gets the rest of itself."""
        guest, config = self._made(operation)
        where = self._inventory.fresh().by_vmid(guest.vmid)
        if where is None:
            raise NotYet
        if where.poolid != operation.poolid:
            raise errors.GuestLostItsPool(poolid=operation.poolid)
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
        config = self._config(guest)
        if config is None:
            raise GuestConfigMissing(guest=str(guest.vmid))
        if not _is_ours(config, operation):
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
        except NubemoxError as error:
            if error.may_pass and not self._is_over(operation.called_at, START_PATIENCE_S):
                raise
            return StepDone(results=_not_started(error))
        return StepDone(results={"started_at": began, "start_upid": upid})

    def _until_running(self, operation: Operation) -> StepDone | None:
        upid = operation.results.get("start_upid")
        if not upid:
            return None
        end_at = self._clock.monotonic() + _GLANCE_S
        while True:
            status = self._tasks.status(upid)
            if not status.is_running:
                failed = not status.succeeded
                return StepDone(results=_not_started(task_error(status))) if failed else None
            if not self._glance(end_at):
                if self._is_late(operation, START_PATIENCE_S):
                    return StepDone(results=_not_started(NotYet()))
                raise NotYet

    def _until_addressed(self, operation: Operation, blueprint: Blueprint) -> StepDone | None:
        results = operation.results
        self._inventory.forget()
        if "started_at" not in results or "start_error" in results:
            return None
        guest = _guest(operation)
        if blueprint.kind is GuestKind.QEMU and not self._has_agent(guest):
            return None
        end_at = self._clock.monotonic() + min(_GLANCE_S, self._address_patience_s)
        while True:
            try:
                found = addresses(self._client, guest)
            except NubemoxError as error:
                if not error.may_pass:
                    return None  # nobody inside tells
                found = ()
            if found:
                return StepDone(results={"addresses": list(found)})
            if not self._glance(end_at):
                if self._is_late(operation, self._address_patience_s):
                    return None
                raise NotYet

    def _has_agent(self, guest: Guest) -> bool:
        config = self._config(guest)
        return config is not None and config.has_agent

    def _glance(self, end_at: float) -> bool:
        """Wait a moment, shorter at first; False when it is time to give the thread back."""
        left = end_at - self._clock.monotonic()
        if left <= 0:
            return False
        looked = int((_GLANCE_S - left) * 4)
        self._pause(_GLANCES_S[min(max(looked, 0), len(_GLANCES_S) - 1)])
        return True

    def _is_late(self, operation: Operation, patience_s: float) -> bool:
        began = operation.results.get("started_at")
        since = datetime.fromisoformat(began) if began else operation.called_at
        return self._is_over(since, patience_s)

    def _is_over(self, since: datetime | None, patience_s: float) -> bool:
        return since is None or (self._clock.now() - since).total_seconds() > patience_s

    # -------------------------------------------------------------------- undo

    def undo(self, step: str, operation: Operation) -> None:
        """Take back what this operation made, and nothing else: it is known by its mark."""
        if step != "create":
            return
        for vmid in self._numbers.tried(operation):
            found = self._inventory.fresh().by_vmid(vmid)
            config = self._config(found) if found else None
            if found is None or config is None:
                continue
            if config.lock in ("create", "clone", "destroyed"):
                raise NotYet  # its task goes on: what it leaves behind is looked at again
            if _is_ours(config, operation):
                self._destroy(found)

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
        end_at = self._clock.monotonic() + _GLANCE_S
        while self._config(guest) is not None:
            if not self._glance(end_at):
                raise NotYet

    # ------------------------------------------------------------------- looks

    def _patient(self) -> PveClient:
        return self._client.patient(provisioning.CHANGE_TIMEOUT_S)

    def _config(self, guest: Guest) -> GuestConfig | None:
        try:
            return provisioning.config(self._client, guest)
        except GuestConfigMissing:
            return None


def _blueprint(operation: Operation) -> Blueprint:
    blueprint = Blueprint.of(operation.parameters["blueprint"])
    return replace(
        blueprint,
        vmid=operation.vmid or blueprint.vmid,
        node=operation.node or blueprint.node,
    )


def _guest(operation: Operation) -> Guest:
    return guest_of(_blueprint(operation))


def _is_ours(config: GuestConfig, operation: Operation) -> bool:
    return described(operation.id) in config.description.split()


def _not_started(error: NubemoxError) -> Mapping[str, Any]:
    """The reason as plain data, for the card."""
    data = {key: str(value) for key, value in error.data.items()}
    return {"start_error": {"code": error.code, "data": data}}
