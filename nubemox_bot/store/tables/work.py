"""What people said, and the changes that came of it."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from nubemox_bot.store.tables._base import UtcDateTime, metadata

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
    Column("ended_at", UtcDateTime, index=True),
    Column("replica", String(128), nullable=False),
    Column("done_steps", JSON, nullable=False),
    # How many of its tasks are behind it: each one's end begins the next leg of the way.
    Column("leg", Integer, nullable=False, default=0, server_default=text("0")),
    # What steps found out for those after them, and for the last message.
    Column("results", JSON, nullable=False, default=dict, server_default=text("'{}'")),
    UniqueConstraint("turn_id", "position"),
    Index(
        "uq_operations_open_lane",
        "lane",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index(None, "vmid", "created_at"),
)
