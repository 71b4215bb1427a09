"""Line charts: figures over time in, a PNG out.

Drawing happens in a short-lived child process, so the bot itself never loads matplotlib, and a
drawing that goes wrong takes nothing with it.

    chart = line_chart("Memory", [Line("used", points)], Unit.BYTES, limit=maxmem)
    png = painter.draw(chart)
"""

from nubemox_bot.charts.errors import ChartFailed
from nubemox_bot.charts.model import Chart, Line, Measured, Panel, Unit, line_chart
from nubemox_bot.charts.painter import Painter
from nubemox_bot.charts.words import amount

__all__ = [
    "Chart",
    "ChartFailed",
    "Line",
    "Measured",
    "Painter",
    "Panel",
    "Unit",
    "amount",
    "line_chart",
]
