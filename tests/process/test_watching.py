"""Alerts and summaries of real processes: one replica looks, and what dies takes nothing along."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.slack import Message
from tests.process.conftest import Query
from tests.process.harness import until
from tests.process.site import Site, site_in
from tests.process.test_postgres import another, first_replica
from tests.process.watchful import SUMMARY_S, WatchfulBot

pytestmark = [pytest.mark.process, pytest.mark.postgres]

LOOKED_S = 45.0
OVERTAKEN_S = 60.0
ALERTS_TOLD = "SELECT 1 FROM notices WHERE topic LIKE 'alert:%' AND message_ts IS NOT NULL"


def in_ops(site: Site, words: str) -> list[Message]:
    seen = site.workspace.user("carla").sees("#ops")
    return [one for one in seen if words in one.text and one.thread_ts in (None, one.ts)]


@pytest.mark.timeout(300)
def test_two_replicas_tell_each_alert_and_each_summary_once(
    folder: Path, postgres_url: str, ask_database: Query
):
    with (
        first_replica(folder, postgres_url, WatchfulBot) as site,
        another(site, "two") as two,
    ):
        two.start()
        site.cluster.take_node_offline("pve2")
        until(lambda: in_ops(site, "pve2* is offline"), within_s=LOOKED_S, what="the alert")
        until(lambda: in_ops(site, "nodes are online"), within_s=LOOKED_S, what="a summary")

        # Killed between a post in a channel and its record, a second message would tell it.
        until(lambda: _told(ask_database), what="the summary known to be told")
        until(lambda: ask_database(ALERTS_TOLD), what="the alert known to be told")
        site.bot.kill()
        before = len(in_ops(site, "nodes are online"))
        until(
            lambda: len(in_ops(site, "nodes are online")) > before,
            within_s=SUMMARY_S + OVERTAKEN_S,
            what="a summary by the one that is left",
        )
        site.cluster.take_node_offline("pve3")
        until(lambda: in_ops(site, "pve3* is offline"), within_s=LOOKED_S, what="its alert")

        assert len(in_ops(site, "pve2* is offline")) == 1
        assert len(in_ops(site, "pve3* is offline")) == 1
        until(
            lambda: {one.ts for one in in_ops(site, "nodes are online")} <= _told(ask_database),
            what="each summary that is shown to be the one of a slot of its own",
        )


def _told(ask_database: Query) -> set[str]:
    """The one message of each slot."""
    rows = ask_database("SELECT message_ts FROM notices WHERE topic LIKE 'summary:%'")
    return {ts for (ts,) in rows if ts is not None}


@pytest.mark.timeout(200)
def test_what_fires_while_the_bot_is_killed_is_not_told_again(folder: Path):
    with site_in(folder, born=WatchfulBot) as site:
        site.onboard()
        site.cluster.take_node_offline("pve2")
        until(lambda: in_ops(site, "pve2* is offline"), within_s=LOOKED_S, what="the alert")

        until(lambda: site.rows(ALERTS_TOLD), what="the alert known to be told")
        site.bot.kill()
        site.bot.start()
        site.cluster.take_node_offline("pve3")
        until(lambda: in_ops(site, "pve3* is offline"), within_s=LOOKED_S, what="its alert")

        assert len(in_ops(site, "pve2* is offline")) == 1
