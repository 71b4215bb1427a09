"""What the bot says, as patterns in a person's own language."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nubemox_bot.core.i18n import _, speaking


def pattern(sentence: str, locale: str = "en-US") -> re.Pattern[str]:
    """A sentence of the code, with anything in its braces, as a reader of this locale reads it."""
    with speaking(locale):
        told = _(sentence)
    parts = re.split(r"\{\w+\}", told)
    return re.compile(".*?".join(map(re.escape, parts)), re.DOTALL)


def any_of(sentences: Iterable[str], locale: str = "en-US") -> re.Pattern[str]:
    """One of several sentences."""
    return re.compile("|".join(pattern(one, locale).pattern for one in sentences), re.DOTALL)
