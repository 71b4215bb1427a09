"""Where the database lies and which key opens what is sealed in it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import make_url

from nubemox_bot.settings import Settings
from nubemox_bot.store.secretbox import key_beside


def database_file(settings: Settings) -> Path:
    """The SQLite file of these settings."""
    return Path(make_url(settings.database_url).database or "nubemox.db").resolve()


def secret_key(settings: Settings) -> str:
    """The secret key: from the settings, or from the file beside a SQLite database."""
    if settings.nubemox_secret_key is not None:
        return settings.nubemox_secret_key.get_secret_value()
    return key_beside(database_file(settings))
