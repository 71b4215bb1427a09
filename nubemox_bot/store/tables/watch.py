"""What is watched, what came of it, and who looks at their Home."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, Index, Integer, String, Table, Text, text

from nubemox_bot.store.tables._base import UtcDateTime, metadata

alerts = Table(
    "alerts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("rule", String(32), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("state", String(16), nullable=False),
    Column("value", Float, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("held_s", Float, nullable=False, default=0),
    Column("cleared_s", Float),
    Column("absent_s", Float, nullable=False, default=0),
    Column("times", Integer, nullable=False, default=1),
    Column("fired_at", UtcDateTime),
    Column("ended_at", UtcDateTime, index=True),
    Column("tenant_id", String(40), index=True),
    Column("told_at", UtcDateTime),
    Column("shown_value", Float),
    Column("acked_by", String(32)),
    Column("acked_at", UtcDateTime),
    Column("digest_id", String(40), index=True),
    # One rule is broken by one subject once at a time.
    Index(
        "uq_alerts_open",
        "rule",
        "subject",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

silences = Table(
    "silences",
    metadata,
    Column("rule", String(32), primary_key=True),
    Column("subject", String(300), primary_key=True),
    Column("until", UtcDateTime, nullable=False),
    Column("by", String(32), nullable=False),
    Column("reason", Text, nullable=False),
    # Whose alert was silenced: after a move, the next tenant hears of its own.
    Column("tenant_id", String(40)),
)

digests = Table(
    "digests",
    metadata,
    Column("id", String(40), primary_key=True),
    # Which people hear of it: the tenant's id, or `platform`.
    Column("audience", String(40), nullable=False, index=True),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("joined_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
)

watched_guests = Table(
    "watched_guests",
    metadata,
    Column("vmid", Integer, primary_key=True, autoincrement=False),
    Column("first_seen", UtcDateTime, nullable=False),
    # The last state that PVE was sure of, and why the guest should run, if it should.
    Column("status", String(16), nullable=False),
    Column("expected", String(16), nullable=False, default=""),
    Column("backup_at", UtcDateTime),
)

watch_sources = Table(
    "watch_sources",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("looked_at", UtcDateTime, nullable=False),
    Column("was_seen", Boolean, nullable=False),
)

samples = Table(
    "samples",
    metadata,
    Column("hour", UtcDateTime, primary_key=True),
    Column("cpu_used", Float, nullable=False),
    Column("cpu_total", Float, nullable=False),
    Column("memory_used", Float, nullable=False),
    Column("memory_total", Float, nullable=False),
    Column("storage_used", Float, nullable=False),
    Column("storage_total", Float, nullable=False),
)

summaries = Table(
    "summaries",
    metadata,
    Column("slot", UtcDateTime, primary_key=True),
    Column("made_at", UtcDateTime, nullable=False),
    # None when PVE gave no figures in time.
    Column("figures", JSON),
)

homes = Table(
    "homes",
    metadata,
    Column("team_id", String(32), primary_key=True),
    Column("user_id", String(32), primary_key=True),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("published_at", UtcDateTime),
    Column("page", Integer, nullable=False, default=1),
    Column("fingerprint", String(64), nullable=False, default=""),
)
