"""What was understood of somebody's words, and what a command knows when it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from commands._declare import Verb
from commands._forms import Form
from commands.errors import WordsFault
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.turn import Turn


@dataclass(frozen=True)
class Context:
    """What a command may use besides its arguments.

    Attributes:
        actor: who asks.
        noun: `vm` or `ct` for a verb that both have; empty for a command that stands alone.
        turn: the stored wish; operations point back to it.
        services: what the composition root built.
        now: aware UTC.
    """

    actor: Actor
    noun: str
    turn: Turn
    services: Any
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class Invocation:
    """One line of words, read.

    Attributes:
        words: the canonical line. It reads back to the same invocation and fits a button's value.
        verb: what to run; None when the words were not understood.
        arguments: the verb's values by name.
        fault: why the words were not understood, in words for the person.
        missing_guest: the verb needs a guest and got none: offer the ones the person may use.
    """

    words: str
    verb: Verb | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    fault: WordsFault | None = None
    missing_guest: bool = False

    @property
    def noun(self) -> str:
        """The noun's name, or an empty string."""
        return self.verb.noun if self.verb else ""

    @property
    def mutates(self) -> bool:
        """Whether running it may change something outside; a dry run or a form does not."""
        if self.opens_modal or self.arguments.get("dry_run"):
            return False
        return bool(self.verb and self.verb.mutates)

    @property
    def opens_modal(self) -> bool:
        """Whether it wants a form opened at once, which needs a fresh trigger."""
        if self.verb is None or self.missing_guest or self.arguments.get("dry_run"):
            return False
        return self.verb.opens_modal is not None and self.verb.opens_modal(self.arguments)

    @property
    def form(self) -> Form | None:
        """The form that these words open; None when they are enough."""
        return self.verb.form if self.verb and self.opens_modal else None

    def run(self, context: Context) -> Reply:
        """Do it; only for an invocation that was understood and has its guest."""
        if self.verb is None or self.missing_guest:
            raise ValueError(f"`{self.words}` cannot be run as it is")
        return self.verb.function(context, **self.arguments)
