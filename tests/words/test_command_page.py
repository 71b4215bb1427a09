from __future__ import annotations

import re
from pathlib import Path

from commands.docs import render
from commands.registry import build_registry
from commands.views import help_reply

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_commands_is_what_the_registry_says() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")

    assert page == render(build_registry()), "run `make docs`"


def test_help_begins_with_words_that_can_be_said() -> None:
    registry = build_registry()

    first = help_reply(registry.help()).blocks[1]["text"]["text"]

    said = re.findall(r"`/nubemox ([^`]+)`", first)
    assert len(said) >= 3
    assert [registry.parse(words).fault for words in said] == [None] * len(said)
