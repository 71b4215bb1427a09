"""An engine on a real DBOS with a work that a test steers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.operations.engine import OperationEngine
from nubemox_bot.operations.freeze import FreezeSwitch
from nubemox_bot.operations.model import Operation, Progress, State, Wish
from nubemox_bot.operations.store import OperationStore
from nubemox_bot.store.engine import Database
from nubemox_bot.store.flags import FlagStore
from tests.databases import ANA

T = TypeVar("T")


class Refusal(NubemoxError):
    """A no for good."""

    kind = Kind.CONFLICT
    text = "No: {why}."


class Passing(NubemoxError):
    """A no that may pass."""

    kind = Kind.UNAVAILABLE
    may_pass = True
    text = "Not now."


def until(ask: Callable[[], T], patience_s: float = 15) -> T:
    """What `ask` gives as soon as that is something."""
    give_up_at = time.monotonic() + patience_s
    while not (found := ask()):
        assert time.monotonic() < give_up_at, "it did not come to that"
        time.sleep(0.01)
    return found


def wish(lane: str = "guest:105", action: str = "test.work", name: str = "web-1") -> Wish:
    return Wish(action, lane, "role_held", kind="lxc", vmid=105, name=name, node="pve1",
                poolid="acme", tenant_id="ten_1", parameters={"ha": False})  # fmt: skip


class FakeWork:
    """Does what `on` says at each step, and writes down what it was asked."""

    patience_s = 600.0

    def __init__(self, *steps: str) -> None:
        self.steps: tuple[str, ...] = steps
        self.on: dict[str, Callable[[], str | None]] = {}
        self.asked: list[str] = []
        self.undone: list[str] = []
        self.progress = Progress.REACHED
        self._lock = threading.Lock()
        self.running = 0
        self.most_at_once = 0

    def run(self, step: str, operation: Operation, *, again: bool) -> str | None:
        with self._lock:
            self.asked.append(f"{step} again" if again else step)
            self.running += 1
            self.most_at_once = max(self.most_at_once, self.running)
        try:
            return self.on.get(step, lambda: None)()
        finally:
            with self._lock:
                self.running -= 1

    def undo(self, step: str, operation: Operation) -> None:
        with self._lock:
            self.undone.append(step)
        self.on.get(f"undo {step}", lambda: None)()

    def confirm(self, operation: Operation) -> Progress:
        return self.progress


class Answers:
    """Gives or raises the next of these at each call, the last one for ever."""

    def __init__(self, *answers: str | BaseException | None) -> None:
        self._answers = list(answers)

    def __call__(self) -> str | None:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer


class Bench:
    """The parts of one engine."""

    def __init__(
        self, database: Database, store: OperationStore, log: AuditLog, clock: Clock
    ) -> None:
        self.database = database
        self.store = store
        self.work = FakeWork("one", "two", "three")
        self.freeze = FreezeSwitch(database, FlagStore(database), log, clock)
        self.ended: list[Operation] = []
        self.followed = threading.Event()
        self.metrics = Metrics()
        self.engine = OperationEngine(
            store,
            {"test.work": self.work},
            self.freeze,
            clock,
            self.metrics,
            database_url=database.url,
            executor_id="local",
            on_running=self.followed.set,
            on_ended=self.ended.append,
        )

    def start(self) -> None:
        self.engine.start()

    def stop(self) -> None:
        self.engine.stop(5)

    def begin(self, *wishes: Wish, turn: str = "turn_1") -> list[Operation]:
        operations = self.store.begin(ANA, turn, wishes or [wish()])
        self.engine.submit(*operations)
        return operations

    def state(self, operation: Operation) -> State:
        found = self.store.get(operation.id)
        assert found is not None
        return found.state

    def end_of(self, operation: Operation) -> Operation:
        """The operation when it has ended."""

        def ended() -> Operation | None:
            found = self.store.get(operation.id)
            assert found is not None
            return found if found.state.is_end else None

        return until(ended)  # type: ignore[return-value]

    def ends_of(self, operations: Sequence[Operation]) -> list[Operation]:
        return [self.end_of(operation) for operation in operations]
