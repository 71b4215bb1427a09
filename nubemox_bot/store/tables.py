"""Every table, as SQLAlchemy Core; migrations bring a database to exactly this."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python; SQLite keeps no zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """Refuse naive times: they mean something else on every machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


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

turns = Table(
    "turns",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("key", String(255), nullable=False, unique=True),
    Column("team_id", String(32), nullable=False),
    Column("user_id", String(32), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("words", Text, nullable=False),
    Column("channel_id", String(32), nullable=False),
    Column("thread_ts", String(32)),
    Column("response_url", LargeBinary),
    Column("clicked_ts", String(32)),
    Column("clicked_is_ephemeral", Boolean, nullable=False, default=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("mutates", Boolean, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("replica", String(128)),
    Column("message_channel", String(32)),
    Column("message_ts", String(32)),
    Column("wanted", Integer, nullable=False, default=0),
    Column("told", Integer, nullable=False, default=0),
    Column("tell_after", UtcDateTime),
    Column("tell_attempts", Integer, nullable=False, default=0),
)

operations = Table(
    "operations",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("turn_id", String(40), nullable=False),
    Column("position", Integer, nullable=False),
    # What may be changed by one open operation at a time, such as one guest.
    Column("lane", String(128), nullable=False),
    Column("action", String(32), nullable=False),
    Column("kind", String(8)),
    Column("vmid", Integer),
    Column("name", String(255), nullable=False, default=""),
    Column("node", String(64)),
    Column("poolid", String(128)),
    Column("tenant_id", String(40)),
    Column("team_id", String(32), nullable=False),
    Column("user_id", String(32), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("upid", String(255)),
    Column("error_code", String(64)),
    Column("error_data", JSON),
    Column("created_at", UtcDateTime, nullable=False),
    Column("called_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("replica", String(128), nullable=False),
    Column("done_steps", JSON, nullable=False),
    UniqueConstraint("turn_id", "position"),
    Index(
        "uq_operations_open_lane",
        "lane",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

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

drift = Table(
    "drift",
    metadata,
    Column("finding", String(255), primary_key=True),
    Column("details", JSON, nullable=False),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
    Column("told_at", UtcDateTime),
)
