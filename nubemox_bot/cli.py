"""The command line: run, doctor, manifest, migrate."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from nubemox_bot.app import EXIT_OK, EXIT_REFUSED, EXIT_SETTINGS, Application, MakeConversation
from nubemox_bot.core.errors import StoreUnavailable
from nubemox_bot.core.log import configure_logging
from nubemox_bot.doctor import examine
from nubemox_bot.settings import Settings, SettingsFault, load_settings
from nubemox_bot.slack.manifest import manifest
from nubemox_bot.store.engine import Database
from nubemox_bot.store.migrate import SchemaTooNew, migrate

_USAGE = """usage: python bot.py                  run the bot
       python bot.py demo             the whole product, with no Slack and no Proxmox VE
       python bot.py doctor           check settings, Slack, Proxmox VE and the database
       python bot.py manifest [URL]   print the Slack app manifest; with the public URL of this
                                      bot for HTTP mode, else for Socket Mode
       python bot.py migrate          bring the database up to date
"""


def main(arguments: Sequence[str], make_conversation: MakeConversation) -> int:
    """Do what the command line says; the process's exit status."""
    command, *rest = arguments or ["run"]
    if command == "manifest" and len(rest) <= 1:
        url = f"{rest[0].rstrip('/')}/slack/events" if rest else None
        print(json.dumps(manifest(url), indent=2))
        return EXIT_OK
    if command not in ("run", "doctor", "migrate") or rest:
        print(_USAGE, file=sys.stderr, end="")
        return EXIT_SETTINGS
    settings = _settings()
    if settings is None:
        return EXIT_SETTINGS
    configure_logging(settings.log_level, settings.log_format)
    if command == "migrate":
        return _migrate(settings)
    if command == "doctor":
        return _doctor(settings)
    asyncio.run(_run(settings, make_conversation))
    raise AssertionError("the bot ends inside its loop")


async def _run(settings: Settings, make_conversation: MakeConversation) -> NoReturn:
    status = await Application(settings, make_conversation).run()
    logging.shutdown()
    # Closing the loop would wait for threads that PVE or a database keeps waiting.
    os._exit(status)


def _settings() -> Settings | None:
    try:
        return load_settings()
    except SettingsFault as fault:
        for line in fault.lines:
            print(line, file=sys.stderr)
        return None


def _doctor(settings: Settings) -> int:
    faults = 0
    for finding in examine(settings):
        print(finding, flush=True)
        faults += not finding.is_good
    print(f"{faults} faults." if faults else "All is well.")
    return EXIT_REFUSED if faults else EXIT_OK


def _migrate(settings: Settings) -> int:
    database = Database(settings.database_url)
    try:
        revision = migrate(database)
    except StoreUnavailable as error:
        print(f"DATABASE_URL: the database does not answer: {error.__cause__}", file=sys.stderr)
        return EXIT_REFUSED
    except SchemaTooNew as error:
        print(f"DATABASE_URL: made by a later version of the bot: {error}", file=sys.stderr)
        return EXIT_SETTINGS
    print(f"The database is at revision {revision}.")
    return EXIT_OK
