from __future__ import annotations

from pathlib import Path

from nubemox_bot.settings import Settings
from tools.settings_page import PAGE, described, render

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_is_told_of_and_none_that_is_not_there() -> None:
    assert described() == set(Settings.model_fields)


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run `make docs`"


def test_the_example_names_every_setting() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = {line.lstrip("# ").partition("=")[0] for line in example.splitlines() if "=" in line}

    assert {name.upper() for name in Settings.model_fields} - named == set()
