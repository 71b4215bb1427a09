"""How a new guest comes from a backup: always unprivileged, and away again when it is not right."""

from __future__ import annotations

from typing import Final

from nubemox_bot.guests.calling import GuestCalls
from nubemox_bot.life.newcomer import Newcomer
from nubemox_bot.operations.model import Operation, Progress
from nubemox_bot.pve import backups
from nubemox_bot.pve.model import Guest, GuestKind

_BRING_BACK: Final = ("qmrestore", "vzrestore")


class RevivalWork:
    """The restore, and a look at what came out of it."""

    patience_s = 0.0
    steps = ("restore", "settle")

    def __init__(self, calls: GuestCalls, newcomer: Newcomer) -> None:
        self._calls = calls
        self._newcomer = newcomer

    def run(self, step: str, operation: Operation, *, again: bool) -> str | None:
        """One step; each looks first whether it has happened."""
        if step == "settle":
            self._newcomer.settle(operation)
            return None
        spec = restore_of(operation)
        client = self._calls.provisioning
        return self._calls.begin(
            client,
            operation,
            _BRING_BACK,
            lambda _guest: backups.restore(client, spec),
            again=again,
            happened=lambda: self._newcomer.find(operation) is not None,
            at=Guest(spec.vmid, spec.kind, spec.name, spec.node, spec.poolid),
        )

    def undo(self, step: str, operation: Operation) -> None:
        """Away with what was begun."""
        if step == "restore":
            self._newcomer.remove(operation, step)

    def confirm(self, operation: Operation) -> Progress:
        """The last step has looked."""
        del operation
        return Progress.REACHED


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
