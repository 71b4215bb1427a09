"""Languages: English is the source, others are gettext catalogs beside the code.

Catalogs are kept as `.po` text and read at first use, so a change of words is a change of one
readable file and no binary is committed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from nubemox_bot.core.catalog import EMPTY, Catalog, read_catalog

LOCALE_DIR = Path(__file__).resolve().parent.parent / "locale"
DOMAIN = "nubemox"
SOURCE_LANGUAGE = "en"
LANGUAGES = ("en", "pt_BR")

_language: ContextVar[str] = ContextVar("language", default=SOURCE_LANGUAGE)


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "translate later"
    """Mark a text for translation where it is defined; `_()` translates it where it is used."""
    return text


def language_of(slack_locale: str) -> str:
    """The catalog for a Slack locale such as `pt-BR` or `en-GB`; English when there is none.

    Every Portuguese reader gets the Brazilian catalog: nearer to them than English.
    """
    return "pt_BR" if slack_locale.lower().startswith("pt") else SOURCE_LANGUAGE


@cache
def _catalog(language: str) -> Catalog:
    if language == SOURCE_LANGUAGE:
        return EMPTY
    return read_catalog(LOCALE_DIR / language / "LC_MESSAGES" / f"{DOMAIN}.po")


def _(text: str) -> str:
    """The text in the language of whoever is being talked to."""
    return _catalog(_language.get()).gettext(text) if text else ""


def ngettext(one: str, many: str, count: int) -> str:
    """The text for this count in the language of whoever is being talked to."""
    return _catalog(_language.get()).ngettext(one, many, count)


def current_language() -> str:
    """The language in force, as a catalog name."""
    return _language.get()


@contextmanager
def speaking(slack_locale: str) -> Iterator[None]:
    """Talk to a person of this Slack locale inside the block."""
    token = _language.set(language_of(slack_locale))
    try:
        yield
    finally:
        _language.reset(token)
