"""`kill -9` while a form is open, and in the moment when it is sent."""

from __future__ import annotations

import pytest

from playground.slack import Turn
from playground.slack.model import View
from tests.process.harness import until
from tests.process.moments import killed_inside
from tests.process.site import PATIENCE_S, Site

pytestmark = pytest.mark.process


@pytest.fixture
def form(site: Site) -> View:
    """A form that ana opened in #acme, filled."""
    site.revive()
    site.ask("carla", "tenant add acme @ana --role owner").message(PATIENCE_S)
    view = site.ask("ana", "request increase acme", "#acme").view()
    until(lambda: "Cores" in view.all_text, what="the form")
    return view


def asked(site: Site) -> int:
    [row] = site.rows("SELECT COUNT(*) AS found FROM requests")
    found: int = row["found"]
    return found


def test_a_form_outlives_the_process_that_opened_it(site: Site, form: View):
    ana, before = site.workspace.user("ana"), asked(site)
    site.bot.kill()
    site.bot.start()

    sent = ana.submits(form, {"cores": 40, "reason": "A lab"})

    assert sent.ack.payload == {}
    until(lambda: asked(site) == before + 1, within_s=PATIENCE_S, what="the request")
    ana.finds("It waits for approval", "#acme", PATIENCE_S)


def test_a_form_whose_process_dies_as_its_ack_arrives_is_asked_for_once(site: Site, form: View):
    ana, before = site.workspace.user("ana"), asked(site)
    seen = len(ana.sees("#acme"))
    sent: list[Turn] = []
    is_acked = lambda: sent and sent[0].envelope.acked_at
    with killed_inside(site, is_acked), site.workspace.state.changed:
        sent.append(ana.submits(form, {"cores": 48, "reason": "A lab"}))

    site.bot.start()

    until(lambda: asked(site) == before + 1, within_s=PATIENCE_S, what="the request")
    until(lambda: len(ana.sees("#acme")) > seen, within_s=PATIENCE_S, what="word of it")
    assert len(site.rows("SELECT id FROM turns WHERE origin = 'view' AND state = 'stored'")) == 0
