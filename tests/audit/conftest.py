import pytest

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.audit.model import Entry, Phase
from nubemox_bot.core.actor import Origin
from nubemox_bot.store.engine import Database
from tests.databases import (  # noqa: F401 - fixtures
    ANA,
    HeldClock,
    clock,
    database,
    database_url,
    migrated_file,
    migrated_postgres,
    postgres,
    ready_postgres_url,
    sqlite_url,
)


@pytest.fixture
def log(database: Database, clock: HeldClock) -> AuditLog:  # noqa: F811
    return AuditLog(database, [b"key"], clock)


def entry(number: int = 0, phase: Phase = Phase.INTENT) -> Entry:
    return Entry(
        ANA.through(Origin.BUTTON),
        phase,
        "guest.start",
        "role_held",
        vmid=100 + number,
        poolid="acme",
        tenant_id="ten_1",
        turn_id=f"turn_{number}",
        operation_id=f"op_{number}",
        details={"ha": False, "took_s": 0.1 + number, "why": "Olá 🦀", "nested": {"b": [1, None]}},
    )
