"""Which backup is whose, from the moment when it was made."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.exc import IntegrityError

from nubemox_bot.backups.model import BackupOwner
from nubemox_bot.pve.model import GuestKind
from nubemox_bot.store.engine import Database
from nubemox_bot.store.forgetting import SLICE, forget
from nubemox_bot.store.tables import backup_owners


class BackupStore:
    """The rows behind backups; knows nothing of PVE."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, owner: BackupOwner) -> None:
        """Write down whose it is; harmless when it is written down already."""
        values = {name: getattr(owner, name) for name in owner.__slots__}
        try:
            with self._database.write() as connection:
                connection.execute(insert(backup_owners).values(**values | {"kind": owner.kind}))
        except IntegrityError:
            return

    def of_guest(self, vmid: int) -> Mapping[str, BackupOwner]:
        """What we know of the backups of a number, by volid."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(backup_owners).where(backup_owners.c.vmid == vmid)
            ).all()
        return {row.volid: _owner(row) for row in rows}

    def find_gone(self, ref: str, tenant_ids: Collection[str] | None) -> list[BackupOwner]:
        """The newest row of each guest of that number or name, of these tenants or of all."""
        wanted = backup_owners.c.name == ref
        if ref.isdecimal() and len(ref) < 10:
            wanted = backup_owners.c.vmid == int(ref)
        query = select(backup_owners).where(wanted).order_by(backup_owners.c.made_at)
        if tenant_ids is not None:
            query = query.where(backup_owners.c.tenant_id.in_(list(tenant_ids)))
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return list({row.vmid: _owner(row) for row in rows}.values())

    def forget_missing(
        self, storageid: str, node: str | None, there: Collection[str], before: datetime
    ) -> int:
        """Drop the rows of backups made before then that are not there any more.

        Args:
            node: whose storage it is; None for a shared one.
            there: every backup on the storage.
        """
        conditions = [
            backup_owners.c.volid.startswith(f"{storageid}:", autoescape=True),
            backup_owners.c.made_at < before,
        ]
        if node is not None:
            conditions.append(backup_owners.c.node == node)
        with self._database.read() as connection:
            known = connection.scalars(select(backup_owners.c.volid).where(*conditions)).all()
        gone = sorted(set(known) - set(there))
        dropped = 0
        for at in range(0, len(gone), SLICE):
            some = backup_owners.c.volid.in_(gone[at : at + SLICE])
            dropped += forget(self._database, backup_owners, some)
        return dropped


def _owner(row: Row[Any]) -> BackupOwner:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    return BackupOwner(**values | {"kind": GuestKind(values["kind"])})
