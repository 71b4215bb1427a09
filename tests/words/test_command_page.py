from __future__ import annotations

from pathlib import Path

from commands.docs import render
from commands.registry import build_registry

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_commands_is_what_the_registry_says() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")

    assert page == render(build_registry()), "run `make docs`"
