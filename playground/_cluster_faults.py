# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""Trouble on demand: what can go wrong between a client and a cluster, chosen by a test."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Self

from fakepve import PveError


class Trouble(Enum):
    """What befalls a call."""

    SLOW = auto()  # answered, but late
    ERROR = auto()  # answered with an error, not executed
    LATE_ERROR = auto()  # executed, but answered with an error
    LOST_REQUEST = auto()  # the connection drops before anything was executed
    LOST_ANSWER = auto()  # executed, then the connection drops
    HANG = auto()  # not executed and never answered, until the fault is cleared
    SLOW_BODY = auto()  # executed; half of the answer comes at once, half late


@dataclass
class Fault:
    """A trouble for the calls it matches: for so many of them, or until cleared."""

    trouble: Trouble
    method: str | None = None
    path: re.Pattern[str] | None = None
    times: int | None = None
    seconds: float = 0.0
    status: int = 500
    text: str = ""
    errors: dict[str, str] | None = None
    hits: int = 0
    cleared: threading.Event = field(default_factory=threading.Event, repr=False)

    def as_error(self) -> PveError:
        """The error that is answered for an ERROR."""
        return PveError(self.status, self.text, self.errors)

    @property
    def is_over(self) -> bool:
        return self.cleared.is_set() or (self.times is not None and self.times <= 0)

    def matches(self, method: str, path: str) -> bool:
        return self.method in {None, method} and (self.path is None or bool(self.path.search(path)))

    def clear(self) -> None:
        """End the trouble, also for the calls that are in the middle of it."""
        self.cleared.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.clear()


class Faults:
    """The troubles now in force. Set from the test's thread, met on the server's."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._every: list[Fault] = []
        self._guard = threading.Lock()

    def add(
        self,
        trouble: Trouble,
        *,
        method: str | None = None,
        path: str | None = None,
        times: int | None = None,
        **details: Any,
    ) -> Fault:
        """Put a trouble in force for calls whose path matches a regular expression."""
        pattern = re.compile(path) if path is not None else None
        fault = Fault(trouble, method, pattern, times, **details)
        with self._guard:
            self._faults.append(fault)
            self._every.append(fault)
        return fault

    def clear(self) -> None:
        """End all trouble, also for calls that still hang in a fault whose number is used up."""
        with self._guard:
            for fault in self._every:
                fault.clear()
            self._every.clear()

    def meet(self, method: str, path: str) -> list[Fault]:
        """The troubles that befall this call; those for a number of calls are used up by it."""
        with self._guard:
            self._faults = [fault for fault in self._faults if not fault.is_over]
            met = [fault for fault in self._faults if fault.matches(method, path)]
            for fault in met:
                fault.hits += 1
                if fault.times is not None:
                    fault.times -= 1
            return met


@dataclass(frozen=True)
class Call:
    """One request as the cluster saw it."""

    method: str
    path: str
    tokenid: str | None
    params: dict[str, Any]
    status: int | None
    at: float
    seconds: float
    endpoint: str

    @property
    def is_mutation(self) -> bool:
        return self.method not in {"GET", "HEAD"}


class CallLog:
    """Every request, in the order in which they were answered or dropped."""

    def __init__(self, keep: int = 50_000) -> None:
        self._calls: list[Call] = []
        self._keep = keep

    def add(self, call: Call) -> None:
        self._calls.append(call)
        if len(self._calls) > self._keep:
            del self._calls[: self._keep // 10]

    def select(self, method: str | None, path_regex: str | None) -> list[Call]:
        pattern = re.compile(path_regex or "")
        return [
            call
            for call in list(self._calls)
            if method in {None, call.method} and pattern.search(call.path)
        ]

    def clear(self) -> None:
        self._calls.clear()


def wait_until(
    condition: Callable[[], Any], *, within: float = 5.0, what: str = "the condition"
) -> Any:
    """Wait for something that a server's thread brings about; its first true value is returned."""
    end = time.monotonic() + within
    while not (found := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come about within {within} s")
        time.sleep(0.005)
    return found
