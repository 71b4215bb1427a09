"""Alerts while Slack takes nothing: each change is told once in the end, or its owner hears it."""

from __future__ import annotations

import pytest

from tests.conversations.test_alerts import (  # noqa: F401 - a fixture among them
    alerts_in,
    channel,
    is_told,
    look,
    node_down,
    notes_under,
    watched,
)

GUEST = 105


def ha_fails(stage):
    stage.cluster.guest(GUEST).manage_by_ha("error")
    look(stage)


def ha_is_well_again(stage):
    stage.cluster.guest(GUEST).manage_by_ha("started")
    stage.sql("update alerts set cleared_s = 60")
    look(stage, 2)


@pytest.fixture
def own(watched):  # noqa: F811
    yield watched
    watched.workspace.channel("#all").is_archived = False
    watched.cluster.guest(GUEST).leave_ha()
    look(watched)


@pytest.mark.parametrize(
    "trouble",
    [
        {"error": "ratelimited", "status": 429, "retry_after_s": 1},
        {"error": "internal_error", "status": 500},
        {"error": "fatal_error"},
    ],
    ids=["429", "500", "an error of its own"],
)
def test_every_change_is_told_once_when_slack_takes_messages_again(watched, trouble):  # noqa: F811
    for method in ("chat.postMessage", "chat.update"):
        watched.workspace.faults.next(method, 3, **trouble)

    told = node_down(watched)
    watched.cluster.bring_node_back("pve2")
    watched.sql("update alerts set cleared_s = 60")
    look(watched, 2)
    is_told(watched, 30)

    assert len(alerts_in(watched, "#ops")) == 1
    assert told.text == "Resolved: The node *pve2* is back."
    assert notes_under(watched, told) == ["Resolved. The node *pve2* is back."]


def test_what_came_and_went_while_slack_took_nothing_is_one_message(watched):  # noqa: F811
    watched.workspace.faults.next("chat.postMessage", 2, error="internal_error", status=500)
    watched.cluster.take_node_offline("pve2")
    look(watched)
    watched.cluster.bring_node_back("pve2")
    watched.sql("update alerts set cleared_s = 60")
    look(watched, 2)
    is_told(watched, 30)

    [told] = alerts_in(watched, "#ops")
    assert told.text == "Resolved: The node *pve2* is back."


def test_a_channel_archived_meanwhile_has_its_owner_told_of_the_end(own):
    ha_fails(own)
    assert len(alerts_in(own, "#all")) == 1
    own.workspace.channel("#all").is_archived = True
    before = len(own.person("ana").sees("dm"))

    ha_is_well_again(own)
    is_told(own)

    said = [one.text for one in own.person("ana").sees("dm")[before:]]
    assert len([one for one in said if "Resolved" in one]) == 1, said
    assert len(alerts_in(own, "#all")) == 1


def test_a_channel_that_the_bot_is_no_longer_in_has_its_owner_told_once(own):
    own.sql("update tenants set channel_id = ? where name = 'acme'", channel(own, "#quiet"))
    before = len(own.person("ana").sees("dm"))
    ha_fails(own)
    is_told(own)
    ha_is_well_again(own)
    is_told(own)

    direct = own.person("ana").sees("dm")[before:]
    [alert] = [one for one in direct if one.thread_ts in (None, one.ts)]
    notes = [one.text for one in direct if one.thread_ts == alert.ts and one.ts != alert.ts]
    assert alert.text.startswith("Resolved")
    assert len(notes) == 1
