"""The table of what can be said: nouns, verbs, their arguments and options.

Parser, help and documentation all read this one table.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Required, TypedDict, TypeVar, Unpack

import click

from commands._forms import Form
from commands._kinds import GUEST, Kind
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.i18n import N_

Function = Callable[..., Reply]
F = TypeVar("F", bound=Function)


@dataclass(frozen=True)
class Argument:
    """A place for one word, or for one or more, after the verb."""

    name: str
    kind: Kind
    label: str = ""
    required: bool = True
    many: bool = False

    @property
    def usage(self) -> str:
        """How help writes the place."""
        text = (self.label or self.kind.label) + ("…" if self.many else "")
        return text if self.required else f"[{text}]"

    def parameter(self) -> click.Argument:
        """The same place for click; what is missing is our own parser's business."""
        return click.Argument(
            [self.name], type=self.kind, nargs=-1 if self.many else 1, required=False
        )


@dataclass(frozen=True)
class Option:
    """Something said by name; without a kind it is a flag."""

    word: str
    kind: Kind | None
    summary: str
    name: str
    required: bool = False

    @property
    def usage(self) -> str:
        """How help writes the option."""
        text = f"{self.word} {self.kind.label}" if self.kind else self.word
        return text if self.required else f"[{text}]"

    def parameter(self) -> click.Option:
        """The same option for click."""
        if self.kind is None:
            return click.Option([self.word, self.name], is_flag=True, default=False)
        return click.Option([self.word, self.name], type=self.kind, default=None)


def argument(
    name: str, kind: Kind, *, label: str = "", required: bool = True, many: bool = False
) -> Argument:
    """A place after the verb, given to the function as `name`.

    `many` takes every word that is left and gives a tuple; an optional place that is left out
    gives None, or an empty tuple.
    """
    return Argument(name, kind, label, required, many)


def option(word: str, kind: Kind, summary: str, *, to: str = "", required: bool = False) -> Option:
    """An option with a value, given to the function as `to`; None when it is left out."""
    return Option(word, kind, summary, to or word[2:].replace("-", "_"), required)


def flag(word: str, summary: str, *, to: str = "") -> Option:
    """An option that is there or not."""
    return Option(word, None, summary, to or word[2:].replace("-", "_"))


GUESTS = Argument("guests", GUEST, many=True)
FORCE = flag("--force", N_("Pull the plug instead of asking the guest to shut down"))
DRY_RUN = flag("--dry-run", N_("Show the exact Proxmox VE calls and change nothing"))

Needs = Argument | Kind | Sequence[Argument | Kind]


class VerbSettings(TypedDict, total=False):
    """What is said of a verb when it is registered.

    Attributes:
        summary: one line for help, marked with `N_()`.
        needs: the places after the verb; a bare kind is one place named after it.
        options: what can be said by name.
        aliases: other ways to say the verb.
        examples: what may follow the verb, for help: `web-1 --force`.
        mutates: whether it changes something; then its words are stored before they are acked.
        opens_modal: whether the words are not enough and its form is to be opened, as a function
            of the arguments: what the form submits must be enough.
        form: what it asks in a modal.
        dry_run: adds `--dry-run`; said with it, the verb does not count as mutating.
    """

    summary: Required[str]
    needs: Needs
    options: Sequence[Option]
    aliases: Sequence[str]
    examples: Sequence[str]
    mutates: bool
    opens_modal: Callable[[Mapping[str, object]], bool]
    form: Form | None
    dry_run: bool


@dataclass(frozen=True, eq=False)
class Verb:
    """One thing that can be said of a noun, or alone."""

    noun: str
    words: tuple[str, ...]
    summary: str
    function: Function
    arguments: tuple[Argument, ...] = ()
    options: tuple[Option, ...] = ()
    mutates: bool = False
    opens_modal: Callable[[Mapping[str, object]], bool] | None = None
    form: Form | None = None
    aliases: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    command: click.Command = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check the function against the words, so that a slip ends the start and not a turn."""
        if (self.opens_modal is None) != (self.form is None):
            raise TypeError(f"`{self.said}` must say when its form is opened, and have one")
        parameters = [
            *(a.parameter() for a in self.arguments),
            *(o.parameter() for o in self.options),
        ]
        command = click.Command(self.name, params=list(parameters), add_help_option=False)
        object.__setattr__(self, "command", command)
        given = {str(p.name) for p in parameters}
        try:
            inspect.signature(self.function).bind(None, **dict.fromkeys(given))
        except TypeError as slip:
            name = getattr(self.function, "__name__", self.function)
            raise TypeError(f"{name} does not take the words of `{self.said}`: {slip}") from slip

    @property
    def name(self) -> str:
        """The verb's own words: `start`, `snapshot list`."""
        return " ".join(self.words)

    @property
    def said(self) -> str:
        """Noun and verb: `ct start`."""
        return f"{self.noun} {self.name}".strip()

    @property
    def usage(self) -> str:
        """The whole form: `ct stop GUEST… [--force] [--dry-run]`."""
        places = [*(a.usage for a in self.arguments), *(o.usage for o in self.options)]
        return " ".join([self.said, *places])

    @property
    def needs_guest(self) -> bool:
        """Whether its first place is for a guest that cannot be left out."""
        return (
            bool(self.arguments) and self.arguments[0].kind is GUEST and self.arguments[0].required
        )

    def find_option(self, word: str) -> Option | None:
        """The option of this name, whatever its case."""
        return next((o for o in self.options if o.word == word.lower()), None)


def _arguments(needs: Needs) -> tuple[Argument, ...]:
    several = needs if isinstance(needs, Sequence) else (needs,)
    return tuple(n if isinstance(n, Argument) else Argument(n.name, n) for n in several)


class Noun:
    """A thing that commands are about; the noun without a name holds those that stand alone."""

    def __init__(
        self,
        name: str,
        summary: str = "",
        aliases: Sequence[str] = (),
        plurals: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.summary = summary
        self.aliases = tuple(aliases)
        self.plurals = tuple(plurals)
        self.verbs: list[Verb] = []
        self._by_words: dict[tuple[str, ...], Verb] = {}

    def verb(self, name: str, **settings: Unpack[VerbSettings]) -> Callable[[F], F]:
        """Say a function with this verb; it gets the `Context`, then each word by name."""

        def register(function: F) -> F:
            needs = _arguments(settings.get("needs", ()))
            options = tuple(settings.get("options", ()))
            self.add(
                Verb(
                    noun=self.name,
                    words=tuple(name.split()),
                    summary=settings["summary"],
                    function=function,
                    arguments=needs,
                    options=(*options, DRY_RUN) if settings.get("dry_run") else options,
                    mutates=settings.get("mutates", False),
                    opens_modal=settings.get("opens_modal"),
                    form=settings.get("form"),
                    aliases=tuple(settings.get("aliases", ())),
                    examples=tuple(settings.get("examples", ())),
                )
            )
            return function

        return register

    def add(self, verb: Verb) -> None:
        """Put a verb into the table; two verbs cannot share words."""
        for words in (verb.words, *(tuple(alias.split()) for alias in verb.aliases)):
            if words in self._by_words:
                raise ValueError(f"`{self.name} {' '.join(words)}` is there already")
            self._by_words[words] = verb
        self.verbs.append(verb)

    def find_verb(self, *words: str) -> Verb | None:
        """The verb of exactly these words, in any case."""
        return self._by_words.get(tuple(word.lower() for word in words))

    def match(self, words: Sequence[str]) -> tuple[Verb | None, int]:
        """The verb that these words begin with, and how many of them it takes."""
        for length in (2, 1):
            if len(words) >= length and (verb := self.find_verb(*words[:length])):
                return verb, length
        return None, 0

    def group(self, word: str) -> list[Verb]:
        """The verbs of two words that begin with this one, as in `snapshot list`."""
        return [v for v in self.verbs if len(v.words) == 2 and v.words[0] == word.lower()]

    def verb_words(self) -> list[str]:
        """Every way to say a verb of this noun."""
        return [" ".join(words) for words in self._by_words]


class Nouns:
    """Several nouns that are spoken of alike: a verb of theirs is a verb of each."""

    def __init__(self, *nouns: Noun) -> None:
        self._nouns = nouns

    def verb(self, name: str, **settings: Unpack[VerbSettings]) -> Callable[[F], F]:
        """Say a function with this verb of each noun; see `Noun.verb`."""

        def register(function: F) -> F:
            for noun in self._nouns:
                noun.verb(name, **settings)(function)
            return function

        return register
