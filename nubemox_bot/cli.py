"""The command line: run, doctor, manifest, migrate."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Sequence

from nubemox_bot.app import EXIT_OK, EXIT_REFUSED, EXIT_SETTINGS, Application, MakeConversation
from nubemox_bot.core.errors import StoreUnavailable
from nubemox_bot.core.log import configure_logging
from nubemox_bot.settings import Settings, SettingsFault, load_settings
from nubemox_bot.store.engine import Database
from nubemox_bot.store.migrate import migrate

_USAGE = "usage: python bot.py [migrate]"


def main(arguments: Sequence[str], make_conversation: MakeConversation) -> int:
    """Do what the command line says; the process's exit status."""
    command = arguments[0] if arguments else "run"
    if command not in ("run", "migrate") or len(arguments) > 1:
        print(_USAGE, file=sys.stderr)
        return EXIT_SETTINGS
    settings = _settings()
    if settings is None:
        return EXIT_SETTINGS
    configure_logging(settings.log_level, settings.log_format)
    if command == "migrate":
        return _migrate(settings)
    status = asyncio.run(Application(settings, make_conversation).run())
    logging.shutdown()
    # Threads that PVE or a database keeps waiting must not hold up the exit.
    os._exit(status)


def _settings() -> Settings | None:
    try:
        return load_settings()
    except SettingsFault as fault:
        for line in fault.lines:
            print(line, file=sys.stderr)
        return None


def _migrate(settings: Settings) -> int:
    database = Database(settings.database_url)
    try:
        revision = migrate(database)
    except StoreUnavailable as error:
        print(f"DATABASE_URL: the database does not answer: {error.__cause__}", file=sys.stderr)
        return EXIT_REFUSED
    print(f"The database is at revision {revision}.")
    return EXIT_OK
