"""One alert through its life: who is on it, who made it quiet and how it ended, in one place."""

from __future__ import annotations

from tests.conversations.test_alerts import (  # noqa: F401 - a fixture among them
    alerts_in,
    backup_failed,
    channel,
    fail_backup,
    id_in,
    is_told,
    look,
    node_down,
    notes_under,
    watched,
)


def test_the_thread_tells_who_took_it_up_and_the_channel_no_second_message(watched):  # noqa: F811
    told = backup_failed(watched)
    before = len(watched.person("ana").sees("#all"))

    answer = watched.presses("olga", told, "Acknowledge")

    olga = f"<@{watched.id_of('olga')}>"
    assert answer.text.startswith(f"{olga} is on it: The backup of *web-1*")
    assert answer.is_private
    assert notes_under(watched, told) == [f"{olga} is on it."]
    assert len([one for one in watched.person("ana").sees("#all") if not one.thread_ts]) == before


def test_whoever_types_it_elsewhere_is_seen_there(watched):  # noqa: F811
    alert_id = id_in(backup_failed(watched))

    assert not watched("olga", f"alert ack {alert_id}").is_private


def test_the_end_is_noted_although_it_was_silenced(watched):  # noqa: F811
    told = node_down(watched)
    carla = f"<@{watched.id_of('carla')}>"
    watched.presses("carla", told, "Acknowledge")
    watched("carla", f"alert silence {id_in(told)} --hours 2 --reason 'the rack is moved'")

    watched.cluster.bring_node_back("pve2")
    watched.sql("update alerts set cleared_s = 60")
    look(watched, 2)
    is_told(watched)

    assert told.text == "Resolved: The node *pve2* is back."
    taken_up, quiet, over = notes_under(watched, told)
    assert taken_up == f"{carla} is on it."
    assert quiet.startswith(f"{carla} silenced this until")
    assert quiet.endswith(": the rack is moved.")
    assert over == "Resolved. The node *pve2* is back."


def test_a_channel_reads_it_in_the_language_of_its_people(watched):  # noqa: F811
    place = channel(watched, "#globex")
    watched.sql("update tenants set channel_id = ? where name = 'globex'", place)
    try:
        fail_backup(watched, 205)
        told = watched.person("bruno").sees("#globex")[-1]
        watched.presses("bruno", told, "Assumir")
        is_told(watched)
    finally:
        watched.sql("update tenants set channel_id = null where name = 'globex'")

    bruno = f"<@{watched.id_of('bruno')}>"
    [note] = [one.text for one in watched.person("bruno").sees("#globex") if one.thread_ts]
    assert "O backup de *shop-1* `205` falhou" in told.text
    assert note == f"{bruno} está cuidando disso."


def test_where_the_channel_takes_nothing_the_owners_copy_has_the_thread(watched):  # noqa: F811
    place = watched.workspace.channel("#all")
    place.is_archived = True
    try:
        fail_backup(watched, 105)
        [told] = alerts_in(watched, "dm", "ana")
        watched.person("ana").clicks(told, "Acknowledge")
        watched.workspace.wait_until(
            lambda: watched.sql("select 1 from alerts where acked_by is not null"), 10, "the ack"
        )
        is_told(watched)
    finally:
        place.is_archived = False

    direct = watched.person("ana").sees("dm")
    [note] = [one.text for one in direct if one.thread_ts == told.ts and one.ts != told.ts]
    assert note == f"<@{watched.id_of('ana')}> is on it."


def test_owners_who_count_for_nobody_read_no_alert(watched):  # noqa: F811
    watched.sql("update tenants set channel_id = null")
    fail_backup(watched, 105)

    assert len(alerts_in(watched, "dm", "ana")) == 1
    for name in ("gus", "del", "sam"):
        assert watched.sql("select role from members where subject = ?", watched.id_of(name)) == [
            ("owner",)
        ]
        assert alerts_in(watched, "dm", name) == []


def test_a_silence_that_is_left_is_listed_and_can_be_ended(watched):  # noqa: F811
    told = node_down(watched)
    watched("carla", f"alert silence {id_in(told)} --hours 9 --reason 'a new fan'")
    watched.cluster.bring_node_back("pve2")
    watched.sql("update alerts set cleared_s = 60")
    look(watched, 2)

    listed = watched("carla", "alert list")
    assert "no alert is firing" in listed.text
    assert "Silenced, and not so now" in listed.all_text
    assert "a new fan" in listed.all_text
    assert "a new fan" not in watched("ana", "alert list").all_text

    answer = watched.presses("carla", listed.message, "End the silence")
    look(watched)
    watched.cluster.take_node_offline("pve2")
    look(watched)

    carla = f"<@{watched.id_of('carla')}>"
    assert answer.text == f"{carla} ended the silence. The node *pve2* is back."
    assert "Silenced" not in watched("carla", "alert list").all_text
    assert notes_under(watched, told)[-2:] == [
        f"{carla} ended the silence.",
        "It is so again. The node *pve2* is offline.",
    ]


def test_what_fired_in_silence_is_told_when_somebody_ends_it(watched):  # noqa: F811
    told = node_down(watched)
    watched("carla", f"alert silence {id_in(told)} --hours 9 --reason 'a new fan'")
    watched.sql("update alerts set told_at = null")
    watched.sql("delete from notices")

    watched("carla", f"alert unsilence {id_in(told)}")

    assert alerts_in(watched, "#ops")[-1].ts > told.ts
    again = watched("carla", f"alert unsilence {id_in(told)}")
    assert f"The alert {id_in(told)} is not silenced." in again.text


def test_what_pve_tells_and_the_watch_sees_later_is_one_alert(watched):  # noqa: F811
    log = "105: 2026-11-26 02:00:01 ERROR: Backup of VM 105 failed - no space left on device"
    fields = {"type": "vzdump", "hostname": "pve1.example.org"}
    told = {"title": "vzdump backup status", "message": log, "severity": "error", "fields": fields}
    assert watched.inside.hear_pve(told)
    assert watched.inside.hear_pve(told)

    fail_backup(watched, 105)

    [message] = alerts_in(watched, "#all")
    assert "The backup of *web-1* `105` failed." in message.text
    assert notes_under(watched, message) == []
