"""Reads a language's `.po` file, so that a running bot needs nothing to compile it with.

It takes what `make catalog` writes: no contexts, nothing fuzzy, nothing obsolete.
"""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

_SAID = re.compile(r'^(msgid_plural|msgid|msgstr)(?:\[(\d+)\])? (".*")$')
_PLURAL = re.compile(r"^Plural-Forms:.*plural=([^;]+);", re.MULTILINE)

Forms = tuple[str, ...]


class Catalog:
    """The messages of one language, each with its counted forms."""

    def __init__(self, messages: Mapping[str, Forms], form_of: Callable[[int], int]) -> None:
        self._messages = messages
        self._form_of = form_of

    def gettext(self, text: str) -> str:
        """The translation, or the text itself."""
        forms = self._messages.get(text)
        return forms[0] if forms and forms[0] else text

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The translation for this count, or the text itself."""
        forms = self._messages.get(one, ())
        form = self._form_of(count)
        if form < len(forms) and forms[form]:
            return forms[form]
        return one if count == 1 else many


def _one_or_many(count: int) -> int:
    return int(count != 1)


EMPTY = Catalog({}, _one_or_many)


def read_catalog(file: Path) -> Catalog:
    """The catalog in this file."""
    messages = dict(_entries(file.read_text(encoding="utf-8")))
    header = messages.pop("", ("",))[0]
    plural = _PLURAL.search(header)
    return Catalog(messages, gettext.c2py(plural[1]) if plural else _one_or_many)


def _entries(text: str) -> Iterator[tuple[str, Forms]]:
    """Each message with its forms; entries are set apart by empty lines."""
    for entry in text.split("\n\n"):
        said: dict[str, str] = {}
        part = ""
        for line in entry.splitlines():
            if begun := _SAID.match(line):
                part = begun[1] + (begun[2] or "")
                said[part] = ast.literal_eval(begun[3])
            elif line.startswith('"'):
                said[part] += ast.literal_eval(line)
        if "msgid" in said:
            forms = [name for name in said if name.startswith("msgstr")]
            yield said["msgid"], tuple(said[name] for name in sorted(forms))
