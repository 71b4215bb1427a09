"""Home within Slack's limits, however much there is; nothing is left out unsaid."""

from __future__ import annotations

from nubemox_bot.approvals.model import Amounts, Standing, TenantQuota
from nubemox_bot.blockkit.limits import faults_of_view
from nubemox_bot.home import views
from nubemox_bot.home.model import Content
from tests.databases import NOW


def test_quotas_that_are_not_shown_are_named() -> None:
    standing = Standing(Amounts(guests=10, cores=20), Amounts(guests=3, cores=4))
    quotas = [TenantQuota(f"team-{number}", (standing,)) for number in range(7)]

    shown = views.tab(Content(NOW, quotas=quotas))

    assert "Also of team-4, team-5, team-6: `/nubemox tenant show NAME` shows them." in str(shown)
    assert faults_of_view(shown) == []
