from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

import pytest

from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.i18n import current_language
from nubemox_bot.core.turn import Turn
from nubemox_bot.operations.model import Operation, State
from nubemox_bot.operations.store import OperationStore
from nubemox_bot.operations.teller import Teller, Told
from nubemox_bot.store.turns import TurnStore
from tests.databases import ANA, NOW, HeldClock, a_turn
from tests.operations.bench import Passing, until, wish

Place = tuple[str, str]


class FakeMessenger:
    def __init__(self) -> None:
        self.said: list[tuple[str, str, Place | None, bool]] = []
        self.troubles: list[Exception] = []
        self.while_telling: Callable[[], None] = lambda: None
        self.now_in: dict[str, int] = {}
        self.overlapped = False
        self._lock = threading.Lock()

    def deliver(self, turn: Turn, reply: Reply, at: Place | None, *, final: bool) -> Place | None:
        with self._lock:
            self.overlapped |= bool(self.now_in.get(turn.id))
            self.now_in[turn.id] = 1
            trouble = self.troubles.pop(0) if self.troubles else None
        try:
            self.while_telling()
            if trouble is not None:
                raise trouble
            with self._lock:
                self.said.append((turn.key, reply.text, at, final))
            return at or ("C1", f"{len(self.said)}.0")
        finally:
            self.now_in[turn.id] = 0


class Desk:
    def __init__(self, store: OperationStore, turns: TurnStore, clock: HeldClock) -> None:
        self.store = store
        self.turns = turns
        self.clock = clock
        self.slack = FakeMessenger()
        self.teller = Teller(
            turns,
            store,
            self.slack,
            clock,
            render=_rendered,
            locale_of=lambda _team, user: "pt-BR" if user == "U0BIA" else "en-US",
        )

    def begin(self, key: str = "k1", *lanes: str, user: str = "U0ANA") -> list[Operation]:
        turn = a_turn(key, user=user)
        self.turns.put(turn, mutates=True)
        self.turns.begin(turn.id)
        return self.store.begin(ANA, turn.id, [wish(lane) for lane in lanes or ("guest:1",)])

    def said(self, count: int) -> list[str]:
        """What was said so far, when it is that much; the clock goes on meanwhile."""

        def enough() -> bool:
            self.teller.wake()
            return len(self.slack.said) >= count

        until(enough)
        return [text for _, text, _, _ in self.slack.said]

    def settled(self) -> None:
        until(lambda: not self.turns.untold(self.clock.now(), 99))


def _rendered(turn: Turn, operations: Sequence[Operation], as_asked: bool) -> Told:
    states = "queued" if as_asked else ",".join(one.state for one in operations)
    ended = all(operation.state.is_end for operation in operations)
    return Told(Reply(f"{states} {current_language()}", []), ended)


@pytest.fixture
def desk(store: OperationStore, turns: TurnStore, clock: HeldClock) -> Iterator[Desk]:
    desk = Desk(store, turns, clock)
    desk.teller.start()
    yield desk
    desk.teller.stop()


def test_what_is_asked_is_told_and_its_end_edits_the_same_message(desk: Desk) -> None:
    (operation,) = desk.begin()
    assert desk.said(1) == ["queued en"]
    desk.settled()

    desk.store.end(operation, State.DONE)

    assert desk.said(2) == ["queued en", "done en"]
    assert [(at, final) for _, _, at, final in desk.slack.said] == [
        (None, False), (("C1", "1.0"), True),
    ]  # fmt: skip


def test_an_end_that_comes_at_once_is_shown_as_asked_first(desk: Desk) -> None:
    (operation,) = desk.begin()
    desk.store.end(operation, State.DONE)

    desk.teller.wake()

    assert desk.said(2)[-2:] == ["queued en", "done en"]
    desk.settled()


def test_a_late_end_of_a_message_that_never_was_is_told_alone(desk: Desk) -> None:
    desk.slack.troubles = [Passing()] * 2
    (operation,) = desk.begin()
    desk.teller.wake()
    until(lambda: len(desk.slack.troubles) < 2)
    desk.store.end(operation, State.DONE)
    desk.clock.pass_by(120)

    desk.slack.troubles.clear()

    assert desk.said(1)[0] == "done en"
    desk.settled()
    assert len(desk.slack.said) == 1


def test_what_slack_does_not_take_is_told_later(desk: Desk) -> None:
    desk.slack.troubles = [Passing(), ZeroDivisionError("a fault of ours")]
    desk.begin()

    def tell() -> bool:
        desk.clock.pass_by(1)
        desk.teller.wake()
        return len(desk.slack.said) == 1

    until(tell)

    assert desk.slack.troubles == []
    desk.settled()
    assert desk.turns.untold(NOW, 9) == []


def test_a_change_while_a_telling_is_under_way_is_told_after_it_and_not_beside_it(
    desk: Desk,
) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        inside.set()
        assert go_on.wait(10)

    desk.slack.while_telling = slow
    first, second = desk.begin("k1", "guest:1", "guest:2")
    desk.teller.wake()
    assert inside.wait(10)

    desk.store.end(first, State.DONE)
    desk.store.end(second, State.DONE)
    for _ in range(5):
        desk.teller.wake()
    go_on.set()

    desk.settled()
    assert desk.slack.said[0][1] == "queued,queued en"
    assert desk.slack.said[-1][1] == "done,done en"
    assert not desk.slack.overlapped


def test_each_is_told_in_their_own_language(desk: Desk) -> None:
    desk.begin("k1", "guest:1", user="U0BIA")
    desk.begin("k2", "guest:2")

    desk.said(2)

    assert {key: text for key, text, _, _ in desk.slack.said} == {
        "k1": "queued pt_BR", "k2": "queued en",
    }  # fmt: skip


def test_many_turns_are_all_told_to_their_end_once(desk: Desk) -> None:
    begun = [desk.begin(f"k{number}", f"guest:{number}")[0] for number in range(80)]
    desk.said(80)

    for operation in begun:
        desk.store.end(operation, State.DONE)

    desk.teller.wake()
    desk.settled()
    finals = [key for key, _, _, final in desk.slack.said if final]
    assert sorted(finals) == sorted(f"k{number}" for number in range(80))
    assert not desk.slack.overlapped


def test_what_an_earlier_process_left_untold_is_told_by_the_next(
    store: OperationStore, turns: TurnStore, clock: HeldClock
) -> None:
    before = Desk(store, turns, clock)
    (operation,) = before.begin()
    turns.told("turn_k1", 1, ("C1", "7.0"))
    store.end(operation, State.DONE)

    after = Desk(store, turns, clock)
    after.teller.start()

    assert after.said(1) == ["done en"]
    assert after.slack.said[0][2] == ("C1", "7.0")
    after.teller.stop()
