from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select, update

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.audit.model import Entry, Phase
from nubemox_bot.store.engine import Database
from nubemox_bot.store.tables import audit
from tests.audit.entries import entry
from tests.databases import ANA, NOW, HeldClock, at_once


def test_an_empty_chain_is_whole(log: AuditLog) -> None:
    assert log.verify().broken_link is None
    assert log.verify().rows == 0


def test_a_chain_is_whole_and_its_head_moves_with_each_row(log: AuditLog, clock: HeldClock) -> None:
    heads = []
    for number in range(5):
        clock.pass_by(0.000001)
        log.record(entry(number))
        heads.append(log.verify().head)

    assert log.verify().broken_link is None
    assert log.verify().rows == 5
    assert len(set(heads)) == 5


def test_reads_and_refusals_are_kept_beside_the_chain(log: AuditLog) -> None:
    for phase in (Phase.INTENT, Phase.READ, Phase.REFUSED, Phase.OUTCOME):
        log.record(entry(phase=phase))

    rows = log.find(limit=10)

    assert [row.phase for row in rows] == [Phase.OUTCOME, Phase.REFUSED, Phase.READ, Phase.INTENT]
    assert [row.link for row in rows] == [2, None, None, 1]
    assert log.verify().rows == 2


def test_what_is_found_is_what_was_recorded_newest_first(log: AuditLog, clock: HeldClock) -> None:
    log.record(entry(1))
    clock.pass_by(1)
    log.record(entry(2, Phase.OUTCOME))

    newest, oldest = log.find(limit=10)

    assert (newest.phase, newest.vmid, newest.at) == (
        Phase.OUTCOME,
        102,
        NOW + timedelta(seconds=1),
    )
    assert oldest.details == {
        "ha": False, "took_s": 1.1, "why": "Olá 🦀", "nested": {"b": [1, None]},
    }  # fmt: skip
    assert (oldest.team_id, oldest.user_id, oldest.origin) == ("T1", "U0ANA", "button")
    assert log.find(audit.c.vmid == 101, limit=10) == [oldest]
    assert log.find(limit=1) == [newest]


def test_rows_of_a_transaction_that_fails_leave_no_gap(database: Database, log: AuditLog) -> None:
    def fail() -> None:
        with database.write() as connection:
            log.add(connection, entry(1), entry(2))
            raise LookupError

    log.record(entry(0))
    with pytest.raises(LookupError):
        fail()
    log.record(entry(3))

    assert log.verify().rows == 2
    assert log.verify().broken_link is None


def test_intent_and_outcome_in_one_transaction_are_two_rows(
    database: Database, log: AuditLog
) -> None:
    with database.write() as connection:
        log.add(connection, entry(1), entry(1, Phase.OUTCOME))

    assert [row.link for row in log.find(limit=5)] == [2, 1]


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
_PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT
)
_JSON = st.recursive(
    _PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.dictionaries(st.sampled_from(["why", "subject", "é"]), _JSON))
def test_whatever_the_details_are_the_chain_stays_whole(
    log: AuditLog, details: dict[str, Any]
) -> None:
    log.record(Entry(ANA, Phase.OUTCOME, "guest.start", "rule", details=details))

    assert log.verify().broken_link is None


def test_many_writers_do_not_fork_the_chain(database: Database, log: AuditLog) -> None:
    def write(number: int) -> None:
        for _ in range(3):
            log.record(entry(number))

    at_once(20, write)

    assert log.verify().rows == 60
    assert log.verify().broken_link is None


def test_two_replicas_do_not_fork_the_chain(postgres: Database, clock: HeldClock) -> None:
    databases = [Database(postgres.url), Database(postgres.url)]
    logs = [AuditLog(one, [b"key"], clock) for one in databases]

    def write(number: int) -> None:
        log = logs[number % 2]
        for _ in range(3):
            with databases[number % 2].write() as connection:
                log.add(connection, entry(number), entry(number, Phase.OUTCOME))

    at_once(16, write)

    assert logs[0].verify() == logs[1].verify()
    assert logs[0].verify().rows == 96
    assert logs[0].verify().broken_link is None
    for one in databases:
        one.close()


def _change(**values: Any) -> Callable[[Connection], object]:
    return lambda one: one.execute(update(audit).where(audit.c.link == 4).values(**values))


def _remove(connection: Connection) -> None:
    connection.execute(delete(audit).where(audit.c.link == 4))


def _remove_and_close_the_gap(connection: Connection) -> None:
    _remove(connection)
    for link in range(5, 9):
        connection.execute(update(audit).where(audit.c.link == link).values(link=link - 1))


def _slip_in(connection: Connection) -> None:
    for link in range(8, 3, -1):
        connection.execute(update(audit).where(audit.c.link == link).values(link=link + 1))
    row = dict(connection.execute(select(audit).where(audit.c.link == 3)).one()._asdict())
    row.update(seq=500, link=4, details={"slipped": "in"})
    connection.execute(insert(audit), row)


def _swap(connection: Connection) -> None:
    for link, after in ((4, 99), (5, 4), (99, 5)):
        connection.execute(update(audit).where(audit.c.link == link).values(link=after))


def _make_it_a_read(connection: Connection) -> None:
    connection.execute(
        update(audit).where(audit.c.link == 4).values(phase="read", link=None, mac=None)
    )


_TAMPERINGS: dict[str, Callable[[Connection], object]] = {
    "details edited": _change(details={"ha": True}),
    "another person": _change(user_id="U0BOB"),
    "another time": _change(at=NOW + timedelta(microseconds=1)),
    "another guest": _change(vmid=999),
    "another outcome": _change(phase="outcome"),
    "another rule": _change(rule="platform_admin"),
    "another turn": _change(turn_id=None),
    "another operation": _change(operation_id="op_other"),
    "another door": _change(origin="job"),
    "another tenant": _change(tenant_id=None, poolid="globex"),
    "no code": _change(mac=None),
    "made-up code": _change(mac="0" * 64),
    "removed": _remove,
    "removed and renumbered": _remove_and_close_the_gap,
    "slipped in": _slip_in,
    "swapped": _swap,
    "made a read": _make_it_a_read,
}


@pytest.mark.parametrize("tampering", _TAMPERINGS.values(), ids=_TAMPERINGS)
def test_a_tampering_is_found_at_its_row(
    database: Database, log: AuditLog, tampering: Callable[[Connection], object]
) -> None:
    with database.write() as connection:
        log.add(connection, *(entry(number) for number in range(8)))

    with database.write() as connection:
        tampering(connection)

    verification = log.verify()
    assert verification.broken_link == 4
    assert verification.rows == 3


def test_a_cut_off_end_shows_in_the_head(database: Database, log: AuditLog) -> None:
    """The rows that are left fit, so the head must be kept elsewhere too."""
    for number in range(3):
        log.record(entry(number))
    before = log.verify().head

    with database.write() as connection:
        connection.execute(delete(audit).where(audit.c.link == 3))

    assert log.verify().broken_link is None
    assert log.verify().head != before


def test_rows_of_an_earlier_key_still_fit_after_a_rotation(
    database: Database, clock: HeldClock
) -> None:
    AuditLog(database, [b"old"], clock).record(entry(1))
    rotated = AuditLog(database, [b"new", b"old"], clock)
    rotated.record(entry(2))

    assert rotated.verify().broken_link is None
    assert AuditLog(database, [b"new"], clock).verify().broken_link == 1
    assert AuditLog(database, [b"old"], clock).verify().broken_link == 2


def test_whoever_has_no_key_cannot_write_rows_that_fit(
    database: Database, log: AuditLog, clock: HeldClock
) -> None:
    log.record(entry(1))

    AuditLog(database, [b"guessed"], clock).record(entry(2))

    assert log.verify().broken_link == 2


def test_a_long_chain_is_walked_in_portions(database: Database, log: AuditLog) -> None:
    with database.write() as connection:
        log.add(connection, *(entry(number) for number in range(1200)))

    assert log.verify().rows == 1200
