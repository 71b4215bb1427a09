"""An operation: our durable record of one change to one thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from nubemox_bot.core.errors import NubemoxError


class State(StrEnum):
    """Where an operation is on its way; those after UNDOING are ends."""

    QUEUED = "queued"
    """Stored; PVE was perhaps not called yet."""
    WAITING = "waiting"
    """Changes are frozen; PVE was not called."""
    RUNNING = "running"
    """PVE has taken it; its task is followed."""
    UNDOING = "undoing"
    """It failed on its way; what it had done is being taken back."""
    DONE = "done"
    UNCHANGED = "unchanged"
    """It was so already."""
    FAILED = "failed"
    STILL_RUNNING = "still_running"
    """Followed for as long as the settings allow; PVE goes on without us."""
    CANCELLED = "cancelled"
    """Frozen for too long; PVE was never called."""
    REFUSED = "refused"
    """One of several targets that was not allowed or not there; kept to be told with the rest."""

    @property
    def is_end(self) -> bool:
        """Whether nothing comes after it."""
        return self not in OPEN_STATES


OPEN_STATES: Final = (State.QUEUED, State.WAITING, State.RUNNING, State.UNDOING)


@dataclass(frozen=True, slots=True)
class Wish:
    """What an operation shall do, decided and authorized by a service.

    Attributes:
        action: the policy's word for it; also finds the Work that does it.
        lane: what it changes; one open operation per lane.
        rule: why the policy allowed it, for the audit.
    """

    action: str
    lane: str
    rule: str
    kind: str | None = None
    vmid: int | None = None
    name: str = ""
    node: str | None = None
    poolid: str | None = None
    tenant_id: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """A target of several that cannot be done: what was named, and why not."""

    action: str
    name: str
    why: NubemoxError


@dataclass(frozen=True, slots=True)
class Operation:
    """A stored operation; see `Wish` for what is wished.

    Attributes:
        upid: the task that is under way, or was the last one.
        called_at: when the present leg began.
        leg: how many of its tasks are behind it.
        results: what its steps found out, for later steps and for the last message.
    """

    id: str
    turn_id: str
    position: int
    action: str
    lane: str
    kind: str | None
    vmid: int | None
    name: str
    node: str | None
    poolid: str | None
    tenant_id: str | None
    team_id: str
    user_id: str
    origin: str
    parameters: Mapping[str, Any]
    state: State
    upid: str | None
    error_code: str | None
    error_data: Mapping[str, Any] | None
    done_steps: Sequence[str]
    created_at: datetime
    called_at: datetime | None
    ended_at: datetime | None
    replica: str
    leg: int = 0
    results: Mapping[str, Any] = field(default_factory=dict)

    @property
    def step(self) -> str | None:
        """The step under way, as far as it was told; None in the first one."""
        return self.results.get("step")

    @property
    def took_s(self) -> float | None:
        """Seconds from being asked to the end; None before the end."""
        return (self.ended_at - self.created_at).total_seconds() if self.ended_at else None


@dataclass(frozen=True, slots=True)
class StepDone:
    """What a step gives when there is more to tell than a task to follow.

    Attributes:
        upid: the task to follow to its good end before the next step begins.
        results: merged into the operation's results.
        changes: new values of the operation's `vmid`, `name` or `node`; or of its `lane`, by which
            a step gives up what the later ones only look at.
    """

    upid: str | None = None
    results: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)


class Progress(StrEnum):
    """What a look at the world says of an operation whose task is over."""

    REACHED = "reached"
    NOT_YET = "not_yet"


class Work(Protocol):
    """How one kind of operation is done; each step can see whether it has already happened.

    `steps` run in order, each at least once: after a crash the step that was under way runs again
    with `again=True`. The way is walked in legs: a step that starts a task ends its leg, and the
    next one begins when the task has ended well. When a step or its task fails, that step and
    those before it are undone in reverse.
    """

    @property
    def patience_s(self) -> float:
        """For how long in its leg a step is tried again while its error is one that may pass."""
        ...

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps' names, in order."""
        ...

    def run(self, step: str, operation: Operation, *, again: bool) -> str | StepDone | None:
        """Do a step; the UPID to follow, if it started a task.

        Raises:
            NubemoxError: it cannot be done; one that may pass asks to be tried again soon.
        """
        ...

    def undo(self, step: str, operation: Operation) -> None:
        """Take a step back, whatever of it happened; must bear being repeated.

        Raises:
            NubemoxError: one that may pass asks to be called again soon.
        """
        ...

    def confirm(self, operation: Operation) -> Progress:
        """After the last task's good end: is the thing as it was wished?"""
        ...


class Unchanged(Exception):
    """Raised by a step when there is nothing to do; carries the words for it."""

    def __init__(self, why: NubemoxError) -> None:
        super().__init__(why)
        self.why = why
