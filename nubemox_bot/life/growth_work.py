"""How a guest gets another size: to sizes as they shall be, so that nothing grows twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from nubemox_bot.guests.calling import GuestCalls
from nubemox_bot.operations.marks import is_marked, mark_of
from nubemox_bot.operations.model import Operation, Progress, StepDone
from nubemox_bot.pve import provisioning, snapshots
from nubemox_bot.pve.errors import AlreadyThatSize, DiskMissing
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.tenancy.clients import acting_for

_KEEP: Final = ("qmsnapshot", "vzsnapshot")
_SET: Final = ("qmconfig",)
_GROW: Final = ("resize",)
_WAITS: Final = frozenset({"cores", "sockets", "memory", "balloon"})


class ResizeWork:
    """Kept as it is where that is due, then set, then grown; and what waits for a restart is told.

    A disk that has grown stays so; settings go back when the disk cannot grow.
    """

    patience_s = 0.0
    steps = ("safety", "settings", "disk", "pending")

    def __init__(self, calls: GuestCalls) -> None:
        self._calls = calls

    def run(self, step: str, operation: Operation, *, again: bool) -> str | StepDone | None:
        """One step; each looks first whether it has happened."""
        match step:
            case "safety":
                return self._keep(operation, again=again)
            case "settings":
                return self._set(operation, operation.parameters["settings"], again=again)
            case "disk":
                return self._grow(operation, again=again)
            case _:
                return self._pending(operation)

    def _keep(self, operation: Operation, *, again: bool) -> str | None:
        name = str(operation.parameters.get("safety") or "")
        if not name:
            return None
        mark = mark_of(operation.id)
        with acting_for(self._calls.tenant(operation)):
            client = self._calls.client(operation)

            def is_kept() -> bool:
                """One that its owner made under that name says nothing."""
                found = snapshots.find(client, self._calls.guest(operation), name)
                return found is not None and is_marked(found.description, operation.id)

            return self._calls.begin(
                client,
                operation,
                _KEEP,
                lambda guest: snapshots.create(client, guest, name, description=mark),
                again=again,
                happened=is_kept,
            )

    def _set(self, operation: Operation, settings: Mapping[str, Any], *, again: bool) -> str | None:
        """Setting it twice sets it once."""
        if not settings:
            return None
        client = self._calls.provisioning
        return self._calls.begin(
            client,
            operation,
            _SET,
            lambda guest: provisioning.set_config(client, guest, **settings),
            again=again,
        )

    def _grow(self, operation: Operation, *, again: bool) -> str | None:
        disk, wanted = operation.parameters["disk"], operation.parameters["disk_gib"]
        if disk is None or wanted is None or self._is_grown(operation):
            return None
        client = self._calls.provisioning
        try:
            return self._calls.begin(
                client,
                operation,
                _GROW,
                lambda guest: provisioning.resize_disk(client, guest, disk, wanted),
                again=again,
                happened=lambda: self._is_grown(operation),
            )
        except AlreadyThatSize:
            return None

    def _is_grown(self, operation: Operation) -> bool:
        guest = self._calls.guest(operation)
        key = str(operation.parameters["disk"])
        disk = provisioning.config(self._calls.provisioning, guest).disk(key)
        if disk is None:
            raise DiskMissing(guest=guest.name, disk=key)
        return disk.size_gib >= float(operation.parameters["disk_gib"])

    def _pending(self, operation: Operation) -> StepDone:
        """What a running VM will have only after a restart."""
        self._calls.inventory.forget()
        guest: Guest = self._calls.guest(operation)
        if guest.kind is GuestKind.LXC:
            return StepDone()
        waits = [
            one.key
            for one in provisioning.pending(self._calls.provisioning, guest)
            if one.key in _WAITS
        ]
        return StepDone(results={"pending": waits})

    def undo(self, step: str, operation: Operation) -> None:
        """Settings go back to what they were."""
        if step == "settings" and operation.parameters["before"]:
            self._set(operation, operation.parameters["before"], again=True)

    def confirm(self, operation: Operation) -> Progress:
        """The last step has looked."""
        del operation
        return Progress.REACHED
