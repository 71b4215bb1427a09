"""Alerts as people meet them: told where they belong, quietened by who may, through trouble too."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from playground.slack import Message
from tests.conversations.rehearsal import Rehearsal


@pytest.fixture
def watched(backstage: Rehearsal) -> Iterator[Rehearsal]:
    """A cluster that is well and was looked at; acme has a channel that everybody is in."""
    forget(backstage)
    backstage.sql("update tenants set channel_id = ? where name = 'acme'", channel(backstage))
    look(backstage)
    BEGAN[0] = time.time()
    yield backstage
    backstage.workspace.faults.clear()
    is_told(backstage)
    forget(backstage)
    backstage.sql("update tenants set channel_id = null")


BEGAN = [0.0]


def forget(stage: Rehearsal) -> None:
    """Nothing is wrong, and nothing is remembered of what was."""
    stage.cluster.heal()
    stage.cluster._server.tasklog.clear()
    for table in ("alerts", "silences", "digests", "notices", "watched_guests", "watch_sources"):
        stage.sql(f"delete from {table}")
    stage.inside._watching.watch._collector._guests = None


def channel(stage: Rehearsal, name: str = "#all") -> str:
    return str(stage.workspace.channel(name).id)


def look(stage: Rehearsal, times: int = 1) -> None:
    """What the clock does every 20 s, without its waiting."""
    for _ in range(times):
        stage.inside._ground.inventory.forget()
        stage.inside._watching.watch._collector._due.clear()
        stage.inside._watching.watch.look()


def is_told(stage: Rehearsal, within: float = 10) -> None:
    stage.workspace.wait_until(
        lambda: not stage.sql("select 1 from notices where told < wanted and not lost"),
        within,
        "every notice to be told",
    )


def alerts_in(stage: Rehearsal, place: str, who: str = "carla") -> list[Message]:
    """The alerts' own messages that came since the test began."""
    is_told(stage)
    seen = stage.person(who).sees(place)
    return [one for one in seen if "alert `" in one.all_text and float(one.ts) > BEGAN[0]]


def node_down(stage: Rehearsal) -> Message:
    stage.cluster.take_node_offline("pve2")
    look(stage)
    return alerts_in(stage, "#ops")[-1]


def fail_backup(stage: Rehearsal, *vmids: int) -> None:
    """A backup job at which these guests fail; seen however few seconds after the last one."""
    for vmid in vmids:
        stage.cluster.spoil_backups(vmid, "no space left on device")
    stage.sql("update watch_sources set looked_at = '2020-01-01 00:00:00' where name = 'tasks'")
    stage.cluster._server.tasklog.clear()
    stage.cluster.run_backup_job("nfs")
    stage.cluster.wait_for_tasks()
    look(stage)
    is_told(stage)


def backup_failed(stage: Rehearsal, vmid: int = 105) -> Message:
    fail_backup(stage, vmid)
    return alerts_in(stage, "#all")[-1]


def id_in(message: Message) -> str:
    return message.all_text.rpartition("alert `")[2].partition("`")[0]


def notes_under(stage: Rehearsal, message: Message) -> list[str]:
    is_told(stage)
    seen = stage.person("carla").sees(message.channel)
    return [one.text for one in seen if one.thread_ts == message.ts and one.ts != message.ts]


def test_a_node_that_goes_is_told_in_the_ops_channel_and_resolved_in_its_thread(watched):
    told = node_down(watched)
    assert told.text == "Critical: The node *pve2* is offline."
    assert "guests are on it" in told.all_text

    watched.cluster.bring_node_back("pve2")
    watched.sql("update alerts set cleared_s = 60")
    look(watched, 2)

    assert [note for note in notes_under(watched, told) if "pve2" in note] == [
        "Resolved. The node *pve2* is back."
    ]
    assert told.text == "Resolved: The node *pve2* is back."
    assert told.buttons == []


def test_a_failed_backup_is_told_to_its_tenant_with_pves_reason(watched):
    told = backup_failed(watched)

    assert "The backup of *web-1* `105` failed." in told.text
    assert "no space left on device" in told.all_text
    assert alerts_in(watched, "#ops") == []


def test_without_a_channel_the_owners_read_it_in_person(watched):
    watched.sql("update tenants set channel_id = null")

    fail_backup(watched, 105)

    [told] = alerts_in(watched, "dm", "ana")
    assert "The backup of *web-1* `105` failed." in told.text
    assert alerts_in(watched, "dm", "olga") == []


def test_a_guest_that_crashes_is_told_with_the_button_that_starts_it(watched):
    watched("ana", "ct start 105")
    look(watched)
    watched.cluster.crash(105)
    look(watched)
    watched.sql("update alerts set held_s = 60 where rule = 'guest_down'")
    look(watched)
    [told] = [one for one in alerts_in(watched, "#all") if "is down" in one.text]

    assert "*web-1* `105` is down, although it should run." in told.text
    assert "It was started here." in told.all_text
    assert "is running. Started by" in watched.presses("olga", told, "Start").text


def test_what_is_stopped_here_is_no_alert(watched):
    watched("ana", "ct start 105")
    look(watched)
    watched("ana", "ct stop 105 --force")
    look(watched, 3)

    assert watched.sql("select 1 from alerts where rule = 'guest_down'") == []


def test_viewers_list_the_alerts_of_their_own_guests_alone(watched):
    node_down(watched)
    fail_backup(watched, 105, 205)

    acme, globex = watched("vic", "alert list"), watched("bruno", "alert list")
    everything = watched("carla", "alert list")

    assert "web-1" in acme.text
    assert "shop-1" not in acme.all_text
    assert "pve2" not in acme.text
    assert "shop-1" in globex.text
    assert "web-1" not in globex.all_text
    assert all(word in everything.text for word in ("web-1", "shop-1", "pve2"))
    assert acme.is_private


def test_where_nothing_is_wrong_it_says_so(watched):
    assert "no alert is firing" in watched("ana", "alerts").text
    assert "You belong to no tenant yet" in watched("dora", "alert list").text


def test_acknowledging_shows_who_is_on_it(watched):
    told = backup_failed(watched)

    watched.presses("olga", told, "Acknowledge")
    is_told(watched)

    assert f"<@{watched.id_of('olga')}> is on it" in told.all_text
    assert "Acknowledge" not in [button.text for button in told.buttons]
    rows = watched.sql("select phase, user_id from audit where action = 'alert.ack' order by seq")
    assert rows[-2:] == [("intent", watched.id_of("olga")), ("outcome", watched.id_of("olga"))]


def test_what_may_be_pressed_is_asked_at_the_press(watched):
    told = backup_failed(watched)

    by_viewer = watched.presses("vic", told, "Acknowledge")

    assert "operator" in by_viewer.text
    assert by_viewer.is_private
    assert watched.sql("select acked_by from alerts where rule = 'backup_failed'") == [(None,)]


def test_a_foreign_alert_answers_as_a_missing_one(watched):
    alert_id = id_in(backup_failed(watched))
    cluster_id = id_in(node_down(watched))

    foreign = watched("bruno", f"alert ack {alert_id}")
    platform = watched("ana", f"alert silence {cluster_id} --hours 1 --reason x")
    missing = watched("bruno", "alert ack zzzz9999")

    assert foreign.text.replace(alert_id, "ID") == missing.text.replace("zzzz9999", "ID")
    assert "Não há nenhum alerta" in foreign.text
    assert f"There is no alert {cluster_id} that you may see." in platform.text


def test_a_silence_by_words_is_seen_in_the_message(watched):
    told = backup_failed(watched)

    answer = watched("olga", f"alert silence {id_in(told)} --hours 3 --reason 'disk is on its way'")
    is_told(watched)

    assert "silenced this until" in answer.text
    assert "disk is on its way" in answer.text
    assert "Silenced" in told.text
    assert "Silence" not in [button.text for button in told.buttons]


def test_silence_is_for_operators_and_for_admins_of_the_cluster(watched):
    alert_id, cluster_id = id_in(backup_failed(watched)), id_in(node_down(watched))

    assert "operator" in watched("vic", f"alert silence {alert_id} --hours 1 --reason x").text
    admins = watched("carla", f"alert silence {cluster_id} --hours 1 --reason x")
    assert "silenced this until" in admins.text


def test_a_silence_by_its_form(watched):
    told = backup_failed(watched)
    watched.person("olga").clicks(told, "Silence")
    modal = watched.workspace.wait_until(
        lambda: (
            (one := watched.person("olga").modal) and "For how many hours" in one.all_text and one
        ),
        10,
        "the form",
    )

    watched.person("olga").submits(modal, {"hours": "2", "reason": "known"})
    watched.workspace.wait_until(lambda: watched.sql("select 1 from silences"), 10, "the silence")
    is_told(watched)

    assert "known" in told.all_text


def test_a_dry_run_changes_nothing(watched):
    alert_id = id_in(backup_failed(watched))

    watched("olga", f"alert ack {alert_id} --dry-run")
    watched("olga", f"alert silence {alert_id} --hours 1 --reason x --dry-run")

    assert watched.sql("select 1 from silences") == []
    assert watched.sql("select 1 from alerts where acked_by is not null") == []


def test_a_frozen_bot_takes_no_silence(watched):
    alert_id = id_in(backup_failed(watched))
    watched("carla", "freeze")

    answer = watched("olga", f"alert silence {alert_id} --hours 1 --reason x")

    assert "All changes are stopped by" in answer.text
    assert watched.sql("select 1 from silences") == []


def test_what_is_over_cannot_be_silenced(watched):
    told = node_down(watched)
    watched.cluster.bring_node_back("pve2")
    watched.sql("update alerts set cleared_s = 60")
    look(watched, 2)

    answer = watched("carla", f"alert ack {id_in(told)}")

    assert "is over already" in answer.text


def test_names_that_others_gave_are_harmless(watched):
    watched.cluster.add_container(177, name="<!channel> *x*", pool="acme", node="pve1")
    told = backup_failed(watched, 177)

    assert "<!channel>" not in told.all_text
    watched.cluster.remove_guest(177)


# ------------------------------------------------------------- Slack in trouble


def test_slack_that_refuses_for_a_while_hears_it_in_the_end(watched):
    watched.workspace.faults.next("chat.postMessage", 2, error="ratelimited", status=429,
                                  retry_after_s=1)  # fmt: skip

    told = node_down(watched)

    assert "pve2" in told.text
    assert len(alerts_in(watched, "#ops")) == 1


def test_a_channel_that_is_archived_leads_to_the_owner(watched):
    place = watched.workspace.channel("#all")
    place.is_archived = True
    try:
        fail_backup(watched, 105)
        [told] = alerts_in(watched, "dm", "ana")
    finally:
        place.is_archived = False

    assert "The backup of *web-1* `105` failed." in told.text
    assert "Acknowledge" in [button.text for button in told.buttons]


def test_a_channel_without_the_bot_leads_to_the_owner(watched):
    watched.sql("update tenants set channel_id = ? where name = 'acme'", channel(watched, "#quiet"))
    fail_backup(watched, 105)

    assert len(alerts_in(watched, "dm", "ana")) == 1


def test_a_storm_is_one_message_that_follows_it(watched):
    for number in range(40):
        watched.cluster.add_container(8000 + number, name=f"s-{number}", pool="acme", node="pve1")
        watched.cluster.guest(8000 + number).manage_by_ha("error")
    before = len(watched.person("ana").sees("#all"))
    look(watched)
    is_told(watched)

    new = watched.person("ana").sees("#all")[before:]
    assert len(new) == 1
    assert new[0].text == "40 alerts came at once."
    assert "High availability reports an error: 40" in new[0].all_text
    named = [int(vmid) for vmid in re.findall(r"`(80\d\d)`", new[0].all_text)]
    assert named == list(range(8000, 8015))
    for number in range(40):
        watched.cluster.guest(8000 + number).manage_by_ha("started")
    watched.sql("update alerts set cleared_s = 60")
    look(watched, 2)
    is_told(watched)
    assert "All of 40 alerts that came at once are over." in new[0].text
    for number in range(40):
        watched.cluster.remove_guest(8000 + number)
