"""What we keep of guests that PVE does not: numbers, leases, and keys that go into new ones."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from nubemox_bot.store.tables._base import UtcDateTime, metadata

vmid_sequence = Table(
    "vmid_sequence",
    metadata,
    # One row, of number 1. What lies below `first` was perhaps somebody's before us.
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
)

vmids = Table(
    "vmids",
    metadata,
    Column("vmid", Integer, primary_key=True, autoincrement=False),
    # The turn or operation that it was taken for: asked again, it gets the same number.
    Column("taken_for", String(120), nullable=False, unique=True),
    Column("tenant_id", String(40)),
    Column("taken_at", UtcDateTime, nullable=False),
)

ssh_keys = Table(
    "ssh_keys",
    metadata,
    Column("team_id", String(32), primary_key=True),
    Column("user_id", String(32), primary_key=True),
    Column("public_keys", Text, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("vmid", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(8), nullable=False),
    Column("name", String(255), nullable=False),
    Column("poolid", String(128), nullable=False),
    Column("tenant_id", String(40)),
    Column("team_id", String(32), nullable=False),
    Column("user_id", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    # The last reminder that was sent, in days before the end; none yet when empty.
    Column("reminded", Integer),
    Column("unseen_since", UtcDateTime),
    Index(None, "state", "ends_at"),
    Index(None, "tenant_id"),
)
