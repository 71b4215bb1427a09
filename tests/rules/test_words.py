from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import nubemox_bot
from commands.grammar import Verb
from commands.registry import build_registry
from nubemox_bot.tenancy.policy import RULES, Action

ROOT = Path(nubemox_bot.__file__).resolve().parent.parent
REGISTRY = build_registry()
MUTATING = [verb for verb in REGISTRY.all_verbs() if verb.mutates]


def test_there_are_mutating_verbs() -> None:
    assert len(MUTATING) >= 10


@pytest.mark.parametrize("verb", MUTATING, ids=lambda verb: f"{verb.noun} {verb.name}".strip())
def test_every_mutating_verb_can_be_tried_dry(verb: Verb) -> None:
    assert "--dry-run" in [option.word for option in verb.options]


def test_every_action_of_the_policy_is_asked_for_by_something() -> None:
    used = set()
    for folder in ("nubemox_bot", "commands"):
        for file in (ROOT / folder).rglob("*.py"):
            if file.name == "policy.py":
                continue
            used |= {
                node.attr
                for node in ast.walk(ast.parse(file.read_text()))
                if isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "Action"
            }

    reachable = {action for action in Action if action.name in used}

    assert set(RULES) - reachable == set()


# Functions of `core.i18n` that take a sentence.
_MARKS = {"_", "N_", "ngettext"}


def _is_home_of(file: Path, mark: str) -> bool:
    """Whether sentences that are marked so may be in this file."""
    if file.name in ("views.py", "errors.py") or file.parent.name == "errors":
        return True
    # Verbs, options and kinds of words are summed up where they are declared, and said in views.
    return file.parts[0] == "commands" and mark == "N_"


def _is_literal(node: ast.AST) -> bool:
    """Whether text is written out here, rather than named or looked up."""
    match node:
        case ast.Constant(value=value):
            return isinstance(value, str) and bool(value)
        case ast.JoinedStr():
            return True
        case ast.Call(func=inner) | ast.Subscript(value=inner):
            return _is_literal(inner)
        case _:
            return any(_is_literal(child) for child in ast.iter_child_nodes(node))


def _sentences(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and mark of each sentence, under whatever name the mark was imported."""
    marks = {mark: mark for mark in _MARKS}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "nubemox_bot.core.i18n":
            marks |= {one.asname or one.name: one.name for one in node.names if one.name in _MARKS}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            if called in marks and any(map(_is_literal, given)):
                yield node.lineno, marks[called]


def _misplaced(file: Path, source: str) -> list[str]:
    return [
        f"{file}:{line}"
        for line, mark in _sentences(ast.parse(source))
        if not _is_home_of(file, mark)
    ]


def test_every_sentence_for_people_is_where_sentences_are() -> None:
    misplaced = []
    for folder in ("nubemox_bot", "commands"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            misplaced += _misplaced(file.relative_to(ROOT), file.read_text(encoding="utf-8"))

    assert misplaced == []


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("nubemox_bot/pve/checkup/__init__.py", 'said = _("It is gone.")'),
        ("nubemox_bot/pve/checkup/__init__.py", 'said = _(\n    "It is "\n    "gone."\n)'),
        ("nubemox_bot/alerts/sayings.py", 'SAYINGS = {"gone": N_("It is gone.")}'),
        ("nubemox_bot/guests/service.py", 'said = _(N_("It is gone."))'),
        ("nubemox_bot/guests/service.py", 'said = i18n._("It is gone.")'),
        ("nubemox_bot/guests/service.py", 'said = _(f"{name} is gone.")'),
        ("nubemox_bot/guests/service.py", 'said = _("{n} is gone.".format(n=name))'),
        ("nubemox_bot/guests/service.py", 'said = _("It is gone." if gone else "It is there.")'),
        ("nubemox_bot/guests/service.py", 'said = _(text="It is gone.")'),
        (
            "nubemox_bot/guests/service.py",
            'from nubemox_bot.core.i18n import _ as said\nsaid("It is gone.")',
        ),
        ("nubemox_bot/blockkit/lists.py", 'said = ngettext("{n} guest", "{n} guests", count)'),
        ("commands/conversation.py", 'label = _("Share")'),
    ],
)
def test_a_sentence_elsewhere_is_found(file: str, source: str) -> None:
    assert _misplaced(Path(file), source) != []


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("nubemox_bot/guests/views.py", 'said = _("It is gone.")'),
        ("nubemox_bot/guests/errors.py", 'text = N_("It is gone.")'),
        ("nubemox_bot/pve/errors/tasks.py", 'text = N_("It is gone.")'),
        ("nubemox_bot/guests/service.py", 'said = _(TEXTS["gone"])'),
        ("nubemox_bot/guests/service.py", 'said = _(texts.get("gone", ""))'),
        ("commands/guests.py", 'noun = Noun("vm", N_("Virtual machines"))'),
    ],
)
def test_a_sentence_in_its_place_is_let_be(file: str, source: str) -> None:
    assert _misplaced(Path(file), source) == []
