"""Trouble on demand: what a test or a person at the playground wants to go wrong next."""

from collections.abc import Callable
from dataclasses import dataclass, field

from playground.slack.model import Json


@dataclass
class Fault:
    """What the next calls that match will meet.

    `drop` is `before` (the call has no effect) or `after` (it has, but its answer is lost). With
    `hang_s` alone the call is answered late; with an error as well it fails late.
    """

    method: str
    times: int = 1
    error: str = ""
    status: int = 0
    retry_after_s: int = 0
    hang_s: float = 0.0
    drop: str = ""
    when: Callable[[Json], bool] | None = None
    met: int = 0

    def matches(self, method: str, args: Json) -> bool:
        if self.met >= self.times or self.method not in {method, "*"}:
            return False
        return self.when is None or self.when(args)


@dataclass
class Faults:
    """The faults that are set, and how slow the whole API is."""

    pending: list[Fault] = field(default_factory=list)
    slow_s: float = 0.0

    def next(self, method: str, times: int = 1, **what: object) -> Fault:
        """Set a fault for the next calls of a method (`*`: of any; `response_url`: hooks)."""
        fault = Fault(method, times, **what)  # type: ignore[arg-type]
        self.pending.append(fault)
        return fault

    def clear(self) -> None:
        self.pending.clear()
        self.slow_s = 0.0

    def take(self, method: str, args: Json) -> Fault | None:
        for fault in self.pending:
            if fault.matches(method, args):
                fault.met += 1
                return fault
        return None
