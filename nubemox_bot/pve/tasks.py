"""Tasks: how one stands, what it wrote, and whether a lost call began one."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import TaskUnknown
from nubemox_bot.pve.model import Guest, TaskStatus, Upid
from nubemox_bot.pve.paths import PvePath, task_path

# A task that has just ended may not have its last line yet (PVE: pve-common Tools.pm).
_NO_LAST_LINE = ("unexpected status", "unable to get last line")
_LOOKS = 3
_BETWEEN_LOOKS_S = 0.4
_LOG_PAGE = 500
_LOG_PAGES = 40
# PVE counts whole seconds by its own clock.
_CLOCKS_APART_S = 2


class PveTasks:
    """Reads tasks with the bot's own token, which sees everybody's (Sys.Audit on the nodes).

    Args:
        client: used unless a method is given another one; a token sees the tasks it started.
        pause: how to wait for a task's last line, at most twice 0.4 s.
    """

    def __init__(self, client: PveClient, pause: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._pause = pause

    def status(self, upid: str, client: PveClient | None = None) -> TaskStatus:
        """How the task stands. Its node is read from the UPID: the guest may have moved since.

        A task without a last line is looked at again, since a log is written a little late.

        Raises:
            TaskUnknown: PVE does not know it (any more).
            NodeOffline: its node does not answer.
            InvalidName: it is no UPID.
        """
        path = task_path(upid, "status")
        for look in range(_LOOKS):
            if look:
                self._pause(_BETWEEN_LOOKS_S)
            status = _status(upid, (client or self._client).get(path))
            if status.is_running or not (status.exitstatus or "").startswith(_NO_LAST_LINE):
                break
        return status

    def log_tail(self, upid: str, lines: int = 20) -> list[str]:
        """The last lines that the task wrote, oldest first, raw.

        Raises:
            TaskUnknown, NodeOffline, InvalidName: as `status`.
        """
        path = task_path(upid, "log")
        tail: list[str] = []
        for page in range(_LOG_PAGES):
            rows = self._client.get(path, start=page * _LOG_PAGE, limit=_LOG_PAGE) or []
            tail = [*tail, *(str(row.get("t", "")) for row in rows)][-lines:]
            if len(rows) < _LOG_PAGE:
                break
        return tail

    def find(
        self,
        client: PveClient,
        guest: Guest,
        *,
        types: Collection[str],
        since: datetime,
        known: Collection[str] = (),
    ) -> str | None:
        """The newest task of those types that this token began on the guest since then, if any.

        For when the answer to a call was lost: whether it began is seen here. Running tasks are
        looked at too, which PVE leaves out unless asked (PVE: `source=all`).

        Args:
            since: aware time of just before the call; clocks may differ by 2 s.
            known: UPIDs that other calls were answered with: within those 2 s an earlier task
                would else be taken for the lost one.
        """
        rows: list[dict[str, Any]] = client.get(
            PvePath.to("/nodes/{node}/tasks", node=guest.node),
            vmid=guest.vmid,
            source="all",
            since=int(since.timestamp()) - _CLOCKS_APART_S,
        )
        ours = client.credential.full_tokenid
        found = [upid for row in rows if (upid := _parsed(row)) is not None]
        found = [
            upid
            for upid in found
            if upid.type in types and upid.user == ours and upid.text not in known
        ]
        return max(found, key=lambda upid: upid.started_at).text if found else None

    def cancel(self, upid: str, client: PveClient | None = None) -> None:
        """Ask PVE to end it; it may take a while, and what it did so far stays done."""
        parsed = Upid.parse(upid)
        path = PvePath.to("/nodes/{node}/tasks/{upid}", node=parsed.node, upid=parsed)
        (client or self._client).delete(path)


def _status(upid: str, row: dict[str, Any] | None) -> TaskStatus:
    if not row:
        raise TaskUnknown
    is_running = row.get("status") == "running"
    exitstatus = row.get("exitstatus")
    return TaskStatus(
        upid=upid,
        is_running=is_running,
        exitstatus=None if is_running else str(exitstatus or "unexpected status"),
    )


def _parsed(row: dict[str, Any]) -> Upid | None:
    try:
        return Upid.parse(row.get("upid"))
    except ValueError:
        return None
