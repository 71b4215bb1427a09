"""Bring the language catalogs up to date with the code: `python -m tools.catalog`.

Translations are kept, messages that are gone are dropped, and no line numbers are written, so a
change of words is all that a diff shows. Says what still lacks a translation; exit status 1 then.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from nubemox_bot.core.i18n import DOMAIN, LANGUAGES, LOCALE_DIR, SOURCE_LANGUAGE

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("nubemox_bot", "commands")
KEYWORDS = {"_": 1, "N_": 1, "ngettext": 2}
"""Functions that mark a message, and how many of their arguments are one."""

_FIELD = re.compile(r"\{([^{}]*)\}")
_WIDTH = 96
_PASSING = re.compile(
    r'"(POT-Creation-Date|PO-Revision-Date|Generated-By|Project-Id-Version|Report-Msgid-Bugs-To'
    r"|Last-Translator|Language-Team):"
)


def extract() -> Catalog:
    """Every message for people in the code."""
    template = Catalog(project=DOMAIN, charset="utf-8", fuzzy=False)
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*.py")):
            for words in _messages(ast.parse(path.read_text(encoding="utf-8"))):
                template.add(words)
    return template


def _messages(tree: ast.AST) -> Iterator[str | tuple[str, ...]]:
    """The messages of one file, by its syntax tree: Babel's own reader overlooks f-strings."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        count = KEYWORDS.get(node.func.id, 0)
        parts = [part.value for part in node.args[:count] if isinstance(part, ast.Constant)]
        words = tuple(part for part in parts if isinstance(part, str) and part)
        if count and len(words) == count:
            yield words if count > 1 else words[0]


def translated_languages() -> list[str]:
    """Every language but the one in the code."""
    return [language for language in LANGUAGES if language != SOURCE_LANGUAGE]


def path_of(language: str) -> Path:
    """Where a language's catalog lies."""
    return LOCALE_DIR / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str) -> Catalog:
    """The catalog as it lies there; an empty one when there is none."""
    path = path_of(language)
    if not path.is_file():
        return _empty(language)
    with path.open("rb") as source:
        return read_po(source, locale=language, domain=DOMAIN)


def _empty(language: str) -> Catalog:
    return Catalog(
        locale=language,
        project=DOMAIN,
        charset="utf-8",
        fuzzy=False,
        header_comment=f"# Nubemox in {language}; kept up to date by `make catalog`.",
    )


def updated(language: str) -> Catalog:
    """The messages of the code with the translations that there are; never a guess."""
    old = read(language)
    fresh = _empty(language)
    for message in extract():
        if message.id:
            known = old.get(message.id, context=message.context)
            text = known.string if known is not None and not known.fuzzy else ""
            fresh.add(message.id, text, context=message.context)
    return fresh


def write(language: str, catalog: Catalog) -> None:
    """Write a catalog, sorted, without anything that changes on its own."""
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        write_po(
            target,
            catalog,
            width=_WIDTH,
            no_location=True,
            omit_header=False,
            sort_output=True,
            ignore_obsolete=True,
        )
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not _PASSING.match(line)]
    path.write_text("".join(kept), encoding="utf-8")


def missing(catalog: Catalog) -> Iterator[Message]:
    """Messages without a whole translation."""
    for message in catalog:
        if message.id and not all(forms(message.string)):
            yield message


def forms(words: object) -> list[str]:
    """The one text of a message, or each of its counted forms."""
    if isinstance(words, (list, tuple)):
        return [str(word) for word in words] or [""]
    return [str(words or "")]


def fields(text: str) -> set[str]:
    """The names in braces."""
    return set(_FIELD.findall(text))


def main() -> int:
    """Update every catalog; 1 when something lacks a translation."""
    lacking = 0
    for language in translated_languages():
        catalog = updated(language)
        write(language, catalog)
        for message in missing(catalog):
            lacking += 1
            sys.stdout.write(f"{language} lacks: {forms(message.id)[0]}\n")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
