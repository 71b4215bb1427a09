"""Who is told of a request, and when: the cards of those who decide, and the requester's turns."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from nubemox_bot.approvals.model import Request
from nubemox_bot.approvals.store import RequestStore
from nubemox_bot.notices.model import Notices

CARD = "request"
"""The prefix of every notice's topic here; what follows is the kind, the request, a turn."""


class Telling:
    """Puts notices for requests; `RequestRenderer` says what they show.

    Args:
        channel: where cards are posted; empty: to each decider by direct message.
    """

    def __init__(self, notices: Notices, store: RequestStore, channel: str) -> None:
        self._notices = notices
        self._store = store
        self._channel = channel

    def ask(self, connection: Connection, request: Request, deciders: Sequence[str]) -> None:
        """Put the card before those who decide."""
        topic = f"{CARD}:card:{request.id}"
        others = [one for one in deciders if one != request.user_id]
        if self._channel:
            self._notices.put(connection, topic, self._channel, or_to=others)
            return
        for person in others:
            self._notices.put(connection, topic, person)

    def remind(self, connection: Connection, request: Request, deciders: Sequence[str]) -> None:
        """Remind those who decide, at half time."""
        self._again(connection, request, "reminder", deciders)

    def escalate(self, connection: Connection, request: Request, admins: Sequence[str]) -> None:
        """Put it before the admins, each by themselves: the channel did not help."""
        for person in admins:
            if person != request.user_id:
                self._notices.put(connection, f"{CARD}:escalation:{request.id}", person)

    def _again(
        self, connection: Connection, request: Request, what: str, people: Sequence[str]
    ) -> None:
        topic = f"{CARD}:{what}:{request.id}"
        others = [one for one in people if one != request.user_id]
        if self._channel:
            card = self._notices.put(
                connection, f"{CARD}:card:{request.id}", self._channel, or_to=others
            )
            self._notices.put(connection, topic, self._channel, thread_of=card, or_to=others)
            return
        for person in others:
            self._notices.put(connection, topic, person)

    def changed(self, connection: Connection, request: Request) -> None:
        """Show every copy of the card, and the requester's message, as they are now."""
        for what in ("card", "reminder", "escalation"):
            self._notices.changed(connection, f"{CARD}:{what}:{request.id}")
        self._store.want_told(connection, request.turn_id)

    def tell(self, connection: Connection, request: Request, what: str, turn_id: str = "") -> None:
        """Have the requester hear of a turn of things, in the thread of their own message."""
        self._notices.put(
            connection,
            f"{CARD}:{what}:{request.id}" + (f":{turn_id}" if turn_id else ""),
            thread_of=request.turn_id,
            reader=request.user_id,
            or_to=[request.user_id],
        )

    def answer(self, connection: Connection, request: Request, turn_id: str) -> None:
        """Have the one who asked hear the requester's answer."""
        if request.asked_by:
            self._notices.put(
                connection, f"{CARD}:answered:{request.id}:{turn_id}", request.asked_by
            )

    def wake(self) -> None:
        """What was put is committed."""
        self._notices.wake()
