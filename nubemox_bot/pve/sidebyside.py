"""Several places asked at the same time, with one limit to the wait for all of them.

A storage that hangs costs its caller the whole patience of a call. Asked one after another, three
of those would cost three.
"""

from __future__ import annotations

import contextvars
import logging
from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from nubemox_bot.pve.errors import PveError

log = logging.getLogger("nubemox.pve")

AT_A_TIME: Final = 3
"""Of a host's four slots, one is left to everybody else."""

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Heard(Generic[K, T]):
    """What the places said, and which said nothing of use in time; in the order of asking."""

    answers: Mapping[K, T]
    silent: tuple[K, ...]


def side_by_side(ask: Callable[[K], T], places: Iterable[K], *, within_s: float) -> Heard[K, T]:
    """Ask each place, and wait for all of them together.

    A place that refuses is silent too. What is still being asked at the end of the wait is left to
    its own limit; what was not begun by then is not begun any more.
    """
    asked = [*dict.fromkeys(places)]
    pool = ThreadPoolExecutor(max(1, min(AT_A_TIME, len(asked))), thread_name_prefix="beside")
    try:
        answering = {
            place: pool.submit(contextvars.copy_context().run, ask, place) for place in asked
        }
        in_time = wait(answering.values(), timeout=within_s).done
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    answers: dict[K, T] = {}
    for place, answer in answering.items():
        if answer not in in_time:
            log.warning("one of %d places did not answer within %g s", len(asked), within_s)
            continue
        try:
            answers[place] = answer.result()
        except PveError as error:
            log.warning("one of %d places left out: %s", len(asked), error.code)
    return Heard(answers, tuple(place for place in asked if place not in answers))
