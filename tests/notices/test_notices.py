"""Messages that nobody's turn owns: told once, kept true, found again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import _
from nubemox_bot.notices.errors import NotShown
from nubemox_bot.notices.model import Notice, Place
from nubemox_bot.notices.store import NoticeStore
from nubemox_bot.notices.teller import NoticeTeller
from nubemox_bot.store.engine import Database
from nubemox_bot.store.turns import TurnStore
from tests.databases import HeldClock, a_turn, at_once


class Away(NubemoxError):
    """Slack is not there."""

    kind = Kind.UNAVAILABLE
    text = "Away."


class FakeSlack:
    """Takes messages, or does not."""

    def __init__(self) -> None:
        self.shown: dict[Place, str] = {}
        self.threads: dict[Place, str | None] = {}
        self.closed: set[str] = set()
        self.away = False
        self.again: list[bool] = []

    def show(
        self,
        key: str,
        target: str,
        reply: Reply,
        at: Place | None,
        *,
        thread_ts: str | None = None,
        again: bool = False,
    ) -> Place:
        del key
        if self.away:
            raise Away
        if target in self.closed:
            raise NotShown(reason="not_in_channel")
        self.again.append(again)
        place = at or (target, f"{len(self.shown)}.1")
        self.shown[place] = reply.text
        if at is None:
            self.threads[place] = thread_ts
        return place

    def texts(self, target: str) -> list[str]:
        return [text for (where, _), text in self.shown.items() if where == target]


class Board:
    """A teller that tells when a test says so."""

    def __init__(self, database: Database, store: NoticeStore, clock: HeldClock) -> None:
        self.slack = FakeSlack()
        self.database = database
        self.store = store
        self.clock = clock
        self.said = {"alert": "on fire", "request": "a card"}
        self.teller = NoticeTeller(
            store,
            self.slack,
            clock,
            renderers=dict.fromkeys(self.said, self._render),
            locale_of=lambda person: {"UBRUNO": "pt-BR"}.get(person, "en-US"),
            may_read=lambda person: person != "UGUS",
        )

    def _render(self, notice: Notice) -> Reply | None:
        said = self.said[notice.topic.partition(":")[0]]
        return Reply(f"{said} {notice.key} {_('Ask again')}") if said else None

    def put(self, topic: str, target: str = "", **more: object) -> str:
        with self.database.write() as connection:
            return self.store.put(connection, topic, target, **more)  # type: ignore[arg-type]

    def change(self, topic: str) -> None:
        with self.database.write() as connection:
            self.store.changed(connection, topic)

    def round(self) -> int:
        taken = self.store.take_untold(16)
        for notice in taken:
            self.teller.tell(notice)
        return len(taken)


@pytest.fixture
def board(database: Database, store: NoticeStore, clock: HeldClock) -> Board:
    return Board(database, store, clock)


def test_a_notice_is_told_once_and_edited_when_it_changes(board: Board) -> None:
    board.put("alert:1", "C1")
    board.round()
    assert board.slack.texts("C1") == ["on fire 1 Ask again"]

    board.said["alert"] = "put out"
    assert board.round() == 0
    board.change("alert:1")
    board.round()

    assert board.slack.texts("C1") == ["put out 1 Ask again"]


def test_the_same_topic_for_the_same_target_is_one_message(board: Board) -> None:
    first = board.put("alert:1", "C1")
    assert board.put("alert:1", "C1") == first
    board.put("alert:1", "C2")
    board.round()

    assert len(board.slack.shown) == 2


def test_each_person_reads_it_in_their_own_language(board: Board) -> None:
    board.put("request:1", "UBRUNO")
    board.put("request:1", "UANA")
    board.round()

    assert board.slack.texts("UANA") == ["a card 1 Ask again"]
    assert board.slack.texts("UBRUNO") != board.slack.texts("UANA")


def test_while_slack_is_away_it_waits_and_is_told_in_the_end(
    board: Board, clock: HeldClock
) -> None:
    board.put("alert:1", "C1")
    board.slack.away = True
    assert board.round() == 1
    assert board.round() == 0  # put off

    board.slack.away = False
    clock.pass_by(2)
    board.round()

    assert board.slack.texts("C1") == ["on fire 1 Ask again"]
    assert board.slack.again == [True]  # it looks for what the first try may have posted


@pytest.mark.parametrize("lasts_s", [60, 600])
def test_a_time_of_refusals_loses_nothing_and_doubles_nothing(
    board: Board, clock: HeldClock, lasts_s: int
) -> None:
    first = board.put("alert:1", "C1")
    board.slack.away, tries = True, 0
    for second in range(lasts_s):
        tries += board.round()
        clock.pass_by(1)
        if second == 30:  # meanwhile it ended, and its thread is to tell of it
            board.said["alert"] = "put out"
            board.change("alert:1")
            board.put("alert:1-end", thread_of=first)

    board.slack.away = False
    for _second in range(120):
        board.round()
        clock.pass_by(1)

    assert tries < 20 + lasts_s / 5
    assert board.slack.texts("C1") == ["put out 1 Ask again", "put out 1-end Ask again"]


def test_a_channel_that_takes_nothing_gives_it_to_people(board: Board) -> None:
    board.slack.closed = {"C1"}
    board.put("request:1", "C1", or_to=["UANA", "UCARLA"])
    board.round()
    board.round()

    assert board.slack.texts("UANA") == board.slack.texts("UCARLA")
    assert len(board.slack.texts("UANA")) == 1
    board.change("request:1")
    assert board.round() == 2  # both copies, and the channel is not tried again


def test_what_a_dead_process_was_telling_is_told_by_another_a_minute_later(
    board: Board, clock: HeldClock
) -> None:
    board.put("alert:1", "C1")
    assert len(board.store.take_untold(16)) == 1  # and then it died

    assert board.round() == 0
    clock.pass_by(61)
    board.round()

    assert board.slack.texts("C1") == ["on fire 1 Ask again"]
    assert board.slack.again == [True]


def test_two_replicas_never_tell_the_same(board: Board) -> None:
    for number in range(20):
        board.put(f"alert:{number}", "C1")

    taken = at_once(4, lambda _: [one.id for one in board.store.take_untold(20)])

    found = [one for some in taken for one in some]
    assert len(found) == len(set(found)) == 20


def test_a_notice_goes_into_the_thread_of_another(board: Board) -> None:
    parent = board.put("alert:1", "C1")
    board.put("alert:1-resolved", "C1", thread_of=parent)
    board.round()
    board.clock.pass_by(2)
    board.round()

    threads = list(board.slack.threads.values())
    assert threads == [None, "0.1"]


def test_what_follows_a_turn_goes_where_its_message_is(
    board: Board, turns: TurnStore, make_turn: Callable[[str], str]
) -> None:
    turn_id = make_turn("1")
    board.put("request:1:decided", thread_of=turn_id, reader="U0ANA", or_to=["U0ANA"])
    turns.want_told(turn_id)
    board.round()
    assert board.slack.shown == {}  # the turn's own message comes first

    turns.told(turn_id, 1, ("C7", "5.5"))
    board.clock.pass_by(2)
    board.round()

    assert board.slack.threads == {("C7", "0.1"): "5.5"}


def test_where_the_turn_was_shown_nowhere_its_person_is_told_directly(
    board: Board, make_turn: Callable[[str], str]
) -> None:
    turn_id = make_turn("1")
    board.put("request:1:decided", thread_of=turn_id, reader="U0ANA")
    board.round()

    assert len(board.slack.texts("U0ANA")) == 1


def test_nothing_to_show_is_not_posted(board: Board) -> None:
    board.said["alert"] = ""
    board.put("alert:1", "C1")
    board.round()

    assert board.slack.shown == {}
    assert board.round() == 0


def test_what_was_told_long_ago_is_forgotten(board: Board, clock: HeldClock) -> None:
    board.put("alert:1", "C1")
    board.put("alert:2", "C1")
    board.round()
    board.change("alert:2")
    clock.pass_by(61 * 86_400)

    assert board.store.forget_old() == 1


@pytest.fixture
def make_turn(turns: TurnStore) -> Callable[[str], str]:
    def made(key: str) -> str:
        turn = a_turn(key)
        turns.put(turn, mutates=True)
        turns.begin(turn.id)
        return turn.id

    return made


def test_a_restart_goes_on_at_once_with_what_was_being_told(board: Board) -> None:
    board.put("alert:1", "C1")
    assert len(board.store.take_untold(16)) == 1  # killed here

    board.store.let_go()
    board.round()

    assert board.slack.texts("C1") == ["on fire 1 Ask again"]
    assert board.slack.again == [True]


def test_what_another_replica_is_telling_is_left_to_it(board: Board, clock: HeldClock) -> None:
    other = NoticeStore(board.database, clock, "r2")
    board.put("alert:1", "C1")
    assert len(other.take_untold(16)) == 1

    board.store.let_go()
    assert board.round() == 0
    board.store.let_go("r2")  # it is dead

    assert board.round() == 1


def test_a_lost_post_to_somebody_is_looked_for_where_they_were_written_to_before(
    board: Board, clock: HeldClock
) -> None:
    board.put("request:1", "UANA")
    (first,) = board.store.take_untold(16)
    board.store.told(first, ("D1", "1.1"))
    board.put("request:2", "UANA")
    assert len(board.store.take_untold(16)) == 1  # and then it died

    clock.pass_by(61)
    board.round()

    assert board.slack.texts("D1") == ["a card 2 Ask again"]
    assert board.slack.again == [True]


def test_what_stands_in_a_thread_is_in_the_language_of_its_message(board: Board) -> None:
    parent = board.put("alert:1", "UBRUNO")
    board.put("request:2", thread_of=parent)
    board.round()
    board.round()

    assert all("Ask again" not in text for text in board.slack.shown.values())
    assert len(board.slack.shown) == 2


def test_who_counts_for_nobody_reads_nothing(board: Board) -> None:
    board.put("alert:1", "UGUS", or_to=["UANA"])
    board.round()
    board.round()

    assert board.slack.texts("UGUS") == []
    assert board.slack.texts("UANA") == ["on fire 1 Ask again"]
