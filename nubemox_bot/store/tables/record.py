"""What is kept of what happened, and who holds what."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, String, Table

from nubemox_bot.store.tables._base import UtcDateTime, metadata

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("team_id", String(32), nullable=False),
    Column("user_id", String(32), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("phase", String(8), nullable=False),
    Column("action", String(32), nullable=False),
    Column("vmid", Integer),
    Column("poolid", String(128)),
    Column("tenant_id", String(40)),
    Column("rule", String(64), nullable=False),
    Column("details", JSON, nullable=False),
    Column("turn_id", String(40)),
    Column("operation_id", String(40)),
    Column("link", Integer, unique=True),
    Column("mac", String(64)),
    Index(None, "team_id", "user_id", "seq"),
    Index(None, "vmid", "seq"),
    Index(None, "tenant_id", "seq"),
)

flags = Table(
    "flags",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("set_by", String(32), nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
)

claims = Table(
    "claims",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("holder", String(255), nullable=False),
    Column("beat_at", UtcDateTime, nullable=False),
)
