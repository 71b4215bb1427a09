"""Every code that an error of the API may have, for its documentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.http.rest.shapes import status_of_family

# What is told by these is about forms, messages and words, which programs have none of.
_NOT_HERE: Final = ("commands.", "nubemox_bot.slack.", "nubemox_bot.blockkit.", "tests.")


@dataclass(frozen=True, slots=True)
class Code:
    """One of them, with the words that people read."""

    name: str
    status: int
    text: str
    hint: str


def codes() -> Sequence[Code]:
    """All of them, by status and name."""
    found = {
        Code(family.code_name(), status_of_family(family), family.text, family.hint)
        for family in _families(NubemoxError)
        if not family.__module__.startswith(_NOT_HERE) and not family.__name__.startswith("_")
    }
    return sorted(found, key=lambda one: (one.status, one.name))


def _families(family: type[NubemoxError]) -> Iterator[type[NubemoxError]]:
    for one in family.__subclasses__():
        yield one
        yield from _families(one)
