"""How a copy is made: of a running container by way of a snapshot, which then goes."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Final

from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.guests.calling import GuestCalls
from nubemox_bot.life.copies import SNAPSHOT, clone_spec, is_copied_from_snapshot
from nubemox_bot.life.newcomer import MADE, Newcomer
from nubemox_bot.operations.errors import Frozen, NotYet
from nubemox_bot.operations.marks import is_marked, mark_of, marked
from nubemox_bot.operations.model import Operation, Progress, StepDone
from nubemox_bot.pve import provisioning, snapshots
from nubemox_bot.pve.model import Guest, GuestKind

_KEEP: Final = ("qmsnapshot", "vzsnapshot")
_COPY: Final = ("qmclone", "vzclone")
_TIDY_WITHIN_S: Final = 300.0

log = logging.getLogger("nubemox.life")


class CloneWork:
    """A snapshot where one is needed, the copy, the snapshot's end.

    The operation is of the new guest; its source is in its parameters, and its lane is the
    source's. What fails on the way leaves neither the snapshot nor half a copy behind.
    """

    patience_s = 0.0
    steps = ("snapshot", "clone", "tidy", "settle")

    def __init__(self, calls: GuestCalls, newcomer: Newcomer, clock: Clock) -> None:
        self._calls = calls
        self._clock = clock
        self._newcomer = newcomer

    def run(self, step: str, operation: Operation, *, again: bool) -> str | StepDone | None:
        """One step; each looks first whether it has happened."""
        match step:
            case "snapshot":
                return self._keep(operation, again=again)
            case "clone":
                return self._clone(operation, again=again)
            case "tidy":
                self._tidy(operation)
                return None
            case _:
                self._newcomer.settle(operation)
                return None

    def _keep(self, operation: Operation, *, again: bool) -> StepDone:
        source = self._calls.guest(_of_source(operation))
        if not is_copied_from_snapshot(source):
            return StepDone()
        client, name = self._calls.provisioning, SNAPSHOT.format(vmid=operation.vmid)
        mark = mark_of(operation.id)
        upid = self._calls.begin(
            client,
            _of_source(operation),
            _KEEP,
            lambda guest: snapshots.create(client, guest, name, description=mark),
            again=again,
            happened=lambda: self._snapshot(operation) is not None,
        )
        return StepDone(upid, {"snapshot": name})

    def _clone(self, operation: Operation, *, again: bool) -> StepDone:
        client = self._calls.provisioning
        given = {**operation.parameters, "vmid": operation.vmid, "name": operation.name}
        snapname = operation.results.get("snapshot")

        def call(source: Guest) -> str:
            notes = marked(provisioning.config(client, source).description, operation.id)
            spec = replace(clone_spec(source, given, notes), snapname=snapname)
            return provisioning.clone(client, source, spec)

        upid = self._calls.begin(
            client,
            _of_source(operation),
            _COPY,
            call,
            again=again,
            happened=lambda: self._newcomer.is_there(operation),
        )
        return StepDone(upid, {MADE: upid})

    def _tidy(self, operation: Operation) -> None:
        """The snapshot goes; when it cannot, the copy is there all the same.

        Raises:
            NotYet: it is on its way out.
        """
        began = operation.called_at or operation.created_at
        is_late = (self._clock.now() - began).total_seconds() > _TIDY_WITHIN_S
        try:
            found = self._snapshot(operation)
            if found is None or is_late:
                return
            if found.is_whole:
                source = self._calls.guest(_of_source(operation))
                snapshots.delete(self._calls.provisioning, source, found.name)
        except Frozen:
            raise
        except NubemoxError as error:
            if error.may_pass and not is_late:
                raise NotYet(within_s=_TIDY_WITHIN_S * 2) from error
            log.warning("operation %s leaves its snapshot behind: %s", operation.id, error)
            return
        raise NotYet(within_s=_TIDY_WITHIN_S * 2)

    def _snapshot(self, operation: Operation) -> snapshots.GuestSnapshot | None:
        """Ours by its mark: one that its owner made under that name is none of ours."""
        name = operation.results.get("snapshot") or SNAPSHOT.format(vmid=operation.vmid)
        source = self._calls.find(_of_source(operation))
        found = snapshots.find(self._calls.provisioning, source, str(name)) if source else None
        return found if found and is_marked(found.description, operation.id) else None

    def undo(self, step: str, operation: Operation) -> None:
        """Away with what was begun."""
        if step == "clone":
            source = self._calls.find(_of_source(operation))
            self._newcomer.remove(operation, _COPY, source or _last_seen(operation))
        elif step == "snapshot" and (found := self._snapshot(operation)) is not None:
            source = self._calls.find(_of_source(operation))
            if source is not None and found.is_whole:
                snapshots.delete(self._calls.provisioning, source, found.name)
            raise NotYet

    def confirm(self, operation: Operation) -> Progress:
        """The last step has looked."""
        del operation
        return Progress.REACHED


def _last_seen(operation: Operation) -> Guest:
    """The source as it was when the copy was asked for: it may be gone by now."""
    source = _of_source(operation)
    kind = GuestKind(operation.kind or "")
    return Guest(source.vmid or 0, kind, source.name, operation.node or "", operation.poolid)


def _of_source(operation: Operation) -> Operation:
    """The same operation, seen as one on the source."""
    source = operation.parameters
    return replace(operation, vmid=int(source["source"]), name=str(source["source_name"]))
