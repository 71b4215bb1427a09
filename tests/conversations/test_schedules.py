from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.conversations.rehearsal import Rehearsal
from tests.conversations.stage import Answer


def _id(answer: Answer) -> str:
    found = re.search(r"schedule remove (\w+)", str(answer.message.blocks))
    assert found is not None
    return found[1]


def _becomes_due(stage: Rehearsal, column: str, ago: timedelta) -> None:
    """What the clock would do if it were later, or the bot had been away."""
    then = (datetime.now(UTC) - ago).strftime("%Y-%m-%d %H:%M:%S.%f")
    stage.sql(f"update schedules set {column} = ?", then)


def _looks(stage: Rehearsal) -> None:
    stage.inside._clockwork.look()
    stage.workspace.wait_until(stage._is_idle, 10, "what was due to end")


def _heard(stage: Rehearsal, name: str) -> list[str]:
    person = stage.person(name)
    return [message.text for message in person.sees(person.place("dm"))]


def test_an_owner_has_a_guest_run_by_the_clock(backstage: Rehearsal) -> None:
    made = backstage("ana", "schedule add web-1 --start 08:00 --stop 18:00 --days mon-fri")

    assert (
        "*web-1* `105` runs by schedule now: start 08:00, stop 18:00, Mon Tue Wed Thu Fri" in made
    )
    listed = backstage("ana", "schedule list")
    assert listed.labels == ["Keep on next time", "Remove"]
    gone = backstage.presses("ana", listed.message, "Remove")
    assert "no longer runs by schedule" in gone
    assert "There are no schedules" in backstage("ana", "schedule list")


def test_an_operator_may_look_what_a_schedule_would_be_and_make_none(backstage: Rehearsal) -> None:
    words = "schedule add web-1 --start 08:00 --stop 18:00 --days mon-fri"

    assert "role owner" in backstage("olga", words)
    assert "role owner" not in backstage("olga", f"{words} --dry-run")
    assert "role operator" in backstage("vic", f"{words} --dry-run")
    made = _id(backstage("ana", words))
    assert "role owner" not in backstage("olga", f"schedule remove {made} --dry-run")
    assert "role owner" in backstage("olga", f"schedule remove {made}")
    backstage("ana", f"schedule remove {made}")


def test_what_is_due_is_done_once_with_the_tenants_own_token_and_nobody_is_bothered(
    backstage: Rehearsal,
) -> None:
    made = backstage("ana", "schedule add 105 --start 08:00")
    before = _heard(backstage, "ana")
    _becomes_due(backstage, "next_start", timedelta(minutes=1))

    with backstage.calls() as calls:
        _looks(backstage)
        _looks(backstage)

    starts = [call for call in calls if call.path.endswith("/105/status/start")]
    assert [(call.tokenid or "").split("!")[0] for call in starts] == ["t-acme@pve"]
    assert backstage.cluster.guest(105).status == "running"
    assert _heard(backstage, "ana") == before
    row = backstage.sql(
        "select origin, phase from audit where vmid = 105 order by seq desc limit 2"
    )
    assert row == [("job", "outcome"), ("job", "intent")]
    backstage("ana", f"schedule remove {_id(made)}")


def test_its_wish_is_never_there_for_another_to_run_from_its_words(
    backstage: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even when the bot dies just then: the next one runs what is stored and not begun."""

    def dies(*_: object) -> bool:
        raise ConnectionError

    made = backstage("ana", "schedule add 105 --start 08:00")
    _becomes_due(backstage, "next_start", timedelta(minutes=5))
    with monkeypatch.context() as patch:
        patch.setattr("nubemox_bot.store.turns.TurnStore.begin", dies)
        backstage.inside._clockwork.look()
    backstage.workspace.wait_until(backstage._is_idle, 10, "what was due to end")

    states = backstage.sql("select distinct state from turns where key like 'schedule:%'")
    assert states == [("answered",)]
    assert backstage.cluster.guest(105).status == "running"
    backstage("ana", f"schedule remove {_id(made)}")


def test_what_was_missed_by_hours_is_told_and_not_caught_up(backstage: Rehearsal) -> None:
    made = backstage("ana", "schedule add 105 --start 08:00")
    _becomes_due(backstage, "next_start", timedelta(hours=3))

    with backstage.nothing_changes():
        _looks(backstage)

    def told() -> bool:
        return any("the bot was not there to do it" in text for text in _heard(backstage, "ana"))

    backstage.workspace.wait_until(told, 5, "ana to be told")
    backstage("ana", f"schedule remove {_id(made)}")


def test_a_stop_can_be_skipped_once(backstage: Rehearsal) -> None:
    made = backstage("ana", "schedule add web-2 --stop 18:00")
    listed = backstage("ana", "schedule list")
    kept = backstage.presses("ana", listed.message, "Keep on next time")
    assert "stays on" in kept
    backstage.sql("update schedules set next_stop = ?, skipped_stop = ?", *[_past()] * 2)

    with backstage.nothing_changes():
        _looks(backstage)

    assert backstage.cluster.guest(106).status == "running"
    _becomes_due(backstage, "next_stop", timedelta(minutes=1))
    _looks(backstage)
    assert backstage.cluster.guest(106).status == "stopped"
    backstage("ana", f"schedule remove {_id(made)}")


def _past() -> str:
    return (datetime.now(UTC) - timedelta(minutes=1)).strftime("%Y-%m-%d %H:%M:%S.%f")


def test_one_who_is_no_longer_a_member_starts_nothing_by_the_clock(backstage: Rehearsal) -> None:
    backstage("ana", "schedule add 105 --start 08:00")
    backstage("carla", "tenant remove acme @ana")
    _becomes_due(backstage, "next_start", timedelta(minutes=1))

    with backstage.nothing_changes():
        _looks(backstage)

    assert backstage.sql("select id from schedules") == []

    def told() -> bool:
        return any("The schedule was removed" in text for text in _heard(backstage, "ana"))

    backstage.workspace.wait_until(told, 5, "ana to be told")


def _is_told(stage: Rehearsal, name: str, words: str) -> None:
    stage.workspace.wait_until(
        lambda: any(words in text for text in _heard(stage, name)), 5, f"{name} to be told {words}"
    )


def test_a_guest_that_goes_to_another_tenant_runs_by_its_schedule_no_more(
    backstage: Rehearsal,
) -> None:
    """Also where its maker, a platform admin here, might still start it."""
    backstage("carla", "schedule add 105 --start 08:00")
    _becomes_due(backstage, "next_start", timedelta(minutes=1))
    backstage.cluster.guest(105).move_to_pool("globex")
    backstage.inside._ground.inventory.fresh()

    with backstage.nothing_changes():
        _looks(backstage)

    assert backstage.sql("select id from schedules") == []
    _is_told(backstage, "carla", "web-1 belongs to another tenant now")


def test_a_guest_that_is_not_listed_for_a_while_keeps_its_schedule(backstage: Rehearsal) -> None:
    made = _id(backstage("ana", "schedule add 105 --start 08:00"))
    _becomes_due(backstage, "next_start", timedelta(minutes=1))
    server = backstage.cluster._server
    guest = server.guest(105)
    server.cts.remove(guest)

    try:
        with backstage.nothing_changes():
            _looks(backstage)
    finally:
        server.cts.append(guest)

    assert backstage.sql("select id from schedules") == [(made,)]
    _is_told(backstage, "ana", "Proxmox VE does not list it now. The schedule goes on.")
    _becomes_due(backstage, "next_start", timedelta(minutes=2))
    _looks(backstage)
    assert backstage.cluster.guest(105).status == "running"
    backstage("ana", f"schedule remove {made}")


def test_a_guest_that_was_deleted_takes_its_schedule_along(backstage: Rehearsal) -> None:
    backstage.cluster.add_container(490, name="brief", node="pve1", pool="acme")
    backstage("ana", "schedule add 490 --start 08:00")
    assert "is deleted." in backstage("ana", "ct delete 490 --confirm brief --skip-backup").text
    _becomes_due(backstage, "next_start", timedelta(minutes=1))

    _looks(backstage)

    assert backstage.sql("select id from schedules") == []


def test_others_learn_nothing_of_it(backstage: Rehearsal) -> None:
    made = backstage("ana", "schedule add 105 --start 08:00")

    foreign = backstage("bruno", f"schedule remove {_id(made)}")
    missing = backstage("bruno", "schedule remove zzzzzzzz")
    assert foreign.text == missing.text.replace("zzzzzzzz", _id(made))
    refused = "select rule from audit where phase = 'refused' and action = 'schedule.change'"
    assert backstage.sql(f"{refused} order by seq desc limit 2") == [("schedule_not_found",)] * 2
    assert "cada um só vê o que é seu" in backstage("bruno", "why")
    assert "Não há agendamentos" in backstage("bruno", "schedule list")
    assert "owner" in backstage("olga", f"schedule remove {_id(made)}")
    assert "owner" in backstage("vic", "schedule add 105 --start 08:00")
    backstage("ana", f"schedule remove {_id(made)}")


def test_words_that_make_no_schedule_are_explained(backstage: Rehearsal) -> None:
    assert "needs a time" in backstage("ana", "schedule add 105")
    assert "same time" in backstage("ana", "schedule add 105 --start 08:00 --stop 08:00")
    assert "time of day" in backstage("ana", "schedule add 105 --start 25:00")
    assert "weekdays" in backstage("ana", "schedule add 105 --start 08:00 --days someday")
    dry = backstage("ana", "schedule add 105 --start 08:00 --dry-run")
    assert "Nothing was changed" in dry
    assert "There are no schedules" in backstage("ana", "schedule list")
