"""Guests' graphs."""

from __future__ import annotations

from nubemox_bot.charts import Painter
from nubemox_bot.graphs import views
from nubemox_bot.graphs.service import GraphService
from nubemox_bot.wiring.ground import Ground


def graph_service(ground: Ground, painter: Painter) -> GraphService:
    """Graphs, drawn by the painter that all features share."""
    return GraphService(ground.guest_access, painter, views.chart, ground.clock)
