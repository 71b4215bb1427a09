"""Numbers for new guests: from our own sequence, above everything that anybody ever used."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection

from nubemox_bot.creation import errors
from nubemox_bot.operations.model import Operation
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.inventory import Inventory, Snapshot
from nubemox_bot.pve.sidebyside import side_by_side
from nubemox_bot.pve.storage import PveStorages
from nubemox_bot.store.vmids import VmidRefused, VmidStore

log = logging.getLogger("nubemox.creation")

_PATIENCE_S = 60.0


class Numbers:
    """Takes numbers, after the sequence was raised above what is in use.

    Args:
        storages: with a patient client: a storage with many backups is slow to list.
        first: `NUBEMOX_VMID_FIRST`.
    """

    def __init__(
        self, store: VmidStore, inventory: Inventory, storages: PveStorages, first: int
    ) -> None:
        self._store = store
        self._inventory = inventory
        self._storages = storages
        self._first = first
        self._lock = threading.Lock()
        self._is_raised = False

    def raise_now(self) -> bool:
        """Raise the sequence above every guest and backup; whether all storages could be asked.

        Raises:
            PveError: not even the guests can be read.
        """
        snapshot = self._inventory.fresh()
        backups, everything = self._of_backups(snapshot)
        begun = self._store.raise_above({*_in_use(snapshot), *backups}, self._first)
        log.info("numbers of new guests begin at %s, next after %s", begun.first, begun.last)
        with self._lock:
            self._is_raised = True
        return everything

    def reserve(self, turn_id: str, wanted: int | None, tenant_id: str | None) -> int:
        """A number for what was asked in this turn; the same one when asked again.

        Raises:
            VmidUnavailable: the number that was named is not free, whoever has it.
            NumbersUsedUp: there is none.
            PveError: what is in use cannot be read, so none is given.
        """
        self._ensure_raised()
        in_use = _in_use(self._inventory.recent())
        try:
            return self._store.take(turn_id, wanted=wanted, tenant_id=tenant_id, in_use=in_use)
        except VmidRefused:
            raise _refusal(wanted) from None

    def next_one(self, wanted: int | None = None) -> int:
        """The number that would be given; nothing is taken.

        Raises:
            VmidUnavailable, NumbersUsedUp, PveError: as `reserve`.
        """
        self._ensure_raised()
        in_use = _in_use(self._inventory.recent())
        if wanted is not None:
            if not self._store.may_be_taken(wanted, in_use):
                raise _refusal(wanted)
            return wanted
        try:
            return self._store.peek(in_use)
        except VmidRefused:
            raise _refusal(None) from None

    def after(self, operation: Operation, taken: int) -> int:
        """Another number for an operation whose own turned out to be somebody else's."""
        in_use = _in_use(self._inventory.fresh())
        try:
            return self._store.take(
                f"{operation.id}:{taken}", tenant_id=operation.tenant_id, in_use=in_use
            )
        except VmidRefused:
            raise errors.NumbersUsedUp from None

    def tried(self, operation: Operation) -> list[int]:
        """Every number under which an operation may have made something."""
        first = int(operation.parameters["blueprint"]["vmid"])
        numbers = [first, *self._store.taken_for(f"{operation.id}:")]
        return [*dict.fromkeys([*numbers, operation.vmid or first])]

    def _ensure_raised(self) -> None:
        with self._lock:
            is_raised = self._is_raised
        if not is_raised:
            self.raise_now()

    def _of_backups(self, snapshot: Snapshot) -> tuple[set[int], bool]:
        """Whose backups lie anywhere; a storage that does not answer is left for the next look."""
        # One that is not shared has other backups on each node.
        readable = snapshot.readable_storages("backup")
        there = [one for one in snapshot.merged_storages if "backup" in one.content]
        heard = side_by_side(
            lambda place: self._storages.content(*place, content="backup"),
            [(nodes[0], storage.storageid) for storage, nodes in readable],
            within_s=_PATIENCE_S,
        )
        found = {item.vmid for items in heard.answers.values() for item in items if item.vmid}
        return found, not heard.silent and len(readable) == len(there)


def patient_storages(client: PveClient, inventory: Inventory) -> PveStorages:
    """Storages read by one who can wait for a long list."""
    return PveStorages(client.patient(_PATIENCE_S), inventory)


def _in_use(snapshot: Snapshot) -> Collection[int]:
    return frozenset(guest.vmid for guest in snapshot.guests)


def _refusal(wanted: int | None) -> errors.VmidUnavailable | errors.NumbersUsedUp:
    return errors.NumbersUsedUp() if wanted is None else errors.VmidUnavailable(vmid=wanted)
