"""The emergency brake, what it says to everybody, and the books that nobody can change unseen."""

from __future__ import annotations

import pytest


def test_a_freeze_stops_changes_and_lets_reads_go_on(chat):
    frozen = chat("carla", "freeze Storage is being moved")

    with chat.nothing_changes():
        start = chat("ana", "ct start 105")
        repair = chat("carla", "tenant repair acme")
        add = chat("carla", "tenant add acme @dora")
    assert not frozen.is_private
    assert "stopped all changes: Storage is being moved" in frozen.text
    for refused in (start, repair, add):
        assert f"All changes are stopped by <@{chat.id_of('carla')}>" in refused.text
        assert "Storage is being moved. Nothing was done." in refused.text
    assert "4 containers" in chat("ana", "ct list")
    assert "is running" in chat("ana", "ct status 106").text


def test_after_the_freeze_changes_go_on(chat):
    chat("carla", "freeze")
    chat("carla", "unfreeze")

    assert "is running. Started by" in chat("ana", "ct start 105").text


def test_a_freeze_without_a_reason_reads_well_in_both_languages(chat):
    chat("carla", "freeze")

    in_english = chat("ana", "ct start 105").text
    in_portuguese = chat("bruno", "ct start 206").text

    assert f"All changes are stopped by <@{chat.id_of('carla')}>. Nothing was done." in in_english
    assert f"<@{chat.id_of('carla')}> suspendeu todas as mudanças. Nada foi feito." in in_portuguese


def test_what_is_under_way_when_the_freeze_comes_is_followed_to_its_end(chat):
    with chat.cluster.tasks_held("vzstart"):
        turn = chat.types("ana", "ct start 105")
        chat.workspace.wait_until(lambda: chat.cluster.guest(105).history[-1:] and
                                  chat.cluster.guest(105).history[-1].is_running)  # fmt: skip
        chat("carla", "freeze")

    assert "is running. Started by" in chat.end_of(turn).text


def test_what_was_stored_and_not_called_yet_waits_and_says_so(backstage, monkeypatch):
    """As after a crash between the two: the sweep finds it when all is frozen already."""
    monkeypatch.setattr(backstage.inside._engine, "submit", lambda *_operations: None)
    turn = backstage.types("ana", "ct start 105")
    backstage.begun(turn)
    backstage("carla", "freeze")

    waiting = backstage.end_of(turn, within=15)
    was = backstage.cluster.guest(105).status, waiting.text
    backstage("carla", "unfreeze")

    assert was[0] == "stopped"
    assert "Waiting, because all changes are stopped: *web-1* `105`, asked by" in was[1]
    backstage.workspace.wait_until(lambda: "is running. Started by" in waiting.message.text, 20)


def test_a_freeze_during_the_look_at_pve_stops_the_act(chat):
    with chat.cluster.slow(1, method="GET", path="/cluster/resources", times=1):
        turn = chat.types("ana", "ct start 105")
        chat("carla", "freeze now")

    assert "All changes are stopped by" in chat.end_of(turn, within=15).text
    assert chat.cluster.guest(105).status == "stopped"


def test_the_audit_is_whole_until_somebody_changes_it(chat):
    chat("ana", "ct start 105")
    assert "The audit is whole" in chat("carla", "audit --verify").text

    [(link, user)] = chat.sql(
        "select link, user_id from audit where link is not null and action = 'guest.start'"
        " order by link limit 1"
    )
    chat.sql("update audit set user_id = 'UNOBODY' where link = ?", link)
    broken = chat("carla", "audit --verify")
    chat.sql("update audit set user_id = ? where link = ?", user, link)

    assert f"the first row that does not fit is number {link}." in broken.text
    assert "The audit is whole" in chat("carla", "audit --verify").text


def test_a_row_taken_out_of_the_audit_is_missed(chat):
    [row] = chat.sql("select * from audit where link = 3")
    chat.sql("delete from audit where link = 3")
    broken = chat("carla", "audit --verify")
    places = ", ".join("?" for _ in row)
    chat.sql(f"insert into audit values ({places})", *row)

    assert "number 3." in broken.text
    assert "The audit is whole" in chat("carla", "audit --verify").text


def test_every_mutation_has_its_intent_and_its_outcome(chat):
    chat("ana", "ct start 105")

    rows = chat.sql(
        "select phase, user_id, origin, vmid from audit where action = 'guest.start' and"
        " phase in ('intent', 'outcome') order by seq desc limit 2"
    )

    ana = chat.id_of("ana")
    assert rows == [("outcome", ana, "slash", 105), ("intent", ana, "slash", 105)]


def test_refusals_are_recorded_with_their_rule(chat):
    chat("vic", "ct start 105")

    [row] = chat.sql("select user_id, action, rule, vmid from audit where phase = 'refused'"
                     " order by seq desc limit 1")  # fmt: skip
    assert row == (chat.id_of("vic"), "guest.start", "role_too_low", 105)


@pytest.mark.parametrize(
    ("who", "words", "rule"),
    [
        ("vic", "ct start 105", "the role in that tenant is too low for it"),
        ("olga", "ct start 205", "no such guest is there"),
        ("dora", "ct list", "one must belong to a tenant"),
        ("ana", "tenant list", "only platform admins may do that"),
    ],
)
def test_why_explains_the_last_refusal_with_its_rule(chat, who, words, rule):
    refused = chat(who, words)

    answer = chat(who, "why")

    assert rule in answer.text
    assert refused.text.split(".")[0].replace("`", "") in answer.text.replace("`", "")


def test_the_audit_is_read_a_page_at_a_time(chat):
    for _ in range(21):
        chat("vic", "ct list")

    first = chat("vic", "audit")
    second = chat.presses("vic", first.message, "Next")
    back = chat.presses("vic", second.message, "Previous")

    assert "Next" in first.labels
    assert "Previous" in second.labels
    assert "guest.list" in second
    assert back.text.startswith("Your last actions")
