"""Requests, the sizes of guests as last known, and the quotas of single members."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from nubemox_bot.store.tables._base import UtcDateTime, metadata

requests = Table(
    "requests",
    metadata,
    Column("id", String(40), primary_key=True),
    # One turn asks for one thing; its message tells of the request and then of its operation.
    Column("turn_id", String(40), nullable=False, unique=True),
    Column("team_id", String(32), nullable=False),
    Column("user_id", String(32), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("action", String(32), nullable=False),
    Column("tenant_id", String(40)),
    Column("poolid", String(128)),
    Column("kind", String(8)),
    Column("vmid", Integer),
    Column("name", String(255), nullable=False),
    Column("spec", JSON, nullable=False),
    Column("calls", JSON, nullable=False),
    Column("stable", JSON, nullable=False),
    Column("plan_hash", String(64), nullable=False),
    Column("adds", JSON, nullable=False),
    # What it holds of the quota, while it is open and until PVE's own figures show it.
    Column("size", JSON, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("node", String(64)),
    Column("storage", String(128)),
    Column("days", Integer),
    Column("reason", Text, nullable=False),
    Column("why", JSON, nullable=False),
    Column("changes", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("reminded_at", UtcDateTime),
    Column("escalated_at", UtcDateTime),
    Column("decided_by", String(32)),
    Column("decided_at", UtcDateTime),
    Column("decided_turn_id", String(40)),
    Column("note", Text, nullable=False),
    Column("asked_by", String(32)),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("ended_at", UtcDateTime, index=True),
    Column("error_code", String(64)),
    Column("error_data", JSON),
    Index(None, "state", "expires_at"),
    Index(None, "tenant_id", "state"),
    Index(None, "team_id", "user_id", "created_at"),
)

guest_sizes = Table(
    "guest_sizes",
    metadata,
    Column("vmid", Integer, primary_key=True, autoincrement=False),
    Column("cores", Integer, nullable=False),
    Column("memory_mib", Integer, nullable=False),
    # Of all its disks, as its configuration said when it was last read.
    Column("disk_gib", Integer, nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
)

member_quotas = Table(
    "member_quotas",
    metadata,
    Column("tenant_id", String(40), ForeignKey("tenants.id", ondelete="CASCADE"), nullable=False),
    Column("team_id", String(32), nullable=False),
    Column("user_id", String(32), nullable=False),
    Column("guests", Integer),
    Column("cores", Integer),
    Column("memory_mib", Integer),
    Column("disk_gib", Integer),
    PrimaryKeyConstraint("tenant_id", "team_id", "user_id"),
)
