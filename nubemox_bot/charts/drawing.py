"""Draws a chart with matplotlib. Nothing but the child process imports this."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_datetime
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import AutoDateLocator, date2num, num2date
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter, MaxNLocator

from nubemox_bot.charts.model import Chart, Line, Panel, Unit
from nubemox_bot.charts.words import amount, number, scale_of

# Messages show a picture small, so its letters are large.
_DPI = 200
_WIDTH, _PANEL_HEIGHT, _EXTRA_HEIGHT = 8.0, 2.35, 0.6
_COLOURS = ("#2563eb", "#d97706", "#059669", "#9333ea", "#dc2626", "#0891b2")
_INK, _FAINT, _GRID, _LIMIT = "#1f2937", "#6b7280", "#e5e7eb", "#9ca3af"
# A gap is a step this many times longer than the steps on both sides of it.
_GAP = 2.5
_HEADROOM = 1.15
_TITLE, _TITLE_OVER_LEGEND = 8, 22
_DENSE = 500
_LEAST = {Unit.FRACTION: 0.05, Unit.BYTES: 1.0, Unit.BYTES_PER_S: 1024.0, Unit.COUNT: 1.0}

_Points = Sequence[tuple[datetime, float | None]]


def draw(chart: Chart) -> bytes:
    """The chart as a PNG: panels side by side in twos, one alone over the whole width."""
    columns = 2 if len(chart.panels) > 1 else 1
    rows = -(-len(chart.panels) // columns)
    height = rows * _PANEL_HEIGHT * (1.25 if rows == 1 else 1) + _EXTRA_HEIGHT
    layout = ConstrainedLayoutEngine(w_pad=0.14, h_pad=0.1, wspace=0.02, hspace=0.04)
    figure = Figure(figsize=(_WIDTH, height), dpi=_DPI, facecolor="white", layout=layout)
    FigureCanvasAgg(figure)
    figure.suptitle(_plain(chart.title), x=0.012, ha="left", fontsize=15, color=_INK, weight="bold")
    for place, panel in enumerate(chart.panels, start=1):
        _panel(figure.add_subplot(rows, columns, place), panel, chart)
    png = io.BytesIO()
    figure.savefig(png, format="png")
    return png.getvalue()


def with_gaps(points: _Points) -> list[tuple[datetime, float]]:
    """Points in the order of time, with a hole wherever nothing was measured.

    Steps may change inside one list, so a step is a hole only beside both of its neighbours.
    """
    ordered = sorted(points, key=lambda point: point[0])
    steps = [
        (after[0] - before[0]).total_seconds() for before, after in itertools.pairwise(ordered)
    ]
    drawn: list[tuple[datetime, float]] = []
    for index, (at, value) in enumerate(ordered):
        if index and _is_hole(steps, index - 1):
            drawn.append((at - timedelta(seconds=steps[index - 1] / 2), float("nan")))
        drawn.append((at, float("nan") if value is None else value))
    return drawn


def _is_hole(steps: Sequence[float], index: int) -> bool:
    beside = [steps[near] for near in (index - 1, index + 1) if 0 <= near < len(steps)]
    return bool(beside) and steps[index] > _GAP * max(beside)


def _panel(axes: Axes, panel: Panel, chart: Chart) -> None:
    zone = _zone(chart.timezone)
    measured = [found for line in panel.lines if (found := line.measured()) is not None]
    greatest = max((one.peak for one in measured), default=0.0)
    top = _top(panel, greatest)
    divisor, unit = scale_of(panel.unit, top)
    named = f"{panel.title} ({unit})" if panel.title and unit else panel.title or unit
    has_legend = any(line.label for line in panel.lines)
    pad = _TITLE_OVER_LEGEND if has_legend else _TITLE
    axes.set_title(_plain(named), loc="left", fontsize=11.5, color=_INK, pad=pad)
    _frame(axes, chart, zone)
    axes.set_ylim(0, top / divisor)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=panel.unit is Unit.COUNT))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _place: number(y, chart.language)))
    if not measured:
        axes.set_yticks([])
        axes.text(
            0.5, 0.5, _plain(panel.nothing), transform=axes.transAxes,
            ha="center", va="center", fontsize=12, color=_FAINT,
        )  # fmt: skip
        return
    if panel.limit is not None and panel.limit <= top:
        axes.axhline(panel.limit / divisor, color=_LIMIT, linewidth=1.2, linestyle=(0, (4, 3)))
    for line, colour in zip(panel.lines, _COLOURS, strict=False):
        _line(axes, line, colour, divisor, panel, chart, fills=len(panel.lines) == 1)
    _legend(axes, panel, chart)


def _legend(axes: Axes, panel: Panel, chart: Chart) -> None:
    """The newest figures, above the axes, where they cover nothing."""
    if any(line.label for line in panel.lines):
        axes.legend(
            loc="lower left", bbox_to_anchor=(-0.02, 0.97), ncols=min(3, len(panel.lines)),
            fontsize=9, frameon=False, labelcolor=_INK, handlelength=1.0, handletextpad=0.5,
            borderaxespad=0.1, columnspacing=1.1,
        )  # fmt: skip
        return
    found = panel.lines[0].measured()
    if found and panel.lines[0].is_current(chart.end):
        now = amount(panel.unit, found.last, chart.language)
        axes.set_title(now, loc="right", fontsize=11.5, color=_COLOURS[0], weight="bold", pad=8)


def _line(
    axes: Axes,
    line: Line,
    colour: str,
    divisor: float,
    panel: Panel,
    chart: Chart,
    *,
    fills: bool,
) -> None:
    points = with_gaps(line.points)
    if not points:
        return
    times = [date2num(at) for at, _value in points]
    values = [value / divisor for _at, value in points]
    found = line.measured()
    is_current = found is not None and line.is_current(chart.end)
    now = f"  {amount(panel.unit, found.last, chart.language)}" if found and is_current else ""
    label = _plain(f"{line.label}{now}") if line.label else ""
    width = 1.7 if len(values) < _DENSE else 1.1
    axes.plot(times, values, color=colour, linewidth=width, label=label, solid_joinstyle="round")
    _alone(axes, times, values, colour)
    if fills:
        axes.fill_between(times, values, color=colour, alpha=0.12, linewidth=0)


def _alone(axes: Axes, times: Sequence[float], values: Sequence[float], colour: str) -> None:
    """A measurement between two holes makes no line, so it is a dot."""
    padded = [float("nan"), *values, float("nan")]
    dots = [
        (time, value)
        for time, before, value, after in zip(times, padded, values, padded[2:], strict=False)
        if value == value and before != before and after != after  # noqa: PLR0124  a hole is NaN
    ]
    axes.plot([x for x, _y in dots], [y for _x, y in dots], ".", color=colour, markersize=5)


def _top(panel: Panel, greatest: float) -> float:
    """The upper end of the axis: the limit is in sight where the figures come anywhere near it."""
    least = _LEAST[panel.unit]
    reach = max(greatest * _HEADROOM, least)
    if panel.limit is not None and panel.limit > 0 and panel.limit < reach * 12:
        reach = max(reach, panel.limit * 1.06)
    return min(reach, 1.0) if panel.unit is Unit.FRACTION and greatest <= 1 else reach


def _frame(axes: Axes, chart: Chart, zone: ZoneInfo) -> None:
    end = max(chart.end, chart.start + timedelta(minutes=1))
    axes.set_xlim(date2num(chart.start), date2num(end))
    pattern = _time_pattern(chart.end - chart.start)
    most = (5 if len(chart.panels) > 1 else 9) - (len(pattern) > len("MMM yyyy"))
    axes.xaxis.set_major_locator(AutoDateLocator(tz=zone, minticks=3, maxticks=most))
    axes.xaxis.set_major_formatter(
        FuncFormatter(
            lambda x, _place: format_datetime(
                num2date(x, tz=zone), pattern, tzinfo=zone, locale=chart.language
            )
        )
    )
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_LIMIT)
    axes.tick_params(colors=_FAINT, labelsize=9.5, length=0, pad=5)
    axes.grid(axis="y", color=_GRID, linewidth=0.9)
    axes.set_axisbelow(True)


def _time_pattern(span: timedelta) -> str:
    if span <= timedelta(hours=30):
        return "HH:mm"
    if span <= timedelta(days=4):
        return "d MMM HH:mm"
    return "d MMM" if span <= timedelta(days=200) else "MMM yyyy"


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _plain(text: str) -> str:
    """Text as it is: a dollar sign begins a formula for matplotlib otherwise."""
    return text.replace("$", r"\$")
