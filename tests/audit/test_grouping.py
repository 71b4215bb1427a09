from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from nubemox_bot.audit.grouping import Together
from nubemox_bot.audit.model import Entry, Phase
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.errors import StoreUnavailable


def entry(number: int) -> Entry:
    return Entry(Actor("T1", "U1"), Phase.READ, "guest.list", "role_held", vmid=number)


def test_a_crowd_is_kept_in_few_transactions_and_nobody_is_left_out():
    written: list[list[int]] = []
    begun = threading.Event()

    def write(entries):
        begun.wait(5)
        written.append([one.vmid or 0 for one in entries])

    together = Together(write)
    with ThreadPoolExecutor(40) as pool:
        waits = [pool.submit(together.put, entry(number)) for number in range(40)]
        begun.set()
        for wait in waits:
            wait.result(10)

    assert sorted(one for batch in written for one in batch) == list(range(40))
    assert len(written) < 40


def test_whoever_returns_has_its_row_kept():
    kept: set[int | None] = set()
    together = Together(lambda entries: kept.update(one.vmid for one in entries))

    def put(number: int) -> bool:
        together.put(entry(number))
        return number in kept

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(put, range(500)))


def test_a_store_that_does_not_answer_is_told_to_everybody_whose_row_it_was():
    def write(entries):
        raise StoreUnavailable

    together = Together(write)

    def put(number: int) -> BaseException:
        with pytest.raises(StoreUnavailable) as raised:
            together.put(entry(number))
        return raised.value

    with ThreadPoolExecutor(8) as pool:
        errors = list(pool.map(put, range(8)))

    assert len({id(error) for error in errors}) == 8
