"""How a new guest comes from a backup: always unprivileged, and away again when it is not right."""

from __future__ import annotations

from typing import Final

from nubemox_bot.guests.calling import GuestCalls
from nubemox_bot.life.newcomer import MADE, Newcomer
from nubemox_bot.operations.marks import is_marked, marked
from nubemox_bot.operations.model import Operation, Progress, StepDone
from nubemox_bot.pve import backups, provisioning
from nubemox_bot.pve.model import Guest, GuestKind

_BRING_BACK: Final = ("qmrestore", "vzrestore")
_SET: Final = ("qmconfig",)


class RevivalWork:
    """The restore, the mark of who made it, and a look at what came out of it.

    PVE takes no description with a restore. Until the mark is there, what was made is known by
    the task that made it, under its own number; being there says nothing.
    """

    patience_s = 0.0
    steps = ("restore", "mark", "settle")

    def __init__(self, calls: GuestCalls, newcomer: Newcomer) -> None:
        self._calls = calls
        self._newcomer = newcomer

    def run(self, step: str, operation: Operation, *, again: bool) -> str | StepDone | None:
        """One step; each looks first whether it has happened."""
        match step:
            case "restore":
                return self._restore(operation, again=again)
            case "mark":
                return self._mark(operation, again=again)
            case _:
                self._newcomer.settle(operation)
                return None

    def _restore(self, operation: Operation, *, again: bool) -> StepDone:
        spec = restore_of(operation)
        client = self._calls.provisioning
        upid = self._calls.begin(
            client,
            operation,
            _BRING_BACK,
            lambda _guest: backups.restore(client, spec),
            again=again,
            at=_guest_of(spec),
        )
        return StepDone(upid, {MADE: upid})

    def _mark(self, operation: Operation, *, again: bool) -> str | None:
        """What our task made gets our mark, below the notes that came with the backup."""
        client = self._calls.provisioning
        guest, config = self._newcomer.there(operation)
        if is_marked(config.description, operation.id):
            return None
        notes = marked(config.description, operation.id)
        return self._calls.begin(
            client,
            operation,
            _SET,
            lambda where: provisioning.set_config(client, where, description=notes),
            again=again,
            happened=lambda: self._newcomer.is_there(operation),
            at=guest,
        )

    def undo(self, step: str, operation: Operation) -> None:
        """Away with what was begun."""
        if step == "restore":
            at = _guest_of(restore_of(operation))
            self._newcomer.remove(operation, _BRING_BACK, at, trusts_task=True)

    def confirm(self, operation: Operation) -> Progress:
        """The last step has looked."""
        del operation
        return Progress.REACHED


def _guest_of(spec: backups.RestoreSpec) -> Guest:
    return Guest(spec.vmid, spec.kind, spec.name, spec.node, spec.poolid)


def restore_of(operation: Operation) -> backups.RestoreSpec:
    """What an operation asks PVE for."""
    return backups.RestoreSpec(
        node=operation.node or "",
        vmid=operation.vmid or 0,
        poolid=operation.poolid or "",
        kind=GuestKind(operation.kind or ""),
        backup=str(operation.parameters["volid"]),
        storage=str(operation.parameters["onto"]),
        name=operation.name,
    )
