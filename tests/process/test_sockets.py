"""The line to Slack: replaced when Slack says so, noticed when it is dead, and no ack lost."""

from __future__ import annotations

import pytest

from tests.process.harness import until
from tests.process.site import PATIENCE_S

pytestmark = pytest.mark.process


def test_after_a_disconnect_there_is_a_new_line_and_no_ack_was_lost(site):
    first = site.workspace.connections[0].number
    ana = site.workspace.user("ana")
    commands = [(ana, f"/nubemox ct status {vmid}", "#acme") for vmid in (105, 106, 107) * 5]

    before = site.workspace.burst(commands, wait=False)
    site.workspace.disconnect("refresh_requested")
    until(
        lambda: any(one.number != first for one in site.workspace.connections),
        within_s=3,
        what="a new line",
    )
    after = site.workspace.burst(commands)
    before.wait()

    assert before.missed == after.missed == []
    assert all(turn.message(PATIENCE_S) for turn in [*before.turns, *after.turns])


@pytest.mark.parametrize("cut", ["close_sockets", "abort_sockets"])
def test_a_line_that_breaks_is_replaced_at_once(site, cut):
    first = site.workspace.connections[0].number

    getattr(site.workspace, cut)()

    until(
        lambda: any(one.number != first for one in site.workspace.connections),
        within_s=5,
        what="a new line",
    )
    assert "web-2" in site.told("ana", "ct status 106", "#acme").text
    until(lambda: site.bot.get("/health/ready").status_code == 200, what="ready")


def test_a_dead_line_turns_ready_red_within_a_minute_and_heals(site):
    site.workspace.freeze_sockets(new_ones_too=True)

    until(lambda: site.bot.get("/health/ready").status_code == 503, within_s=60, what="red")
    assert site.bot.get("/health/ready").json()["missing"] == ["slack"]
    assert site.bot.get("/health/live").status_code == 200

    site.workspace.thaw_sockets()
    until(lambda: site.bot.get("/health/ready").status_code == 200, within_s=60, what="healed")
    assert "web-2" in site.told("ana", "ct status 106", "#acme").text
