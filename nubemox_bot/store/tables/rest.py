"""Programs that call the REST API, and browsers that open consoles."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text

from nubemox_bot.store.tables._base import UtcDateTime, metadata

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("turn_id", String(40), nullable=False, unique=True),
    Column("team_id", String(32), nullable=False),
    Column("user_id", String(32), nullable=False),
    Column("name", String(64), nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Index(None, "team_id", "user_id"),
)

rest_calls = Table(
    "rest_calls",
    metadata,
    Column("token_id", String(16), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("turn_id", String(40), nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("claimed_at", UtcDateTime),
    Column("status", Integer),
    Column("body", Text),
)

consoles = Table(
    "consoles",
    metadata,
    Column("id", String(40), primary_key=True),
    # One-time codes and cookies are kept as digests: the rows open nothing.
    Column("code_digest", LargeBinary, nullable=False, unique=True),
    Column("cookie_digest", LargeBinary),
    Column("team_id", String(32), nullable=False),
    Column("user_id", String(32), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("turn_id", String(40)),
    Column("kind", String(8), nullable=False),
    Column("vmid", Integer, nullable=False),
    Column("name", String(255), nullable=False),
    Column("poolid", String(128)),
    Column("tenant_id", String(40)),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("redeemed_at", UtcDateTime),
    # While a browser is connected: since when, and to which replica.
    Column("opened_at", UtcDateTime),
    Column("replica", String(128)),
    Column("closed_at", UtcDateTime),
)
