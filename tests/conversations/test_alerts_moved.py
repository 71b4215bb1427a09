"""Alerts of a guest that goes to another tenant: its news goes along, and its silence does not."""

from __future__ import annotations

import pytest

from tests.conversations.test_alerts import (
    BEGAN,
    alerts_in,
    backup_failed,
    id_in,
    is_told,
    look,
    watched,
)

__all__ = ["watched"]


@pytest.mark.parametrize("is_silenced", [False, True])
def test_what_is_firing_goes_to_the_next_tenant(watched, is_silenced):
    watched("carla", f"tenant add globex {watched.id_of('bruno')} --role owner")
    watched.sql("update tenants set channel_id = null where name = 'globex'")
    told = backup_failed(watched)
    if is_silenced:
        watched("olga", f"alert silence {id_in(told)} --hours 4 --reason known")
    before = len(alerts_in(watched, "#all"))

    watched.cluster.guest(105).move_to_pool("globex")
    look(watched, times=2)

    is_told(watched)
    assert "web-1" not in watched("ana", "alert list")
    assert "web-1" in watched("bruno", "alert list")
    assert len(alerts_in(watched, "#all")) == before, "the old channel hears no more"
    direct = watched.person("bruno").sees(watched.person("bruno").dm)
    (new,) = [one for one in direct if "web-1" in one.all_text and float(one.ts) > BEGAN[0]]
    assert id_in(told) not in new.all_text
    assert id_in(told) not in watched("bruno", "alert list")
