"""What the Slack edge needs of the rest; `app.py` hands it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.person import Person
from nubemox_bot.core.turn import Turn


class Heard(Protocol):
    """Words, understood. Read-only for the edge."""

    @property
    def words(self) -> str:
        """The words as understood."""
        ...

    @property
    def mutates(self) -> bool:
        """Whether they may change anything: stored before the ack, profile at most 5 min old."""
        ...

    @property
    def opens_modal(self) -> bool:
        """Whether they need a trigger to open a view."""
        ...


class Conversation(Protocol):
    """Everything behind the edge: words in, replies out."""

    def hear(self, words: str) -> Heard:
        """Understand words: pure, in microseconds, on the event loop; never raises."""
        ...

    def words_of_action(self, action: Mapping[str, Any]) -> str | None:
        """The words that this element of a message stands for; None when it stands for none."""
        ...

    def answer(self, heard: Heard, actor: Actor, turn: Turn) -> Reply:
        """Do what was asked, in a worker thread. Refusals come back as replies."""
        ...

    def broken(self, error: BaseException, actor: Actor | None, turn: Turn) -> Reply:
        """A fault of ours: logged, with a reference for the person."""
        ...

    def nothing_done(self, error: NubemoxError, locale: str) -> Reply:
        """The error as a reply in the language of this Slack locale; pure, on the event loop."""
        ...

    def expired(self, turn: Turn, actor: Actor) -> Reply:
        """What to say of a wish that lay too long before anybody could begin it."""
        ...

    def share_of(self, reply: Reply, words: str, actor: Actor) -> Reply:
        """The reply with a Share button: action_id SHARE, value `words`; pure."""
        ...


class TurnStore(Protocol):
    """Turns at rest. Synchronous and thread-safe; raises StoreUnavailable when it cannot."""

    def put_many(self, batch: Sequence[tuple[Turn, bool]]) -> list[bool]:
        """Commit (turn, mutates) pairs at once; for each whether its key was new."""
        ...

    def withdraw(self, turn_id: str) -> None:
        """Never run this turn: its asker was told that nothing was done."""
        ...

    def begin(self, turn_id: str) -> bool:
        """Take a stored turn; False when somebody else has it or it was withdrawn."""
        ...

    def answered(self, turn_id: str) -> None:
        """The person has an answer, or will have the operations' message."""
        ...

    def left_over(self) -> list[tuple[Turn, bool]]:
        """Turns that a dead process never began, or began and left without any trace.

        `begin` succeeds for one replica on each of them.
        """
        ...


class PeopleStore(Protocol):
    """Slack profiles as last read. Synchronous and thread-safe."""

    def get(self, team_id: str, user_id: str) -> Person | None:
        """The profile as last read, or None."""
        ...

    def put(self, person: Person) -> None:
        """Remember a profile."""
        ...
