from __future__ import annotations

import ast
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
