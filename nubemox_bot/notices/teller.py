"""Posts notices and keeps them true, until Slack has them, over outages and restarts."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.i18n import speaking
from nubemox_bot.notices.errors import NotShown
from nubemox_bot.notices.model import Notice, Place, Renderer
from nubemox_bot.notices.store import NoticeStore, is_person

log = logging.getLogger("nubemox.notices")

_IDLE_S = 2.0
_BATCH = 16
_WORKERS = 4
_RETRY_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
# For so long the message whose thread it goes into may still come to be.
_THREAD_PATIENCE_S = 120.0


class Poster(Protocol):
    """The way to Slack for a message that nobody's turn owns."""

    def show(
        self,
        key: str,
        target: str,
        reply: Reply,
        at: Place | None,
        *,
        thread_ts: str | None = None,
        again: bool = False,
    ) -> Place:
        """Post or edit one message; where it lives now.

        Args:
            key: the same for every try: a post whose answer was lost is found by it.
            target: a channel or a person.
            reply: what it shows.
            at: where it lives, if it does.
            thread_ts: the thread it is posted into.
            again: an earlier try may have posted it.

        Raises:
            NotShown: never there.
            NubemoxError: not now; try again later.
        """
        ...


class NoticeTeller:
    """Tells what is behind, on whichever replica comes first.

    Args:
        renderers: by the topic's prefix.
        locale_of: the language for a person or a channel, as a Slack locale; what stands in a
            thread is in the language of the message that the thread is of.
        may_read: whether a person counts for anything here, by Slack's word on their account.
    """

    def __init__(
        self,
        store: NoticeStore,
        poster: Poster,
        clock: Clock,
        *,
        renderers: Mapping[str, Renderer],
        locale_of: Callable[[str], str],
        may_read: Callable[[str], bool],
    ) -> None:
        self._store = store
        self._poster = poster
        self._clock = clock
        self._renderers = renderers
        self._locale_of = locale_of
        self._may_read = may_read
        self._stopping = False
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="notice")
        self._thread = threading.Thread(target=self._run, name="notices-tell", daemon=True)

    def start(self) -> None:
        """Begin, with whatever an earlier process left untold."""
        self._thread.start()

    def stop(self) -> None:
        """Tell nothing further; what is behind stays in the store."""
        self._stopping = True
        self._store.wake()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        fresh = True
        while not self._stopping:
            self._store.woken.clear()
            try:
                if fresh:
                    self._store.let_go()
                    fresh = False
                for notice in self._store.take_untold(_BATCH):
                    if not self._stopping:
                        self._pool.submit(self._tell, notice)
            except NubemoxError as error:
                log.warning("cannot look for notices: %s", error)
            except Exception:
                log.exception("looking for notices failed")
            self._store.woken.wait(_IDLE_S)

    def _tell(self, notice: Notice) -> None:
        try:
            self.tell(notice)
        except NubemoxError as error:
            log.warning("notice %s cannot be put off: %s", notice.id, error)

    def tell(self, notice: Notice) -> None:
        """Show one notice, put it off, or give it up.

        Raises:
            StoreUnavailable: what became of it could not be kept; it is told again in a minute.
        """
        try:
            place = self._shown(notice)
        except NotShown as error:
            log.warning("notice %s on %s reaches nobody there: %s", notice.id, notice.topic, error)
            self._store.lose(notice)
        except NubemoxError as error:
            self._put_off(notice, error)
        except Exception as error:
            log.exception("telling notice %s failed", notice.id)
            self._put_off(notice, error)
        else:
            self._store.told(notice, place)
            self._store.wake()  # what waits for this one's thread may go on

    def _shown(self, notice: Notice) -> Place | None:
        render = self._renderers[notice.topic.partition(":")[0]]
        with speaking(self._locale_of(self._store.read_by(notice))):
            reply = render(notice)
        if reply is None:
            return notice.place
        target, thread_ts = notice.target, None
        if notice.thread_of and notice.place is None:
            target, thread_ts = self._thread_of(notice)
        if is_person(target) and not self._may_read(target):
            raise NotShown(reason="account")
        if notice.again and is_person(target):
            target = self._store.conversation_with(target) or target
        return self._poster.show(
            notice.id, target, reply, notice.place, thread_ts=thread_ts, again=notice.again
        )

    def _thread_of(self, notice: Notice) -> tuple[str, str | None]:
        """The channel and the thread; without a thread, the target or the reader themselves."""
        place, may_come = self._store.thread_place(notice.thread_of or "")
        if place is not None:
            return place
        age_s = (self._clock.now() - notice.created_at).total_seconds()
        target = notice.target or notice.reader
        # What nobody else is named for is at home in the thread alone, whenever that comes.
        if may_come and (age_s < _THREAD_PATIENCE_S or not target):
            raise _NotYetThere
        if not target:
            raise NotShown(reason="no_thread")
        return target, None

    def _put_off(self, notice: Notice, error: BaseException) -> None:
        delay_s = _RETRY_S[min(notice.attempts, len(_RETRY_S) - 1)]
        if not isinstance(error, _NotYetThere):
            log.warning("notice %s not told yet, again in %.0f s: %s", notice.id, delay_s, error)
        self._store.tell_later(notice, delay_s)


class _NotYetThere(NubemoxError):
    """The message whose thread it goes into is not posted yet."""
