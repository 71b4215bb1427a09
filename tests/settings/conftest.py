from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nubemox_bot.settings import Settings, SettingsFault, load_settings

REQUIRED = {
    "PROXMOX_HOST": "pve1.example.org",
    "PROXMOX_USER": "nubemox@pve",
    "PROXMOX_API_TOKEN_NAME": "bot",
    "PROXMOX_API_TOKEN_VALUE": "11111111-2222-3333-4444-555555555555",
    "SLACK_BOT_TOKEN": "xoxb-1-the-bot-token",
    "SLACK_APP_TOKEN": "xapp-1-the-app-token",
    "NUBEMOX_ADMINS": "U0ADMIN",
}

Load = Callable[..., Settings]
Faults = Callable[..., list[str]]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Load:
    """Settings from what is required, and from these; None leaves one out."""
    monkeypatch.chdir(tmp_path)

    def loaded(**changes: str | None) -> Settings:
        for name, value in (REQUIRED | changes).items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        return load_settings()

    return loaded


@pytest.fixture
def faults(load: Load) -> Faults:
    """The lines that these settings are refused with; none when they are taken."""

    def told(**changes: str | None) -> list[str]:
        try:
            load(**changes)
        except SettingsFault as fault:
            return fault.lines
        return []

    return told
