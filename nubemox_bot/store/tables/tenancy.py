"""Who belongs where."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from nubemox_bot.store.tables._base import UtcDateTime, metadata

tenants = Table(
    "tenants",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("poolid", String(128), nullable=False, unique=True),
    Column("channel_id", String(32)),
    Column("state", String(16), nullable=False),
    Column("pve_userid", String(64), nullable=False),
    Column("pve_tokenid", String(64), nullable=False),
    Column("token_secret", LargeBinary),
    Column("made_pool", Boolean, nullable=False, default=False),
    Column("made_user", Boolean, nullable=False, default=False),
    Column("quota_guests", Integer),
    Column("quota_cores", Integer),
    Column("quota_memory_mib", Integer),
    Column("quota_disk_gib", Integer),
    Column("created_by", String(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

members = Table(
    "members",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), ForeignKey("tenants.id", ondelete="CASCADE"), nullable=False),
    Column("team_id", String(32), nullable=False),
    Column("subject", String(32), nullable=False),
    Column("role", String(16), nullable=False),
    Column("pve_userid", String(64)),
    Column("added_by", String(32), nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    UniqueConstraint("tenant_id", "team_id", "subject"),
    Index(None, "team_id", "subject"),
)

people = Table(
    "people",
    metadata,
    Column("team_id", String(32), primary_key=True),
    Column("user_id", String(32), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("locale", String(16), nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("standing", String(16), nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
)
