"""Charts: figures over time in, a PNG out, drawn by another process."""

from __future__ import annotations

import math
import struct
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from nubemox_bot.charts import Chart, ChartFailed, Line, Painter, Panel, Unit, amount, line_chart
from nubemox_bot.charts.drawing import with_gaps

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def _every(step: timedelta, values: list[float | None]) -> list[tuple[datetime, float | None]]:
    return [(NOON + number * step, value) for number, value in enumerate(values)]


def _size(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.fixture(scope="module")
def painter() -> Painter:
    return Painter(timeout_s=120)


def test_a_chart_of_four_panels_is_a_picture_that_can_be_read(painter: Painter) -> None:
    waves = _every(timedelta(minutes=1), [0.3 + 0.1 * math.sin(n / 9) for n in range(60)])
    panels = [
        Panel("CPU", [Line("", waves)], Unit.FRACTION, limit=1.0),
        Panel("Memory", [Line("", [(at, (v or 0) * 2**30) for at, v in waves])], Unit.BYTES),
        Panel("Network $HOME", [Line("in", waves), Line("out", waves)], Unit.BYTES_PER_S),
        Panel("Disk", [], Unit.BYTES_PER_S, nothing="no data yet"),
    ]
    chart = Chart("web-1", panels, NOON, NOON + timedelta(hours=1), "America/Sao_Paulo", "pt_BR")

    png = painter.draw(chart)

    assert png.startswith(b"\x89PNG")
    assert _size(png) == (1600, 1060)
    assert len(png) < 400_000


@pytest.mark.parametrize(
    "values",
    [[], [None, None], [0.5], [0.0, 0.0], [1.0, None, 1.0]],
    ids=["nothing", "only holes", "one point", "zeros", "a hole"],
)
def test_whatever_was_measured_there_is_a_picture(
    painter: Painter, values: list[float | None]
) -> None:
    points = _every(timedelta(minutes=1), values)

    png = painter.draw(line_chart("CPU", [Line("", points)], Unit.FRACTION, timezone="Not/Real"))

    assert _size(png)[0] == 1600


def test_a_hole_in_the_measurements_stays_a_hole() -> None:
    drawn = with_gaps(_every(timedelta(minutes=1), [1.0, None, 3.0]))

    assert [at for at, _value in drawn] == [NOON + timedelta(minutes=n) for n in range(3)]
    assert math.isnan(drawn[1][1])


def test_steps_of_two_lengths_are_no_hole_and_a_missing_day_is_one() -> None:
    """PVE 8's half hours, then PVE 9's minutes, then a day without any."""
    old = _every(timedelta(minutes=30), [1.0] * 5)
    after = old[-1][0] + timedelta(minutes=30)
    new = [(at - NOON + after, value) for at, value in _every(timedelta(minutes=1), [2.0] * 5)]
    later = [(at + timedelta(days=1), value) for at, value in new]

    assert not any(math.isnan(value) for _at, value in with_gaps([*new, *old]))
    holes = [at for at, value in with_gaps(old + new + later) if math.isnan(value)]
    assert len(holes) == 1
    assert new[-1][0] < holes[0] < later[0][0]


def test_what_a_line_comes_to() -> None:
    line = Line("", _every(timedelta(minutes=1), [1.0, 3.0, None, 2.0, None]))

    measured = line.measured()

    assert measured is not None
    assert (measured.last, measured.mean, measured.peak) == (2.0, 2.0, 3.0)
    assert measured.last_at == NOON + timedelta(minutes=3)
    assert Line("", _every(timedelta(minutes=1), [None])).measured() is None


def test_what_is_measured_no_more_is_not_said_to_be_so_now() -> None:
    """By its own steps: a line of half hours may be an hour old, one of minutes may not."""
    minutes = Line("", _every(timedelta(minutes=1), [1.0] * 30))
    half_hours = Line("", _every(timedelta(minutes=30), [1.0] * 30))
    off = Line("", _every(timedelta(minutes=1), [1.0, *[None] * 29]))
    end = NOON + timedelta(minutes=30)

    assert minutes.is_current(end)
    assert not minutes.is_current(end + timedelta(minutes=30))
    assert half_hours.is_current(half_hours.points[-1][0] + timedelta(minutes=50))
    assert not off.is_current(end)
    assert not Line("", []).is_current(end)


@pytest.mark.parametrize(
    ("unit", "value", "language", "said"),
    [
        (Unit.FRACTION, 0.123, "en", "12.3 %"),
        (Unit.FRACTION, 0.123, "pt_BR", "12,3 %"),
        (Unit.FRACTION, 1.0, "en", "100 %"),
        (Unit.BYTES, 1.5 * 2**30, "en", "1.5 GiB"),
        (Unit.BYTES, 0, "en", "0 B"),
        (Unit.BYTES_PER_S, 320 * 1024, "en", "320 KiB/s"),
        (Unit.COUNT, 12345, "pt_BR", "12.345"),
        (Unit.COUNT, 12345, "en", "12,345"),
        (Unit.FRACTION, 0.001, "en", "0.1 %"),
        (Unit.FRACTION, 0.0005, "pt_BR", "0,05 %"),
        (Unit.BYTES, 99.96 * 2**30, "en", "100 GiB"),
        (Unit.BYTES, -2048, "en", "-2 KiB"),
    ],
)
def test_figures_in_words(unit: Unit, value: float, language: str, said: str) -> None:
    assert amount(unit, value, language) == said


def test_a_drawing_that_takes_too_long_is_given_up() -> None:
    chart = line_chart("CPU", [], Unit.FRACTION)

    with pytest.raises(ChartFailed):
        Painter(timeout_s=0.01).draw(chart)


def test_a_drawing_that_fails_is_told_as_such(painter: Painter) -> None:
    with pytest.raises(ChartFailed):
        painter.draw(line_chart("CPU", [], Unit.FRACTION, language="xx_not_a_language"))


def test_the_drawing_process_is_told_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")

    assert "SLACK_BOT_TOKEN" not in Painter()._environment()


def test_the_bot_itself_never_loads_matplotlib() -> None:
    program = (
        "import nubemox_bot.app, nubemox_bot.services, nubemox_bot.charts, commands.registry, sys;"
        "assert 'matplotlib' not in sys.modules"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr
