"""What the Slack edge needs of the rest; `app.py` hands it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.blockkit.views import View
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
        """Whether they need a trigger to open a form; then they do not mutate."""
        ...


class Forms(Protocol):
    """Modals behind the edge: `asked` is what `hear` understood of the words that open one."""

    def loading(self, asked: Heard, locale: str) -> View:
        """The view to open at once; pure, on the event loop."""
        ...

    def submitted(
        self, asked: Heard, callback_id: str, values: Mapping[str, str], locale: str
    ) -> Heard | Mapping[str, str]:
        """What a form's values say, or what is wrong with them by field; pure, on the loop.

        Raises:
            NubemoxError: it cannot be submitted any more.
        """
        ...

    def checks(self, asked: Heard) -> bool:
        """Whether the form has a check that takes a worker; pure."""
        ...

    def sentence(self, error: NubemoxError, locale: str) -> str:
        """The error as plain words below a field; pure."""
        ...

    def checking(self, asked: Heard, locale: str) -> View:
        """What stands in the form's place while it is checked; pure."""
        ...

    def on_its_way(self, asked: Heard, place: str, locale: str) -> View:
        """What stands there when all is well; `place` is a channel id or empty; pure."""
        ...

    def refused(self, asked: Heard, error: NubemoxError, locale: str) -> View:
        """The error in the form's place; pure."""
        ...

    def offer(self, asked: Heard, error: NubemoxError | None, locale: str) -> Reply:
        """A button that opens the form; pure."""
        ...

    def view(
        self,
        asked: Heard,
        actor: Actor,
        turn: Turn,
        values: Mapping[str, str],
        faults: Mapping[str, str],
    ) -> View:
        """The form, in a worker thread; refusals come back as a view of their own."""
        ...

    def check(self, asked: Heard, heard: Heard, actor: Actor, turn: Turn) -> Mapping[str, str]:
        """What is wrong by field that takes the store or the inventory, in a worker thread.

        Raises:
            NubemoxError: it cannot be at all.
        """
        ...

    def options(
        self, asked: Heard, actor: Actor, turn: Turn, field: str, query: str
    ) -> Sequence[Mapping[str, Any]]:
        """What a searched field offers, from caches, in a thread; never raises."""
        ...


class HomeTab(Protocol):
    """Fills people's Home tab; handed in by whoever knows what belongs there."""

    def skeleton(self, locale: str) -> View:
        """What is shown until the content is there; pure, on the event loop."""
        ...

    def view(self, actor: Actor) -> View:
        """The content, in a worker thread. Refusals and trouble come back as a view too."""
        ...


class Conversation(Protocol):
    """Everything behind the edge: words in, replies out."""

    @property
    def forms(self) -> Forms:
        """The modals that words open."""
        ...

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

    def suggest(self, block_id: str, query: str, actor: Actor) -> Sequence[Mapping[str, Any]]:
        """What a searched select of a message offers, from caches, in a thread; never raises."""
        ...

    def one_moment(self, heard: Heard, locale: str) -> Reply:
        """What to say while an answer takes longer; pure, on the event loop."""
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
