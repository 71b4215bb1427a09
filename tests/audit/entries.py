"""Entries of the audit, as many as a test needs."""

from nubemox_bot.audit.model import Entry, Phase
from nubemox_bot.core.actor import Origin
from tests.databases import ANA


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
