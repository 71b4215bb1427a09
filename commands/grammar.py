"""What people can say: the registry that commands sign into, and the parser of their words.

    registry = Registry()
    vm = registry.noun("vm", N_("Virtual machines"), plurals=("vms",))

    @vm.verb("start", needs=GUESTS, mutates=True, dry_run=True, summary=N_("Start a guest"))
    def start(context: Context, guests: tuple[str, ...], dry_run: bool) -> Reply: ...

One decorator adds a verb; the parser, the help and the documentation read the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Unpack

from commands._declare import (
    DRY_RUN,
    FORCE,
    GUESTS,
    Argument,
    F,
    Noun,
    Nouns,
    Option,
    Verb,
    VerbSettings,
    argument,
    flag,
    option,
)
from commands._forms import Form, FormState, line
from commands._invocation import Context, Invocation
from commands._kinds import (
    CHANNEL,
    DISK_INCREMENT,
    GUEST,
    NODE,
    POOL,
    TAG,
    TEXT,
    USER,
    Choice,
    Kind,
    Pattern,
    Text,
    Whole,
    choice,
    pattern,
    whole,
)
from commands._reader import read
from commands._vocabulary import Topic, Vocabulary
from nubemox_bot.core.i18n import N_

__all__ = [
    "CHANNEL",
    "DISK_INCREMENT",
    "DRY_RUN",
    "FORCE",
    "GUEST",
    "GUESTS",
    "NODE",
    "PAGE",
    "POOL",
    "TAG",
    "TEXT",
    "USER",
    "Argument",
    "Choice",
    "Context",
    "Form",
    "FormState",
    "Invocation",
    "Kind",
    "Noun",
    "Nouns",
    "Option",
    "Pattern",
    "Registry",
    "Text",
    "Topic",
    "Verb",
    "Whole",
    "argument",
    "choice",
    "flag",
    "line",
    "option",
    "pattern",
    "whole",
]

PAGE = option("--page", whole(1, 10_000), N_("Which page of a long list"))


class Registry(Vocabulary):
    """All nouns and verbs of one bot; filled by the modules of `commands/`, handed to the edges."""

    def noun(
        self,
        name: str,
        summary: str,
        *,
        aliases: Sequence[str] = (),
        plurals: Sequence[str] = (),
    ) -> Noun:
        """A new noun; one of its plurals said alone means its `list`."""
        noun = Noun(name, summary, aliases, plurals)
        self.add(noun)
        return noun

    def verb(self, name: str, **settings: Unpack[VerbSettings]) -> Callable[[F], F]:
        """Say a function with a verb that stands alone, such as `whoami`."""
        return self.alone.verb(name, **settings)

    def parse(self, text: str) -> Invocation:
        """What the text says: pure, quick, and never an exception."""
        return read(self, text)

    def help(self, *words: str | None) -> Topic:
        """What help shows for these words; everything when they name nothing."""
        named = [part for word in words if word for part in word.split()]
        return self.find_topic(named) or Topic(
            None, tuple(self.alone.verbs), nouns=tuple(self.nouns)
        )
