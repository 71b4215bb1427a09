from __future__ import annotations

from nubemox_bot.jobs.probe import PveProbe
from nubemox_bot.pve.errors import PveUnreachable
from tests.databases import HeldClock


class Pve:
    """Counts who asks, and answers or does not."""

    def __init__(self) -> None:
        self.is_there = True
        self.asked = 0

    def ask(self) -> object:
        self.asked += 1
        if not self.is_there:
            raise PveUnreachable
        return "9.2"


def test_a_pve_that_answers_is_asked_a_few_times_a_minute() -> None:
    pve, clock = Pve(), HeldClock()
    probe = PveProbe(pve.ask, clock)

    for _ in range(12):
        probe.look()
        clock.pass_by(5)

    assert pve.asked == 4
    assert probe.state()["ok"] is True


def test_a_pve_that_is_away_is_looked_for_each_time_and_found_at_once() -> None:
    pve, clock = Pve(), HeldClock()
    probe = PveProbe(pve.ask, clock)
    pve.is_there = False
    probe.look()
    clock.pass_by(5)

    pve.is_there = True
    probe.look()

    assert pve.asked == 2
    assert probe.state()["ok"] is True


def test_nothing_is_well_before_the_first_look() -> None:
    assert PveProbe(Pve().ask, HeldClock()).state()["ok"] is False
