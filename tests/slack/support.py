"""A conversation with known answers, stores in memory that can fail, and the edge in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeVar

from nubemox_bot.blockkit.builders import actions, button, option, section
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.blockkit.words import SHARE
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import SystemClock
from nubemox_bot.core.errors import NubemoxError, StoreUnavailable
from nubemox_bot.core.i18n import speaking
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.core.person import Person
from nubemox_bot.core.turn import Turn
from nubemox_bot.slack.edge import SlackEdge
from nubemox_bot.slack.protocols import Heard
from playground.slack import SlackWorkspace

T = TypeVar("T")
Answer = Reply | Callable[[Actor, Turn], Reply]


@dataclass(frozen=True)
class Words:
    words: str
    mutates: bool = False
    opens_modal: bool = False


@dataclass(frozen=True)
class Said:
    """One call of the conversation."""

    words: str
    actor: Actor
    turn: Turn


class NoForms:
    """A conversation without forms; those are tested with the real one."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name}: there are no forms here")


class Talk:
    """A conversation that knows a few words: `start …` and `stop …` mutate, the rest reads."""

    def __init__(self) -> None:
        self.forms: Any = NoForms()
        self.answers: dict[str, Answer] = {}
        self.said: list[Said] = []

    def on(self, words: str, answer: Answer) -> None:
        self.answers[words] = answer

    def hear(self, words: str) -> Words:
        return Words(words, mutates=words.startswith(("start", "stop")))

    def words_of_action(self, action: Mapping[str, Any]) -> str | None:
        if action["action_id"] == "words.run":
            return str(action["value"])
        if action["action_id"] == "guest.pick":
            return f"{action['block_id']} {action['selected_option']['value']}"
        return None

    def answer(self, heard: Heard, actor: Actor, turn: Turn) -> Reply:
        self.said.append(Said(heard.words, actor, turn))
        answer = self.answers.get(heard.words, Reply(f"You said: {heard.words}"))
        return answer(actor, turn) if callable(answer) else answer

    def broken(self, error: BaseException, actor: Actor | None, turn: Turn) -> Reply:
        return Reply(f"Broken by {type(error).__name__}, reference abcd1234")

    def nothing_done(self, error: NubemoxError, locale: str) -> Reply:
        with speaking(locale):
            return Reply(f"{error.message()} {error.advice()}".strip())

    def suggest(self, block_id: str, query: str, actor: Actor) -> list[Any]:
        names = [name for name in ("web-1", "web-2", "db-1") if query in name]
        return [option(f"{name} for {actor.name}", name) for name in names]

    def one_moment(self, heard: Heard, locale: str) -> Reply:
        with speaking(locale):
            return Reply(f"One moment: {heard.words}")

    def expired(self, turn: Turn, actor: Actor) -> Reply:
        return Reply(f"Too late for: {turn.words}")

    def share_of(self, reply: Reply, words: str, actor: Actor) -> Reply:
        share = actions([button("Share", SHARE, value=words)], "share")
        return replace(reply, blocks=[section(reply.text, "text"), share])

    def times(self, words: str) -> int:
        return sum(said.words == words for said in self.said)


@dataclass
class MemoryTurns:
    """A turn store whose commits can be slow or fail."""

    turns: dict[str, tuple[Turn, bool]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    commits: list[int] = field(default_factory=list)
    down: bool = False
    gate: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.gate.set()

    def put_many(self, batch: Sequence[tuple[Turn, bool]]) -> list[bool]:
        self.gate.wait(20)
        with self.lock:
            self._must_be_up()
            known = {
                turn.key for turn, _ in self.turns.values() if self.states[turn.id] != "withdrawn"
            }
            fresh = []
            for turn, mutates in batch:
                fresh.append(turn.key not in known)
                if fresh[-1]:
                    known.add(turn.key)
                    self.turns[turn.id] = (turn, mutates)
                    self.states[turn.id] = "stored"
            self.commits.append(len(batch))
            return fresh

    def withdraw(self, turn_id: str) -> None:
        self._move(turn_id, {"stored"}, "withdrawn")

    def begin(self, turn_id: str) -> bool:
        return self._move(turn_id, {"stored"}, "begun")

    def answered(self, turn_id: str) -> None:
        self._move(turn_id, {"stored", "begun"}, "answered")

    def left_over(self) -> list[tuple[Turn, bool]]:
        with self.lock:
            self._must_be_up()
            return [self.turns[one] for one, state in self.states.items() if state == "stored"]

    def state_of(self, words: str) -> str:
        with self.lock:
            found = [one for one, (turn, _) in self.turns.items() if turn.words == words]
            return self.states[found[-1]] if found else ""

    def _move(self, turn_id: str, before: set[str], after: str) -> bool:
        with self.lock:
            self._must_be_up()
            if self.states.get(turn_id) not in before:
                return False
            self.states[turn_id] = after
            return True

    def _must_be_up(self) -> None:
        if self.down:
            raise StoreUnavailable


class MemoryPeople:
    def __init__(self) -> None:
        self.people: dict[tuple[str, str], Person] = {}

    def get(self, team_id: str, user_id: str) -> Person | None:
        return self.people.get((team_id, user_id))

    def put(self, person: Person) -> None:
        self.people[person.team_id, person.user_id] = person


class RunningEdge:
    """The real edge on a loop in a thread of its own, beside a workspace."""

    def __init__(
        self,
        slack: SlackWorkspace,
        talk: Talk,
        turns: MemoryTurns,
        people: MemoryPeople,
        **options: Any,
    ) -> None:
        self.slack = slack
        self.metrics = Metrics()
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        tokens = {
            "bot_token": slack.bot_token,
            "app_token": slack.app_token,
            "signing_secret": None,
            "api_url": slack.api_url,
        }
        self.edge = SlackEdge(
            conversation=talk,
            turns=turns,
            people=people,
            metrics=self.metrics,
            **{**tokens, "clock": SystemClock(), **options},
        )

    @property
    def messenger(self) -> Any:
        return self.edge.messenger

    def start(self, *, connected: bool = True) -> Self:
        self._thread.start()
        try:
            self.do(self.edge.start())
        except BaseException:
            self._end_loop()
            raise
        if connected:
            self.slack.wait_connected()
        return self

    def stop(self) -> None:
        self.do(self.edge.stop())
        self._end_loop()

    def do(self, work: Coroutine[Any, Any, T], timeout: float = 20) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout)

    def _end_loop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)
        self.loop.close()


@contextmanager
def running(edge: RunningEdge) -> Iterator[RunningEdge]:
    edge.start()
    try:
        yield edge
    finally:
        edge.stop()
