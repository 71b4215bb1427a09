"""The command line: run, doctor, manifest, migrate, audit."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from nubemox_bot.app import EXIT_OK, EXIT_REFUSED, EXIT_SETTINGS, Application, MakeConversation
from nubemox_bot.audit.log import AuditLog
from nubemox_bot.core.clock import SystemClock
from nubemox_bot.core.errors import StoreUnavailable
from nubemox_bot.core.log import configure_logging
from nubemox_bot.doctor import examine
from nubemox_bot.keys import secret_key
from nubemox_bot.settings import Settings, SettingsFault, load_settings
from nubemox_bot.slack.manifest import manifest
from nubemox_bot.store.engine import Database
from nubemox_bot.store.migrate import SchemaTooNew, migrate
from nubemox_bot.store.secretbox import SecretBox

_USAGE = """usage: python bot.py                  run the bot
       python bot.py demo             the whole product, with no Slack and no Proxmox VE
       python bot.py doctor           check settings, Slack, Proxmox VE and the database
       python bot.py manifest [URL]   print the Slack app manifest; with the public URL of this
                                      bot for HTTP mode, else for Socket Mode
       python bot.py migrate          bring the database up to date
       python bot.py audit [SEQ]      print the audit as JSON lines, all of it or what came after
                                      row SEQ; says on standard error whether the chain is whole
"""


def main(arguments: Sequence[str], make_conversation: MakeConversation) -> int:
    """Do what the command line says; the process's exit status."""
    command, *rest = arguments or ["run"]
    if command == "manifest" and len(rest) <= 1:
        url = f"{rest[0].rstrip('/')}/slack/events" if rest else None
        print(json.dumps(manifest(url), indent=2))
        return EXIT_OK
    after = rest.pop() if command == "audit" and len(rest) == 1 and rest[0].isdecimal() else "0"
    if command not in ("run", "doctor", "migrate", "audit") or rest:
        print(_USAGE, file=sys.stderr, end="")
        return EXIT_SETTINGS
    settings = _settings()
    if settings is None:
        # To the doctor a wrong setting is a finding like any other.
        return EXIT_REFUSED if command == "doctor" else EXIT_SETTINGS
    configure_logging(settings.log_level, settings.log_format)
    if command == "migrate":
        return _migrate(settings)
    if command == "doctor":
        return _doctor(settings)
    if command == "audit":
        return _audit(settings, int(after))
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


def _audit(settings: Settings, after: int) -> int:
    """The audit for other systems to keep; exit status 1 when its chain is broken."""
    key = SecretBox(secret_key(settings)).derived("audit")
    log = AuditLog(Database(settings.database_url), key, SystemClock())
    try:
        for row in log.export(after):
            print(json.dumps(row, ensure_ascii=False))
        found = log.verify()
    except StoreUnavailable as error:
        print(f"DATABASE_URL: the database does not answer: {error.__cause__}", file=sys.stderr)
        return EXIT_REFUSED
    if found.broken_link is not None:
        print(f"The chain is broken at row {found.broken_link}.", file=sys.stderr)
        return EXIT_REFUSED
    print(f"The chain is whole: {found.rows} rows, head {found.head}.", file=sys.stderr)
    return EXIT_OK


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
