"""What a guest, a node or a storage did over time, by PVE's own memory."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from nubemox_bot.pve.calls import rows_of
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.model import Guest
from nubemox_bot.pve.paths import PvePath, guest_path
from nubemox_bot.pve.timeline import History, Point, Timeframe, timeframe_for

__all__ = ["History", "Point", "Timeframe", "of_guest", "of_node", "of_storage", "timeframe_for"]


def of_guest(client: PveClient, guest: Guest, timeframe: Timeframe) -> History:
    """A guest's history (VM.Audit)."""
    return _read(client, guest_path(guest, "rrddata"), timeframe)


def of_node(client: PveClient, node: str, timeframe: Timeframe) -> History:
    """A node's history (Sys.Audit on it)."""
    return _read(client, PvePath.to("/nodes/{node}/rrddata", node=node), timeframe)


def of_storage(client: PveClient, node: str, storageid: str, timeframe: Timeframe) -> History:
    """A storage's history, as one node has seen it."""
    path = PvePath.to("/nodes/{node}/storage/{storage}/rrddata", node=node, storage=storageid)
    return _read(client, path, timeframe)


def _read(client: PveClient, path: PvePath, timeframe: Timeframe) -> History:
    rows = rows_of(client.get(path, timeframe=timeframe.value, cf="AVERAGE"))
    points = [Point(_time(row), _figures(row)) for row in rows if _number(row.get("time"))]
    points.sort(key=lambda point: point.at)
    # The bucket of this moment is still being filled, and is often empty.
    if points and not points[-1].figures:
        points.pop()
    return History(tuple(points))


def _time(row: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=float(row["time"]))


def _figures(row: Mapping[str, Any]) -> dict[str, float]:
    read = {key: _number(value) for key, value in row.items() if key != "time"}
    return {key: value for key, value in read.items() if value is not None}


def _number(value: object) -> float | None:
    """PVE sends numbers, numbers as texts, and now and then `NaN`."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
