"""Messages that nobody's turn owns."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Integer, String, Table, UniqueConstraint

from nubemox_bot.store.tables._base import UtcDateTime, metadata

notices = Table(
    "notices",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("topic", String(128), nullable=False, index=True),
    Column("target", String(64), nullable=False),
    Column("reader", String(32), nullable=False),
    Column("thread_of", String(40)),
    Column("or_to", JSON, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("told", Integer, nullable=False),
    # Nowhere to be shown: the channel takes nothing, and neither do those asked instead.
    Column("lost", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("tell_after", UtcDateTime),
    # The replica that is telling it, and for how long it may.
    Column("held_by", String(128)),
    Column("held_until", UtcDateTime),
    Column("message_channel", String(32)),
    Column("message_ts", String(32)),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("topic", "target"),
)
