"""A clockwork of summaries, and what it is given to tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from nubemox_bot.blockkit.limits import faults_of_message
from nubemox_bot.charts import Chart, ChartFailed
from nubemox_bot.core.cron import cron_trigger
from nubemox_bot.notices.model import Notice
from nubemox_bot.notices.store import NoticeStore
from nubemox_bot.pve.errors import PveUnreachable
from nubemox_bot.reports.clockwork import Clockwork
from nubemox_bot.reports.model import Figures
from nubemox_bot.reports.service import Reporter
from nubemox_bot.reports.store import ReportStore
from nubemox_bot.store.engine import Database
from tests.databases import HeldClock

MONDAY = datetime(2026, 3, 2, 8, 59, tzinfo=UTC)
GIB = 1024**3
FIGURES = Figures(
    nodes_online=3, nodes=3, guests_running=8, guests=13, vms=6, containers=7,
    cpu_used=4.2, cpu_total=48, memory_used=36 * GIB, memory_total=192 * GIB,
    storage_used=2000 * GIB, storage_total=7000 * GIB,
    alerts_firing=2, requests_waiting=1, leases_ending=3, ready_s=41.6,
    audit_links=120, audit_head="ab" * 32,
)  # fmt: skip


class NoPictures:
    def draw(self, chart: Chart) -> bytes:
        raise ChartFailed


class Given:
    """Gives figures, or fails as PVE does when it is away."""

    def __init__(self) -> None:
        self.is_away = False
        self.asked = 0

    def figures(self) -> Figures:
        self.asked += 1
        if self.is_away:
            raise PveUnreachable
        return replace(FIGURES, guests_running=FIGURES.guests_running + self.asked)


def clockwork(
    database: Database,
    clock: HeldClock,
    given: Any,
    *,
    cron: str = "0 9 * * mon-fri",
    zone: str = "UTC",
    channel: str = "C0OPS",
) -> Clockwork:
    store = ReportStore(database)
    return Clockwork(
        cron_trigger(cron, zone),
        store,
        given,
        Reporter(store, NoPictures(), timezone=zone),
        NoticeStore(database, clock, "r1"),
        database,
        clock,
        channel=channel,
        admins=["U0CARLA"],
    )


def put(database: Database) -> list[Any]:
    with database.read() as connection:
        return list(
            connection.execute(text("select topic, target from notices order by created_at"))
        )


def shown(works: Clockwork, topic: str) -> str:
    notice = Notice("ntc_1", topic, "C0OPS", "", None, (), 1, 0, None, MONDAY)
    reply = works.render(notice)
    assert reply is not None
    assert faults_of_message(reply.text, list(reply.blocks)) == []
    return reply.text
