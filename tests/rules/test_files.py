from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nubemox_bot

ROOT = Path(nubemox_bot.__file__).resolve().parent.parent
_LONGEST = 350


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_of_ours_is_too_long_to_be_read_at_once() -> None:
    files = [one for one in _tracked("*.py") if "tests" not in one.relative_to(ROOT).parts]

    long = {
        str(one.relative_to(ROOT)): lines
        for one in files
        if (lines := len(one.read_text().splitlines())) > _LONGEST
    }

    assert long == {}


def test_files_import_only_what_they_may() -> None:
    linter = Path(sys.executable).with_name("lint-imports")

    told = subprocess.run(
        [str(linter), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert told.returncode == 0, told.stdout


def test_health_and_figures_carry_no_label_that_names_anybody() -> None:
    from nubemox_bot.core.metrics import Metrics

    labels = set()
    for collector in Metrics().registry._collector_to_names:
        labels |= set(getattr(collector, "_labelnames", ()))

    assert labels <= {
        "method", "route", "outcome", "position", "kind", "origin", "action", "state", "job",
    }  # fmt: skip


def test_what_views_show_is_handed_to_them() -> None:
    """Every views module is under the contract that keeps stores and services out of it."""
    config = (ROOT / "pyproject.toml").read_text()
    found = re.search(
        r'name = "Views[^"]*"\ntype = "forbidden"\nsource_modules = \[(.*?)\]', config, re.DOTALL
    )
    assert found is not None

    named = re.findall(r'"([\w.]+)"', found[1])

    views = {
        ".".join(one.relative_to(ROOT).with_suffix("").parts)
        for one in _tracked("nubemox_bot/**/views.py", "commands/views.py")
    }
    assert named == sorted(views)
