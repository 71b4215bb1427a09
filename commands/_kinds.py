"""What a word can be: click parameter types that answer in our own words.

Each kind turns one word into a value, or raises `click.BadParameter` whose message says what
would fit, translated by whoever shows it. Nothing here looks anything up: whether a guest exists
is for a service to say.
"""

from __future__ import annotations

import difflib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import NoReturn

import click

from nubemox_bot.core.i18n import N_


class Misfit(click.BadParameter):
    """A word of the wrong kind.

    Attributes:
        expected: an `N_()` sentence that says what would fit, and `data` for its braces. It is
            translated when it is shown: words are read before it is known who reads the answer.
        nearest: words that would fit.
    """

    def __init__(self, expected: str, nearest: Sequence[str] = (), **data: object) -> None:
        super().__init__(expected)
        self.expected = expected
        self.data = data
        self.nearest = tuple(nearest)
        self.word = ""


def nearest(word: str, known: Iterable[str], count: int = 1) -> list[str]:
    """The known words most like this one, best first."""
    names = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold()[:64], names, n=count, cutoff=0.6)
    return [names[name] for name in found]


class Kind(click.ParamType[object], ABC):
    """A sort of word.

    Attributes:
        label: how help writes a place for it, such as `GUEST`.
        example: a word that fits, for help and for faults.
    """

    name = "word"
    label = "WORD"
    example = "word"

    @abstractmethod
    def read(self, word: str) -> object:
        """The value of one word, or a `Misfit`."""

    def convert(
        self,
        value: object,
        param: click.Parameter | None,  # noqa: ARG002 - click's signature
        ctx: click.Context | None,  # noqa: ARG002 - click's signature
    ) -> object:
        """Click's way in; what is read already stays as it is."""
        if not isinstance(value, str):
            return value
        try:
            return self.read(value)
        except Misfit as misfit:
            misfit.word = value
            raise


class Pattern(Kind):
    """A word of a certain shape, given back as it is."""

    def __init__(
        self, shape: str, *, label: str, example: str, expected: str, strip: str = ""
    ) -> None:
        self.name = label.strip("@#+").lower()
        self.label = label
        self.example = example
        self._shape = re.compile(shape)
        self._expected = expected
        self._strip = strip

    def read(self, word: str) -> str:
        """The word when it has the shape."""
        word = word.lstrip(self._strip) if self._strip else word
        if not self._shape.fullmatch(word):
            raise Misfit(self._expected, example=self.example)
        return word


class SlackId(Pattern):
    """A mention as Slack writes it, `<@U1>`, or the bare id inside it."""

    def read(self, word: str) -> str:
        """The id inside the mention."""
        inside = re.fullmatch(r"<(?:[@#]|!subteam\^)([A-Z0-9]+)>", word)
        return super().read(inside.group(1) if inside else word)


class Text(Kind):
    """Free text, in quotes when it has spaces."""

    name = "text"
    label = "TEXT"

    def __init__(self, label: str = "TEXT", example: str = '"…"', longest: int = 500) -> None:
        self.label = label
        self.example = example
        self._longest = longest

    def read(self, word: str) -> str:
        """The text itself."""
        word = word.strip()
        if not word:
            raise Misfit(N_("It needs some text."))
        if len(word) > self._longest:
            raise Misfit(N_("Keep it under {longest} characters."), longest=self._longest)
        return word


class Whole(Kind):
    """A whole number between two bounds, in a unit that may be written after it."""

    name = "whole number"

    def __init__(
        self,
        low: int = 1,
        high: int = 1_000_000,
        *,
        unit: str = "",
        label: str = "",
        example: int | None = None,
        signed: bool = False,
    ) -> None:
        self.low, self.high, self.unit = low, high, unit
        self.label = label or unit.upper() or "N"
        self._sign = "+" if signed else ""
        self.example = f"{self._sign}{low if example is None else example}"

    def read(self, word: str) -> int:
        """The number in this kind's own unit; `2g` is 2048 where the unit is MiB."""
        found = re.fullmatch(r"(\+?)([0-9]{1,9}) ?([A-Za-z]{0,5})", word)
        if not found or found.group(1) != self._sign:
            self._misfit()
        factor = self._factor(found.group(3).lower())
        number = int(found.group(2)) * factor
        if not self.low <= number <= self.high:
            self._misfit()
        return number

    def _factor(self, suffix: str) -> int:
        if suffix in {"", self.unit.lower()}:
            return 1
        scale = {"MiB": {"m": 1, "mb": 1, "g": 1024, "gb": 1024, "gib": 1024}}.get(self.unit)
        scale = scale or {"GiB": {"g": 1, "gb": 1, "t": 1024, "tb": 1024, "tib": 1024}}.get(
            self.unit, {}
        )
        if suffix not in scale:
            self._misfit()
        return scale[suffix]

    def _misfit(self) -> NoReturn:
        if self._sign:
            raise Misfit(
                N_("Give what to add, with a plus, such as `{example}` ({unit})."),
                example=self.example,
                unit=self.unit,
            )
        sentence = (
            N_("Give a whole number of {unit} from {low} to {high}.")
            if self.unit
            else N_("Give a whole number from {low} to {high}.")
        )
        raise Misfit(sentence, unit=self.unit, low=self.low, high=self.high)


class Choice(Kind):
    """One of a few words."""

    name = "choice"

    def __init__(self, *choices: str, label: str = "") -> None:
        self.choices = choices
        self.label = label or "|".join(choices)
        self.example = choices[0]

    def read(self, word: str) -> str:
        """The choice, in its own spelling."""
        for choice in self.choices:
            if choice.casefold() == word.casefold():
                return choice
        raise Misfit(
            N_("Choose one of {choices}."),
            nearest(word, self.choices),
            choices=", ".join(self.choices),
        )


GUEST = Pattern(
    r"[0-9]{1,9}|[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?",
    label="GUEST",
    example="web-1",
    expected=N_("Give a guest's number or name, such as `105` or `{example}`."),
    strip="#",
)
POOL = Pattern(
    r"[A-Za-z0-9][A-Za-z0-9._/-]{0,127}",
    label="POOL",
    example="acme",
    expected=N_("Give a pool's name, such as `{example}`."),
)
NODE = Pattern(
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?",
    label="NODE",
    example="pve1",
    expected=N_("Give a node's name, such as `{example}`."),
)
TAG = Pattern(
    r"[A-Za-z0-9_][A-Za-z0-9_+.-]{0,127}",
    label="TAG",
    example="lab",
    expected=N_("Give one tag, such as `{example}`."),
)
USER = SlackId(
    r"[UWS][A-Z0-9]{1,30}",
    label="@USER",
    example="@ana",
    expected=N_("Name a person or a user group with @, such as `{example}`."),
)
CHANNEL = SlackId(
    r"[CG][A-Z0-9]{1,30}",
    label="#CHANNEL",
    example="#ops",
    expected=N_("Name a channel with #, such as `{example}`."),
)
TEXT = Text()
DISK_INCREMENT = Whole(1, 65_536, unit="GiB", label="+GIB", example=5, signed=True)


def whole(
    low: int, high: int, *, unit: str = "", label: str = "", example: int | None = None
) -> Whole:
    """A positive whole number; the unit is shown, and may be written after the number."""
    return Whole(low, high, unit=unit, label=label, example=example)


def choice(*choices: str, label: str = "") -> Choice:
    """One of these words."""
    return Choice(*choices, label=label)


def pattern(shape: str, *, label: str, example: str, expected: str) -> Pattern:
    """A word that fits a regular expression; `expected` is the N_() sentence of its fault."""
    return Pattern(shape, label=label, example=example, expected=expected)
