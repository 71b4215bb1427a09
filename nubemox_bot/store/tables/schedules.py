"""Guests that start and stop by the clock."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from nubemox_bot.store.tables._base import UtcDateTime, metadata

schedules = Table(
    "schedules",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), ForeignKey("tenants.id", ondelete="CASCADE"), nullable=False),
    Column("team_id", String(32), nullable=False),
    Column("user_id", String(32), nullable=False),
    Column("vmid", Integer, nullable=False, index=True),
    Column("kind", String(8), nullable=False),
    Column("name", String(255), nullable=False),
    # Times of day as `HH:MM`, on the clocks of `timezone`.
    Column("start_at", String(5)),
    Column("stop_at", String(5)),
    Column("days", String(32), nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("next_start", UtcDateTime, index=True),
    Column("next_stop", UtcDateTime, index=True),
    Column("skipped_stop", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
)
