"""Dropping what nobody needs any more, without anybody waiting for it.

A table is walked once along its key. Rows are looked for without a lock and dropped a slice at a
time, so that no write of somebody's waits behind more than one slice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Table, delete, select, tuple_

from nubemox_bot.store.engine import Database

SLICE: Final = 500


def forget(
    database: Database,
    table: Table,
    *conditions: ColumnElement[bool],
    beside: Sequence[str] = (),
    before: Callable[[Sequence[Row[Any]]], object] | None = None,
) -> int:
    """Drop every row that fulfils all conditions; how many those were.

    Args:
        beside: columns that `before` needs besides the key's.
        before: is handed each slice before it goes; what it raises keeps the slice.

    Raises:
        StoreUnavailable: what was not dropped by then is left for another time.
    """
    columns = [*table.primary_key.columns]
    key: Any = columns[0] if len(columns) == 1 else tuple_(*columns)
    gone, last = 0, None
    while True:
        wanted = select(*columns, *(table.c[name] for name in beside)).where(*conditions)
        if last is not None:
            wanted = wanted.where(key > last)
        with database.read() as connection:
            rows = connection.execute(wanted.order_by(*columns).limit(SLICE)).all()
        if not rows:
            return gone
        if before is not None:
            before(rows)
        keys = [row[0] if len(columns) == 1 else tuple(row[: len(columns)]) for row in rows]
        with database.write() as connection:
            # Asked once more: what somebody has taken up again meanwhile stays.
            dropped = connection.execute(delete(table).where(key.in_(keys), *conditions))
            gone += dropped.rowcount
        last = keys[-1] if len(columns) == 1 else tuple_(*keys[-1])
