"""A message that is to be somewhere, by itself: a card, an alert, a reminder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from nubemox_bot.blockkit.reply import Reply

Place = tuple[str, str]
"""Where a message lives: (channel id, ts)."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message, as stored.

    Attributes:
        topic: what it tells of: a prefix that finds its renderer, a colon, and whatever the
            renderer needs to find it again: `request:req_1`. It is never more than a name: what is
            shown is read anew each time.
        target: a channel or a person; empty for one that only follows in a thread.
        reader: the person in whose language it is; empty where a channel's readers decide.
        thread_of: the notice or the turn in whose thread it stands.
        or_to: people who get it where the channel does not take it.
        again: somebody began to tell it before and left no trace, so it may be there already.
    """

    id: str
    topic: str
    target: str
    reader: str
    thread_of: str | None
    or_to: Sequence[str]
    wanted: int
    attempts: int
    place: Place | None
    created_at: datetime
    again: bool = False

    @property
    def key(self) -> str:
        """What stands after the topic's prefix."""
        return self.topic.partition(":")[2]


Renderer = Callable[[Notice], Reply | None]
"""What a notice shows now, in the language being spoken; None when there is nothing to show."""


class Notices(Protocol):
    """How notices are asked for, inside a transaction of whoever has something to tell."""

    def put(
        self,
        connection: Connection,
        topic: str,
        target: str = "",
        *,
        thread_of: str | None = None,
        reader: str = "",
        or_to: Sequence[str] = (),
    ) -> str:
        """Have a message told; its id. The same topic for the same target is one message.

        Args:
            topic: see `Notice`.
            target: a channel or a person; may be empty when `thread_of` is given.
            thread_of: the id of a notice or of a turn whose thread it goes into.
            reader: the person in whose language it is, when the target is a channel or a thread;
                where the thread cannot be found they get it as a direct message.
            or_to: people who get it when the channel cannot be written to.
        """
        ...

    def copies(self, connection: Connection, topic: str) -> Sequence[str]:
        """The ids of every message of this topic, but of those that nobody could be shown."""
        ...

    def changed(self, connection: Connection, topic: str) -> None:
        """Have every message of this topic shown anew."""
        ...

    def wake(self) -> None:
        """Something was put or changed and is committed: tell it now rather than in a moment."""
        ...
