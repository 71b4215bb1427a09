"""Forms in HTTP mode: the same answers, in the bodies of Slack's own requests."""

from __future__ import annotations

import pytest

from playground.slack import SlackWorkspace
from playground.slack.chat import Person
from tests.slack.small_forms import GOOD, Shop, opened
from tests.slack.test_http_mode import bot, served

__all__ = ["bot", "served"]


@pytest.mark.usefixtures("bot", "served")
def test_a_form_is_opened_changed_searched_refused_and_sent(
    shop: Shop, slack: SlackWorkspace, ana: Person
):
    view = opened(ana)
    ana.selects(view, "Node", "pve2")
    slack.wait_until(lambda: "Live: pve2" in view.all_text)

    assert len(ana.searches(view, "Like", "web-12")) == 11
    assert ana.submits(view, {"Name": "bad", "Storage": "big"}).errors == {
        "name": "Not such a name."
    }
    assert ana.submits(view, {"Name": "web-1"}).errors == {"name": "web-1 is taken."}
    sent = ana.submits(view, GOOD)

    assert sent.ack.payload == {}
    ana.finds("web-7 with 2 cores", "#ops")
    assert slack.complaints == []


@pytest.mark.usefixtures("bot", "served")
def test_a_slow_check_is_answered_in_time(shop: Shop, slack: SlackWorkspace, ana: Person):
    view = opened(ana)
    shop.gate.clear()

    turn = ana.submits(view, GOOD)

    assert turn.ack.payload["response_action"] == "update"
    assert turn.ack.took_s < 2.9
    shop.gate.set()
    ana.finds("web-7 with 2 cores", "#ops")
