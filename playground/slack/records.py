"""What the workspace writes down about a run, for tests and benches to read."""

import time
from dataclasses import dataclass, field
from typing import Any

from playground.slack.model import Json, Message, View


@dataclass
class Call:
    """One Web API call or use of a response_url; the arguments carry no token."""

    method: str
    args: Json
    at: float
    status: int = 0
    error: str = ""
    took_s: float = 0.0
    answer: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Payload:
    """Blocks or a view that passed the checks, and where they were to be shown."""

    method: str
    surface: str
    blocks: list[Json]
    text: str = ""
    view: Json | None = None


@dataclass
class Envelope:
    """One delivery to the app. Times are of the monotonic clock."""

    id: str
    type: str
    payload: Json
    accepts_response_payload: bool
    turn: int | None = None
    retry_attempt: int = 0
    retry_reason: str = ""
    made_at: float = field(default_factory=time.monotonic)
    sent_at: float | None = None
    acked_at: float | None = None
    ack: Json | None = None
    connection: int | None = None
    failure: str = ""
    """`dispatch_failed`, `operation_timeout`, or what an HTTP delivery met."""

    @property
    def latency_s(self) -> float | None:
        if self.sent_at is None or self.acked_at is None:
            return None
        return self.acked_at - self.sent_at

    @property
    def settled(self) -> bool:
        return self.acked_at is not None or bool(self.failure)

    def frame(self) -> Json:
        frame: Json = {
            "envelope_id": self.id,
            "payload": self.payload,
            "type": self.type,
            "accepts_response_payload": self.accepts_response_payload,
        }
        if self.type == "events_api":
            frame["retry_attempt"] = self.retry_attempt
            frame["retry_reason"] = self.retry_reason
        return frame


@dataclass(frozen=True)
class Happening:
    """Something the app made visible; `turn` is set when the wire itself says whose it is."""

    kind: str
    turn: int | None
    message: Message | None
    view: View | None
    at: float


@dataclass
class TurnRecord:
    """One thing a person did, and what came of it."""

    number: int
    kind: str
    user: str
    at: float
    channel: str | None = None
    words: str = ""
    thread_ts: str | None = None
    message_ts: str | None = None
    """The person's own message, or the message whose button was clicked."""
    view_id: str | None = None
    parent: int | None = None
    trigger_id: str = ""
    response_url: str = ""
    envelope: Envelope | None = None
    outcomes: list[Message | View] = field(default_factory=list)
    """Messages and views that came of it, in the order of their first change."""
    extra: dict[str, Any] = field(default_factory=dict)
