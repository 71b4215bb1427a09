"""Which rows of backups are held against which storages."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from nubemox_bot.backups.upkeep import BackupUpkeep
from nubemox_bot.pve import backups
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.inventory import Inventory
from playground.cluster import SimulatedCluster
from tests.pve.conftest import HeldClock


class Rows:
    """Writes down what it is asked to forget."""

    def __init__(self) -> None:
        self.asked: dict[tuple[str, str | None], set[str]] = {}

    def forget_missing(
        self, storageid: str, node: str | None, there: Collection[str], before: datetime
    ) -> int:
        del before
        self.asked[storageid, node] = set(there)
        return 1


def _back_up(client: PveClient, inventory: Inventory, vmid: int, storage: str) -> str:
    guest = inventory.fresh().by_vmid(vmid)
    assert guest is not None
    backups.create(client, guest, storage)
    (made,) = backups.of_guest(client, guest.node, vmid, only=[storage]).backups
    return made.volid


def test_rows_are_held_against_what_a_storage_shows_and_never_against_an_empty_one(
    cluster: SimulatedCluster, client: PveClient, inventory: Inventory, clock: HeldClock
) -> None:
    volid = _back_up(client, inventory, 107, "nfs")
    rows = Rows()

    dropped = BackupUpkeep(rows, inventory, client, clock).forget_old()  # type: ignore[arg-type]

    assert volid in rows.asked["nfs", None]
    assert all(rows.asked.values())
    assert dropped == len(rows.asked)


def test_a_storage_that_does_not_answer_proves_nothing(
    cluster: SimulatedCluster, client: PveClient, inventory: Inventory, clock: HeldClock
) -> None:
    _back_up(client, inventory, 107, "nfs")
    cluster.fail(500, "mount error", path="storage/nfs/content")
    rows = Rows()

    BackupUpkeep(rows, inventory, client, clock).forget_old()  # type: ignore[arg-type]

    assert ("nfs", None) not in rows.asked
