"""What is known of backups: ended vzdump tasks, and how old each guest's newest backup is."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from nubemox_bot.alerts import rules
from nubemox_bot.alerts.model import Observation, SubjectKind
from nubemox_bot.alerts.observing import Keys, Open, of_backup, of_backup_age, of_newer_backup
from nubemox_bot.alerts.watched import Looked, WatchedGuest, WatchStore
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.pve.inventory import Snapshot
from nubemox_bot.pve.model import Storage
from nubemox_bot.pve.watching import EndedTask, PveWatch, failed_backups, good_backups

log = logging.getLogger("nubemox.alerts")

TASKS: Final = "tasks"
_VZDUMP: Final = "vzdump"
_LOGS_READ: Final = 3
_TICK: Final = timedelta(seconds=1)
_LISTING_COUNTS: Final = timedelta(days=2)
_FIRST_LOOK_BACK: Final = timedelta(hours=24)


class BackupWatch:
    """Turns tasks and listings into observations; remembers how far it has come."""

    def __init__(self, watch: PveWatch, store: WatchStore) -> None:
        self._watch = watch
        self._store = store
        self.uncovered: frozenset[int] = frozenset()
        """The guests that no backup job covers, as last read."""
        self._upto: datetime | None = None
        self._seen: dict[str, datetime] = {}

    def of_tasks(
        self, snapshot: Snapshot, sources: dict[str, Looked], open_: Keys, now: datetime
    ) -> Iterator[Observation]:
        """What the vzdump tasks say that ended since the last look; of each the last word."""
        last = sources.get(TASKS)
        since = last.at if last else now - _FIRST_LOOK_BACK
        fresh = self._fresh(since)
        logs = _LOGS_READ
        good: dict[int, datetime] = {}
        said: dict[str, Observation] = {}
        seen = []
        for task in fresh:
            needs_log = not task.succeeded or (
                task.upid.vmid is None
                and (bool(said) or any(rule == rules.BACKUP_FAILED for rule, _ in open_))
            )
            text = ""
            if needs_log:
                if not logs:
                    break
                logs -= 1
                text = self._log_of(task)
            failed, finished = _fates(task, text)
            good |= dict.fromkeys(finished, task.ended_at)
            said |= {one.subject: one for one in of_backup(task, failed, finished, snapshot)}
            seen.append(task)
        yield from (one for one in said.values() if one.value or (one.rule, one.subject) in open_)
        self._store.backed_up(good)
        upto = max((task.ended_at for task in seen), default=since)
        if len(seen) < len(fresh):
            # The next look goes on from here, with whatever ended in the same second.
            upto = min(upto, max(since, fresh[len(seen)].ended_at - _TICK))
        self._keep_place(seen, since, upto)
        if last is None or upto > last.at:
            self._store.looked(TASKS, upto)

    def _fresh(self, since: datetime) -> list[EndedTask]:
        """Tasks not seen yet. PVE counts in seconds: of the last one there may be more by now."""
        ours = self._seen if self._upto == since else None
        return [
            task
            for task in self._watch.ended_tasks()
            if task.upid.type == _VZDUMP
            and (
                task.ended_at > since
                if ours is None
                else task.ended_at >= since and task.upid.text not in ours
            )
        ]

    def _keep_place(self, seen: Iterable[EndedTask], since: datetime, upto: datetime) -> None:
        """What is seen is passed over as long as the next look may find it again."""
        known = self._seen if self._upto == since else {}
        known = known | {task.upid.text: task.ended_at for task in seen}
        self._seen = {upid: at for upid, at in known.items() if at >= upto}
        self._upto = upto

    def _log_of(self, task: EndedTask) -> str:
        try:
            return self._watch.log_of(task)
        except NubemoxError as error:
            log.info("the log of a failed backup cannot be read: %s", error)
            return ""

    @staticmethod
    def of_newer(guests: Iterable[WatchedGuest], open_: Open) -> Iterator[Observation]:
        """Failed backups that a newer one has taken the place of."""
        for one in guests:
            if one.backup_at is not None:
                yield from of_newer_backup(one.vmid, one.backup_at, open_)

    def of_ages(
        self,
        snapshot: Snapshot,
        guests: dict[int, WatchedGuest],
        sources: dict[str, Looked],
        open_: Keys,
        now: datetime,
    ) -> Iterator[Observation]:
        """How long guests have been without a backup, as far as every place for them was seen.

        Counted up to the oldest of the listings: what was made after it nobody has seen yet.
        """
        listed = [sources.get(listing(storage)) for storage in backup_storages(snapshot)]
        known = [
            one.at for one in listed if one and one.was_seen and now - one.at < _LISTING_COUNTS
        ]
        if not listed or len(known) < len(listed):
            return
        upto = min(known)
        for guest in snapshot.guests:
            one = guests.get(guest.vmid)
            if one is not None and not guest.is_template:
                since = one.backup_at or one.first_seen
                facts = {
                    "has_backup": one.backup_at is not None,
                    "has_job": one.vmid not in self.uncovered,
                }
                yield from of_backup_age(guest, since, facts, now=upto, open_=open_)


def backup_storages(snapshot: Snapshot) -> list[Storage]:
    """Each space that may hold backups, once."""
    return [one for one in snapshot.merged_storages if "backup" in one.content]


def listing(storage: Storage) -> str:
    """The name under which a look at a storage's backups is remembered."""
    where = "" if storage.is_shared else f"@{storage.node}"
    return f"{SubjectKind.STORAGE}:{storage.storageid}{where}"


def _fates(task: EndedTask, text: str) -> tuple[dict[int, str], frozenset[int]]:
    """Which guests' backups failed and why, and which were finished."""
    failed, good = failed_backups(text), good_backups(text)
    vmid = task.upid.vmid
    if vmid is not None:
        if task.succeeded:
            return {}, frozenset({vmid})
        return {vmid: failed.get(vmid, task.status)}, frozenset()
    return failed, good - failed.keys()
