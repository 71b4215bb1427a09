"""From what a person typed to a list of words, and back to one canonical line.

Phones, word processors and Slack itself change what people type: quotes turn round, two hyphens
become a dash, spaces stop breaking, names become `<@U1|ana>`. All of that is undone here, once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from commands.errors import TooLong, UnbalancedQuotes
from nubemox_bot.blockkit.text import visible

MAX_CHARACTERS = 1_900
"""Of a canonical line: it must fit the value of a button, where Slack takes 2,000."""

_MAX_RAW_CHARACTERS = 8_000
_DOUBLE_QUOTES = '"“”„‟«»＂'
_SINGLE_QUOTES = "'‘’‚‛‹›"
_DASHES = "-–—―−‒‐‑﹘﹣－"
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY = re.compile(r"&(?:lt|gt|amp);")
_LABELLED = re.compile(r"<([@#][A-Z0-9]{1,40}|!subteam\^[A-Z0-9]{1,40})\|[^<>]{0,300}>")
_LINK = re.compile(r"<(?:https?://|mailto:)[^<>|\s]{1,1000}\|([^<>|]{1,1000})>")
_BARE_LINK = re.compile(r"<((?:https?://|mailto:)[^<>|\s]{1,1000})>")
_REWRITTEN = (_LABELLED, _LINK, _BARE_LINK)
_OPTION_START = re.compile(rf"^[{_DASHES}]{{1,3}}(?=[^\W\d_])")


class Word(NamedTuple):
    """One word, and whether a person put (part of) it in quotes."""

    text: str
    quoted: bool = False

    @property
    def is_option(self) -> bool:
        """Whether it names an option, such as `--force` or `--memory=2048`."""
        return not self.quoted and self.text.startswith("--") and len(self.text) > 2


def tidy(text: str) -> str:
    """What the person meant to type, as one line; Slack's own wrapping is gone."""
    if len(text) > _MAX_RAW_CHARACTERS:
        raise TooLong(limit=MAX_CHARACTERS)
    line = visible(unicodedata.normalize("NFC", text))
    line = _LABELLED.sub(r"<\1>", line)
    line = _LINK.sub(r"\1", line)
    line = _BARE_LINK.sub(r"\1", line)
    line = _ENTITY.sub(lambda match: _ENTITIES[match.group()], line).strip()
    if len(line) > 2 and line[0] == line[-1] == "`":
        line = line.strip("`").strip()
    return line


def _closing(line: str, start: int) -> int:
    """Where the quotes that open just before `start` close; -1 when they never do."""
    opening = line[start - 1]
    if opening in _SINGLE_QUOTES:
        ends = re.compile(rf"[{_SINGLE_QUOTES}](?=\s|$)")
    elif opening == '"' and '"' in line[start:]:
        ends = re.compile(r'(?<!\\)(?:\\\\)*(")')
    else:
        ends = re.compile(rf"[{_DOUBLE_QUOTES}]")
    found = ends.search(line, start)
    return found.end() - 1 if found else -1


def _take_quoted(line: str, start: int) -> tuple[str, int]:
    end = _closing(line, start)
    if end < 0:
        raise UnbalancedQuotes(quote=line[start - 1], rest=line[start - 1 :])
    inside = line[start:end]
    if line[start - 1] == '"':
        inside = re.sub(r'\\(["\\])', r"\1", inside)
    return inside, end + 1


def split(line: str) -> list[Word]:
    """The words of a tidy line.

    Double quotes hold words together wherever they stand, single ones only at the start of a word,
    so that an apostrophe is an apostrophe.
    """
    words: list[Word] = []
    here = 0
    while here < len(line):
        if line[here] == " ":
            here += 1
            continue
        parts: list[str] = []
        quoted = False
        while here < len(line) and line[here] != " ":
            starts = not parts or parts[-1].endswith("=")
            if line[here] in _DOUBLE_QUOTES or (line[here] in _SINGLE_QUOTES and starts):
                quoted = quoted or not parts
                inside, here = _take_quoted(line, here + 1)
                parts.append(inside)
            else:
                parts.append(line[here])
                here += 1
        word = "".join(parts)
        words.append(Word(word if quoted else _OPTION_START.sub("--", word, count=1), quoted))
    return words


def _shield(text: str) -> str:
    """The text so that `tidy` gives exactly it back."""
    text = _ENTITY.sub(lambda match: "&amp;" + match.group()[1:], text)
    for pattern in _REWRITTEN:
        text = pattern.sub(lambda match: "&lt;" + match.group()[1:], text)
    return text


def quote(word: str) -> str:
    """One word as it must be typed to be read as that word."""
    plain = word and not any(c in _DOUBLE_QUOTES or c in " `" for c in word)
    if plain and word[0] not in _SINGLE_QUOTES and not re.match(rf"[{_DASHES}]", word):
        text = word if not re.search(rf"=[{_SINGLE_QUOTES}]", word) else f'"{word}"'
    else:
        text = '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return text


def join(words: Iterable[str]) -> str:
    """The canonical line for these quoted words: reading it gives them again."""
    line = _shield(" ".join(words))
    if len(line) > MAX_CHARACTERS:
        raise TooLong(limit=MAX_CHARACTERS)
    return line
