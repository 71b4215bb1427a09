from __future__ import annotations

from nubemox_bot.alerts.rules import RULES
from nubemox_bot.alerts.sayings.views import SAYINGS
from tools import alert_docs


def test_the_page_about_alerts_is_fresh():
    """When this fails: make docs."""
    assert alert_docs.PAGE.read_text(encoding="utf-8") == alert_docs.page()


def test_every_rule_has_its_words():
    assert SAYINGS.keys() == RULES.keys()
