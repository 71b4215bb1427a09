"""Rows that several threads record at the same moment, committed together.

A commit waits for the disk, and one writer at a time may wait: a crowd that records one row each
would keep everybody else waiting, acks first of all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nubemox_bot.audit.model import Entry
from nubemox_bot.core.errors import NubemoxError


@dataclass(slots=True)
class _Waiting:
    entry: Entry
    is_done: bool = False
    error: Exception | None = None


class Together:
    """Whoever comes to write writes for all who wait.

    Args:
        write: keeps rows in one transaction.
    """

    def __init__(self, write: Callable[[Sequence[Entry]], None]) -> None:
        self._write = write
        self._line: list[_Waiting] = []
        self._lock = threading.Lock()
        self._turn = threading.Lock()

    def put(self, entry: Entry) -> None:
        """Have a row kept; it is, once this returns.

        Raises:
            StoreUnavailable: it is not.
        """
        mine = _Waiting(entry)
        with self._lock:
            self._line.append(mine)
        with self._turn:
            if not mine.is_done:
                self._write_all()
        if mine.error is not None:
            raise _own(mine.error)

    def _write_all(self) -> None:
        with self._lock:
            batch, self._line = self._line, []
        try:
            self._write([one.entry for one in batch])
        except Exception as error:  # noqa: BLE001 - handed to everybody whose row it was
            for one in batch:
                one.error = error
        for one in batch:
            one.is_done = True


def _own(error: Exception) -> Exception:
    """One exception object must not be raised in several threads."""
    if not isinstance(error, NubemoxError):
        return error
    own = type(error)(**error.data)
    own.__cause__ = error
    return own
