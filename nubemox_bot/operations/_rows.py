"""Between rows and operations; what a turn is owed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, or_, update

from nubemox_bot.audit.model import Entry, Phase
from nubemox_bot.core.actor import Actor, Origin
from nubemox_bot.operations.model import OPEN_STATES, Operation, State
from nubemox_bot.store.tables import turns

OPEN = tuple(state.value for state in OPEN_STATES)


def want_told(connection: Connection, turn_id: str) -> None:
    """The message of this turn is to be shown anew.

    A program asks itself how its change is getting on, so its turn has no message; but where it
    waited for an approval, its owner was told so, and what was begun to be told is told to its end.
    """
    has_message = or_(turns.c.origin != Origin.REST.value, turns.c.wanted > 0)
    connection.execute(
        update(turns).where(turns.c.id == turn_id, has_message).values(wanted=turns.c.wanted + 1)
    )


def entry_of(
    values: Mapping[str, Any], actor: Actor, phase: Phase, rule: str, details: Mapping[str, Any]
) -> Entry:
    """The audit entry for an operation's row."""
    return Entry(
        actor,
        phase,
        values["action"],
        rule,
        vmid=values["vmid"],
        poolid=values["poolid"],
        tenant_id=values["tenant_id"],
        turn_id=values["turn_id"],
        operation_id=values["id"],
        details=details,
    )


def plain(data: Mapping[str, object]) -> dict[str, Any]:
    """Error data as JSON keeps it."""
    return {
        key: value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
        for key, value in data.items()
    }


def operation_of(row: Row[Any]) -> Operation:
    """An operation from its row."""
    values = row._asdict()
    values["state"] = State(values["state"])
    return Operation(**values)


def workflow_id(operation_id: str, leg: int) -> str:
    """The workflow that drives one leg of an operation."""
    return f"{operation_id}.{leg}" if leg else operation_id


def undoing_id(operation_id: str) -> str:
    """The workflow that takes an operation back."""
    return f"{operation_id}.undo"


def workflow_ids(operation_id: str, leg: int) -> list[str]:
    """Every workflow that an operation may have had when this was its last leg."""
    legs = [workflow_id(operation_id, each) for each in range(leg + 1)]
    return [*legs, undoing_id(operation_id)]
