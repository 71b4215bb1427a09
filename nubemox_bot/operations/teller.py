"""Keeps each turn's one message true, from "asked" to its end, over restarts and outages.

What is to be told is counted in the turn's row (`wanted`), what Slack has taken too (`told`);
whatever is behind is delivered. So an end is told exactly once in the end, by whichever process
lives then.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, Protocol

from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.i18n import speaking
from nubemox_bot.core.turn import Turn
from nubemox_bot.operations.model import Operation
from nubemox_bot.operations.store import OperationStore
from nubemox_bot.store.turns import TurnStore

log = logging.getLogger("nubemox.operations")

_IDLE_S = 5.0
_BATCH = 64
_WORKERS = 8
_RETRY_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
# A message that is younger than this is first shown as asked, then edited to its end.
_ASKED_FIRST_S = 2.0


class Told(NamedTuple):
    """What a turn's message shows, and whether that is its end; None: nothing to be told now."""

    reply: Reply | None
    final: bool


class Messenger(Protocol):
    """The way to a person; Slack's, behind the outbound gateway."""

    def deliver(
        self, turn: Turn, reply: Reply, at: tuple[str, str] | None, *, final: bool
    ) -> tuple[str, str] | None:
        """Post or edit the one message of a turn; where it lives now.

        Raises:
            NubemoxError: not now; try again later.
        """
        ...


class Teller:
    """Delivers what is behind.

    Args:
        render: what the message of a turn shows, in the language being spoken; also as it was
            when it was asked for.
        locale_of: the Slack locale of (team_id, user_id).
    """

    def __init__(
        self,
        turns: TurnStore,
        operations: OperationStore,
        messenger: Messenger,
        clock: Clock,
        *,
        render: Callable[[Turn, Sequence[Operation], bool], Told],
        locale_of: Callable[[str, str], str],
    ) -> None:
        self._turns = turns
        self._operations = operations
        self._messenger = messenger
        self._clock = clock
        self._render = render
        self._locale_of = locale_of
        self._busy: set[str] = set()
        self._attempts: dict[str, int] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="tell")
        self._thread = threading.Thread(target=self._run, name="operations-tell", daemon=True)

    def start(self) -> None:
        """Begin, with whatever an earlier process left untold."""
        self._thread.start()

    def stop(self) -> None:
        """Deliver nothing further; what is behind stays in the store."""
        self._stopping = True
        self._wake.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def wake(self) -> None:
        """There is something to tell."""
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                self._round()
            except NubemoxError as error:
                log.warning("cannot look for what is to be told: %s", error)
            except Exception:
                log.exception("looking for what is to be told failed")
            self._wake.wait(_IDLE_S)

    def _round(self) -> None:
        with self._lock:
            # Asked before the store is: what ends in between looks behind there, and is not.
            busy = set(self._busy)
        for turn, wanted, at in self._turns.untold(self._clock.now(), _BATCH):
            if turn.id in busy or self._stopping:
                continue
            with self._lock:
                self._busy.add(turn.id)
            self._pool.submit(self._tell, turn, wanted, at)

    def _tell(self, turn: Turn, wanted: int, at: tuple[str, str] | None) -> None:
        try:
            self._deliver(turn, wanted, at)
            self._attempts.pop(turn.id, None)
        except NubemoxError as error:
            self._put_off(turn, error)
        except Exception as error:
            log.exception("telling turn %s failed", turn.id)
            self._put_off(turn, error)
        finally:
            with self._lock:
                self._busy.discard(turn.id)
            self._wake.set()

    def _deliver(self, turn: Turn, wanted: int, at: tuple[str, str] | None) -> None:
        operations = self._operations.of_turn(turn.id)
        with speaking(self._locale_of(turn.team_id, turn.user_id)):
            reply, final = self._render(turn, operations, False)
            if reply is None:
                self._turns.told(turn.id, wanted, at)
                return
            age_s = (self._clock.now() - turn.received_at).total_seconds()
            if at is None and final and age_s < _ASKED_FIRST_S:
                asked, _ = self._render(turn, operations, True)
                if asked is not None:
                    at = self._messenger.deliver(turn, asked, None, final=False)
                if at is not None:
                    self._turns.told(turn.id, wanted - 1, at)
            place = self._messenger.deliver(turn, reply, at, final=final)
        self._turns.told(turn.id, wanted, place or at)

    def _put_off(self, turn: Turn, error: BaseException) -> None:
        attempt = self._attempts.get(turn.id, 0)
        self._attempts[turn.id] = attempt + 1
        delay_s = _RETRY_S[min(attempt, len(_RETRY_S) - 1)]
        log.warning("turn %s not told yet, again in %.0f s: %s", turn.id, delay_s, error)
        try:
            self._turns.tell_later(turn.id, delay_s)
        except NubemoxError as unavailable:
            log.warning("cannot put off telling: %s", unavailable)
