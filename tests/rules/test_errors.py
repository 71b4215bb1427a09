from __future__ import annotations

import ast
import importlib
import pkgutil
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import commands
import nubemox_bot
from nubemox_bot.core.errors import NubemoxError, Several, _code_of, error_from

ROOT = Path(nubemox_bot.__file__).resolve().parent.parent


def _import_everything() -> None:
    for package in (nubemox_bot, commands):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in found.name:
                importlib.import_module(found.name)


def _families(family: type[NubemoxError] = NubemoxError) -> Iterator[type[NubemoxError]]:
    yield family
    for one in family.__subclasses__():
        yield from _families(one)


_import_everything()
ERRORS = sorted(
    {one for one in _families() if one.__module__.startswith(("nubemox_bot.", "commands."))},
    key=lambda one: one.__name__,
)


def _fields(family: type[NubemoxError]) -> set[str]:
    texts = (family.text, family.hint, family.remedy, family.remedy_label)
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_code_belongs_to_one_error() -> None:
    counted = Counter(_code_of(family) for family in ERRORS)

    assert [code for code, count in counted.items() if count > 1] == []


# The family itself, and a bundle of errors that no row holds: each has a row of its own.
_NEVER_IN_A_ROW = (NubemoxError, Several)
_KEPT = [family for family in ERRORS if family not in _NEVER_IN_A_ROW]
# `store.claims` has an AlreadyRunning of its own, for the bot itself; nobody is told it in words.
_OTHER_NAMESAKES = ("store/claims.py", "app.py")


@pytest.mark.parametrize("family", _KEPT, ids=lambda one: one.__name__)
def test_an_error_comes_back_from_a_row_as_it_was(family: type[NubemoxError]) -> None:
    data: dict[str, object] = dict.fromkeys(_fields(family), "some {braces}")
    error = family(**data)

    found = error_from(error.code, data)

    assert type(found) is family
    assert found.message() == error.message()
    assert found.advice() == error.advice()
    assert found.remedy_words() == error.remedy_words()


def _raised() -> Iterator[tuple[str, type[NubemoxError], set[str] | None]]:
    """Where an error of ours is made, and with which keywords; None where they are hidden."""
    by_name = {family.__name__: family for family in ERRORS}
    for folder in ("nubemox_bot", "commands"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            if str(file).endswith(_OTHER_NAMESAKES):
                continue
            place = str(file.relative_to(ROOT))
            for node in ast.walk(ast.parse(file.read_text())):
                where = f"{place}:{getattr(node, 'lineno', 0)}"
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                    if family := by_name.get(name):
                        given = {one.arg for one in node.keywords}
                        named = {one for one in given if one is not None}
                        yield where, family, None if None in given else named
                elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name | ast.Attribute):
                    name = getattr(node.exc, "attr", getattr(node.exc, "id", ""))
                    if family := by_name.get(name):
                        yield where, family, set()


RAISED = [one for one in _raised() if one[2] is not None]


def test_the_scan_sees_errors_being_made() -> None:
    assert len(RAISED) > 60


@pytest.mark.parametrize(
    ("family", "given"),
    [(family, given) for _, family, given in RAISED],
    ids=[f"{where}-{family.__name__}" for where, family, _ in RAISED],
)
def test_an_error_is_given_what_its_words_need(family: type[NubemoxError], given: set[str]) -> None:
    assert _fields(family) <= given
