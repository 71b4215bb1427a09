"""Courses of events as tables: a row of values, and below it what was told at each look.

A look is every 20 s; `-` is a look in which the thing was not seen.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nubemox_bot.alerts import rules
from nubemox_bot.alerts.evaluator import AGAIN_WITHIN, CLOSE_AFTER_S, Change
from nubemox_bot.alerts.model import Observation, State, SubjectKind
from tests.alerts.replay import Replay, said

NODE, STORAGE, GUEST = "node/pve1", "storage/ceph", "guest/105"

TRACES = {
    "a node goes and comes back for good": (
        rules.NODE_OFFLINE, NODE,
        "0  1     1  1  0  0  0  0        0",
        ".  fired .  .  .  .  .  resolved .",
    ),
    "a node that flaps is one alert": (
        rules.NODE_OFFLINE, NODE,
        "1     0  1  0  1  0  0  1  0  0  0  0",
        "fired .  .  .  .  .  .  .  .  .  .  resolved",
    ),
    "what is not seen does not resolve": (
        rules.NODE_OFFLINE, NODE,
        "1     -  -  -  -  -  -  -  -  0  -  0  0  0",
        "fired .  .  .  .  .  .  .  .  .  .  .  resolved .",
    ),
    "a storage must be full for a minute, and is clear below 80": (
        rules.STORAGE_FULL, STORAGE,
        "84 86 86 86 86    84 81 80 79 79 79 79       79",
        ".  .  .  .  fired moved moved moved . . . resolved .",
    ),
    "exactly at the threshold is no alert": (
        rules.STORAGE_FULL, STORAGE,
        "85 85 85 85 85 85",
        ".  .  .  .  .  .",
    ),
    "a peak is no alert": (
        rules.NODE_MEMORY, NODE,
        "95 95 95 84 95 95 95",
        ".  .  .  .  .  .  .",
    ),
    "around the threshold time adds up": (
        rules.STORAGE_FULL, STORAGE,
        "86 84 86 84 86 84 86    84 86",
        ".  .  .  .  .  .  fired moved moved",
    ),
    "a failed backup is told at once and ends with a good one": (
        rules.BACKUP_FAILED, GUEST,
        "1     -  -  1  -  0        -",
        "fired .  .  .  .  resolved .",
    ),
    "a certificate counts down": (
        rules.CERTIFICATE, NODE,
        "20 15 14.5 13.9  13.5 12.8  14.9 364",
        ".  .  .    fired .    moved moved resolved",
    ),
    "only a worse number by a whole step is shown": (
        rules.BACKUP_MISSING, GUEST,
        "7.2 7.3   7.5 7.9 8.4   8.5 0.1",
        ".   fired .   .   moved .   resolved",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TRACES)
def test_a_course_of_events(name):
    rule, subject, values, told = TRACES[name]

    assert said(Replay().trace(rule, subject, values)) == said(told.split())


def test_no_value_is_no_observation():
    replay = Replay()

    assert replay.trace(rules.NODE_OFFLINE, NODE, "1 nan nan nan nan nan")[1:] == ["."] * 5
    assert next(iter(replay.alerts.values())).is_firing


def test_a_rule_that_nobody_knows_is_passed_over():
    assert Replay().look(Observation("of_tomorrow", NODE, 1)) == []


@pytest.mark.parametrize("values", [(1, 1), (1, 0), (0, 1)])
def test_two_reads_that_see_the_same_thing_in_one_look_are_one_alert(values):
    replay = Replay()
    for _ in range(5):
        replay.look(*(Observation(rules.HA_ERROR, GUEST, value) for value in values))

    assert replay.changes() == ["fired"]
    assert len(replay.alerts) == 1


def test_a_node_that_is_silent_while_the_api_answers_keeps_what_is_known_of_it():
    """Other nodes are seen, this one is not: neither its fall nor its return is made up."""
    replay = Replay()
    other = Observation(rules.NODE_OFFLINE, "node/pve2", 0)
    replay.look(other, Observation(rules.NODE_OFFLINE, NODE, 1))

    for _ in range(500):
        replay.look(other, there={SubjectKind.NODE: frozenset({NODE, "node/pve2"})})

    assert replay.changes() == ["fired"]
    assert [one.subject for one in replay.alerts.values() if one.is_firing] == [NODE]


def test_time_without_sight_does_not_count_as_held():
    replay = Replay()
    replay.trace(rules.NODE_MEMORY, NODE, "95")

    told = replay.look(Observation(rules.NODE_MEMORY, NODE, 95), after_s=3600)

    assert told == []


@pytest.mark.parametrize("jump_s", [7200, -7200, 86_400 * 30, -86_400 * 30])
def test_a_jump_of_the_clock_neither_hurries_nor_loses_anything(jump_s):
    replay = Replay()
    full = Observation(rules.STORAGE_FULL, STORAGE, 90)
    replay.look(full)
    replay.look(full, after_s=jump_s)

    told = [bool(replay.look(full)) for _ in range(4)]

    assert told.count(True) == 1
    replay.look(Observation(rules.STORAGE_FULL, STORAGE, 70), after_s=-jump_s)
    assert replay.trace(rules.STORAGE_FULL, STORAGE, "70 70 70 70").count("resolved") <= 1
    assert replay.changes().count("resolved") == 1


def test_a_restart_while_firing_fires_nothing_again():
    """What the store keeps is all that a new process has."""
    before = Replay()
    before.trace(rules.NODE_OFFLINE, NODE, "1 1")
    after = Replay()
    after.alerts, after.at = dict(before.alerts), before.at + timedelta(hours=1)

    assert said(after.trace(rules.NODE_OFFLINE, NODE, "1 1 1 0 0 0 0")) == ". . . . . . resolved"


def test_a_restart_while_pending_begins_no_wait_anew():
    replay = Replay()
    replay.trace(rules.NODE_MEMORY, NODE, " ".join(["95"] * 14))
    replay.at += timedelta(minutes=10)  # nobody looked

    assert said(replay.trace(rules.NODE_MEMORY, NODE, "95 95 95")) == ". . fired"


def test_what_fires_again_soon_is_the_same_alert():
    replay = Replay()
    replay.trace(rules.NODE_OFFLINE, NODE, "1 0 0 0 0")
    first = replay.told[0].alert.id

    again = replay.look(Observation(rules.NODE_OFFLINE, NODE, 1))

    assert [(one.change, one.alert.id, one.alert.times) for one in again] == [
        (Change.AGAIN, first, 2)
    ]


def test_what_fires_again_late_is_another_alert():
    replay = Replay()
    replay.trace(rules.NODE_OFFLINE, NODE, "1 0 0 0 0")
    replay.at += AGAIN_WITHIN

    again = replay.look(Observation(rules.NODE_OFFLINE, NODE, 1))

    assert [one.change for one in again] == [Change.FIRED]
    assert again[0].alert.id != replay.told[0].alert.id


def test_flapping_for_a_day_stays_few_messages():
    """New messages: one. Everything else is an edit of it or a note in its thread."""
    replay = Replay()
    for number in range(4320):
        replay.look(Observation(rules.NODE_OFFLINE, NODE, number // 7 % 2))

    assert replay.changes().count("fired") == 1


def test_what_a_full_list_does_not_have_for_a_day_is_closed_and_never_resolved():
    replay = Replay()
    replay.trace(rules.STORAGE_FULL, STORAGE, "90 90 90 90 90")
    others = {SubjectKind.STORAGE: frozenset({"storage/nfs"})}

    looks = 0
    while not replay.look(there=others):
        looks += 1

    assert replay.changes() == ["fired", "closed"]
    assert abs(looks * 20 - CLOSE_AFTER_S) < 60
    assert next(iter(replay.alerts.values())).state is State.CLOSED


def test_a_list_that_is_not_full_closes_nothing():
    replay = Replay()
    replay.trace(rules.STORAGE_FULL, STORAGE, "90 90 90 90 90")

    for _ in range(5000):
        replay.look()

    assert replay.changes() == ["fired"]


def test_back_in_the_list_before_a_day_is_over_nothing_is_closed():
    replay = Replay()
    replay.trace(rules.STORAGE_FULL, STORAGE, "90 90 90 90 90")
    for _ in range(3):
        for _ in range(4000):
            replay.look(there={SubjectKind.STORAGE: frozenset({"storage/nfs"})})
        replay.look(there={SubjectKind.STORAGE: frozenset({STORAGE})})

    assert replay.changes() == ["fired"]


def test_after_a_quiet_time_five_hundred_at_once_are_five_hundred_alerts_and_no_more():
    replay = Replay()
    for _ in range(100):
        replay.look(*(Observation(rules.HA_ERROR, f"guest/{n}", 0) for n in range(500)))

    storm = [Observation(rules.HA_ERROR, f"guest/{n}", 1) for n in range(500)]
    told = [len(replay.look(*storm)) for _ in range(5)]

    assert told == [500, 0, 0, 0, 0]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, 70.0, 82.0, 90.0, float("nan")]),
            st.floats(-100_000, 100_000, allow_nan=False),
        ),
        max_size=80,
    )
)
def test_whatever_happens_each_end_has_its_beginning(course):
    """Fired and resolved alternate, whatever is missing and however the clock jumps."""
    replay = Replay({rules.STORAGE_FULL: replace(rules.RULES[rules.STORAGE_FULL], hold_s=20)})
    is_firing = False
    for value, after_s in course:
        seen = [] if value is None else [Observation(rules.STORAGE_FULL, STORAGE, value)]
        for turn in replay.look(*seen, after_s=after_s):
            if turn.change is Change.MOVED:
                assert is_firing
                continue
            assert (turn.change in (Change.FIRED, Change.AGAIN)) is not is_firing
            assert value in (70.0, 90.0)
            is_firing = not is_firing
    firing = [one for one in replay.alerts.values() if one.is_firing]
    assert len(firing) == is_firing
