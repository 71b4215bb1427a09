"""Whose a backup is: PVE gives it to whoever holds the number that it was made of."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table

from nubemox_bot.store.tables._base import UtcDateTime, metadata

backup_owners = Table(
    "backup_owners",
    metadata,
    Column("volid", String(400), primary_key=True),
    Column("vmid", Integer, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("name", String(255), nullable=False),
    Column("poolid", String(128), nullable=False),
    Column("node", String(64), nullable=False),
    # Nobody's but the platform's, when the pool belonged to no tenant.
    Column("tenant_id", String(40)),
    # What the guest took when it was made: what one made from it would take.
    Column("cores", Integer, nullable=False),
    Column("memory_mib", Integer, nullable=False),
    Column("disk_gib", Integer, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("operation_id", String(40), nullable=False),
    Index(None, "vmid"),
    Index(None, "tenant_id", "name"),
)
