"""People talking to a bot that runs, and what stands around them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground.cluster import Call, SimulatedCluster
from playground.slack import Message, Person, SlackWorkspace, Turn, View, default_workspace

HOURGLASS = ":hourglass_flowing_sand:"
COUNTED_OUT = ("del", "gus", "sam")
TIME_SCALE = 0.01
PATIENCE_S = 20.0
"""Until what is waited for counts as not coming; nothing is measured by it."""
_CLOCKWORK = re.compile(
    r"^/version$|^/cluster/(status|tasks|backup-info/|ha/status/)|/certificates/info$"
    r"|^/nodes/[^/]+/tasks$|/tasks/[^/]+/log$"
)
"""What the health probe and the watch ask by themselves, at any moment."""
_OUR_FAULT = re.compile(r"Traceback|\bref=[0-9a-z]{8}\b|CRITICAL")


def people_and_places() -> SlackWorkspace:
    """The default workspace, with every sort of member that acme can have.

    ana owns acme, olga operates and vic views it, uma is there by a usergroup; bruno operates
    globex, carla runs the platform, dora belongs nowhere. All of them and the three who count for
    nobody meet in #all.
    """
    workspace = default_workspace()
    for name in ("olga", "vic", "uma"):
        workspace.add_user(name)
    everybody = ("ana", "bruno", "carla", "dora", "olga", "vic", "uma", *COUNTED_OUT)
    workspace.add_channel("all", everybody)
    workspace.add_channel("quiet", everybody, bot=False, is_private=True)
    workspace.add_usergroup("acme-all", ["uma"])
    return workspace


@dataclass(frozen=True)
class Answer:
    """What somebody read in the end."""

    turn: Turn
    message: Message

    @property
    def text(self) -> str:
        return self.message.text

    @property
    def all_text(self) -> str:
        return self.message.all_text

    @property
    def labels(self) -> list[str]:
        return [button.text for button in self.message.buttons]

    @property
    def is_private(self) -> bool:
        return self.message.ephemeral_for is not None

    @property
    def first_text(self) -> str:
        """What it said before it was edited."""
        return self.message.history[0].text

    def __contains__(self, words: str) -> bool:
        return words in self.all_text


def is_settled(message: Message) -> bool:
    """Whether nothing in it is still under way."""
    return HOURGLASS not in message.all_text


class Stage:
    """One cluster, one workspace, one bot."""

    def __init__(
        self,
        cluster: SimulatedCluster,
        workspace: SlackWorkspace,
        database: Path,
        log: Callable[[], str],
    ) -> None:
        self.cluster = cluster
        self.workspace = workspace
        self.log = log
        self._database = database
        self._members: list[Any] = []
        self._began: dict[int, tuple[str, set[str]]] = {}
        self._home = {guest.vmid: _placed(guest) for guest in cluster.guests}

    # ------------------------------------------------------------------ talking

    def person(self, name: str) -> Person:
        return self.workspace.user(name)

    def id_of(self, name: str) -> str:
        return self.workspace.user(name).id

    def __call__(
        self, name: str, words: str, where: str = "#all", *, within: float = PATIENCE_S
    ) -> Answer:
        """Somebody types a slash command and waits for its end."""
        return self.end_of(self.types(name, words, where), within=within)

    def types(self, name: str, words: str, where: str = "#all") -> Turn:
        return self._does(name, where, lambda who: who.types(f"/nubemox {words}", where))

    def mentions(self, name: str, words: str, where: str = "#all", thread: str = "") -> Turn:
        return self._does(name, where, lambda who: who.mentions_bot(words, where, thread or None))

    def dms(self, name: str, words: str) -> Turn:
        return self._does(name, "dm", lambda who: who.dms(words))

    def presses_only(self, name: str, message: Message, what: str) -> Turn:
        """Presses, and waits for nothing."""
        return self._does(name, message.channel, lambda who: who.clicks(message, what))

    def presses(self, name: str, message: Message, what: str, value: str | None = None) -> Answer:
        act = self._does(name, message.channel, lambda who: who.clicks(message, what, value))
        return self.end_of(act)

    def picks(self, name: str, message: Message, what: str, value: str) -> Answer:
        act = self._does(name, message.channel, lambda who: who.selects(message, what, value))
        return self.end_of(act)

    def opens(self, name: str, words: str, where: str = "#all") -> View:
        """Somebody types what opens a form, and waits until it is filled."""
        return self.filled(self.types(name, words, where))

    def filled(self, turn: Turn) -> View:
        view = turn.view(timeout=PATIENCE_S)
        self.workspace.wait_until(
            lambda: "submit" in view.view, PATIENCE_S, "the form to be filled"
        )
        return view

    def submits(
        self, name: str, view: View, values: Mapping[str, Any], where: str = "#all"
    ) -> Answer:
        """Somebody fills a form, sends it, and waits for the end of what it asks for."""
        return self.end_of(self._does(name, where, lambda who: who.submits(view, values)))

    def end_of(self, turn: Turn, *, within: float = PATIENCE_S) -> Answer:
        """What the turn came to: the first message after it that is its person's, at its end."""
        return self._found(turn, is_settled, within)

    def begun(self, turn: Turn) -> Answer:
        """What the turn shows before its end."""
        return self._found(turn, lambda message: not is_settled(message), PATIENCE_S)

    def _found(self, turn: Turn, wanted: Callable[[Message], bool], within: float) -> Answer:
        person = self.person(turn.record.user)
        where, before = self._began[turn.record.number]
        bot = self.workspace.state.bot.id

        def seen() -> Message | None:
            for message in person.sees(self.workspace.channel(where)):
                if message.ts in before:  # not by its place: what was shared is taken away
                    continue
                named = re.findall(r"<@(\w+)>", message.text)
                theirs = message.ephemeral_for == person.id or person.id in named or not named
                if message.user == bot and theirs and wanted(message):
                    return message
            return None

        what = f"{turn.record.words!r} of {person.name}'s to end"
        found = self.workspace.wait_until(seen, within, what)
        assert found is not None
        return Answer(turn, found)

    def _does(self, name: str, where: str, act: Callable[[Person], Turn]) -> Turn:
        person = self.person(name)
        place = person.place(where)
        before = {message.ts for message in person.sees(place)}
        with self._let_write(name):
            turn = act(person)
        self._began[turn.record.number] = (place.id, before)
        return turn

    def button(self, words: str, where: str = "#all") -> Message:
        """A message of the bot's with a button that says this, however it came to be there."""
        block = {
            "type": "actions",
            "block_id": "anybody",
            "elements": [
                {
                    "type": "button",
                    "action_id": "words.run",
                    "text": {"type": "plain_text", "text": "Do it"},
                    "value": words,
                }
            ],
        }
        state = self.workspace.state
        with state.changed:
            place = self.workspace.channel(where)
            return state.post(place, state.bot.id, "A message from before.", [block])

    @contextmanager
    def _let_write(self, name: str) -> Iterator[None]:
        """A deactivated account whose client was not thrown out yet still sends."""
        state = self.workspace.state
        with state.changed:
            user = state.user(name)
            was, user.deleted = user.deleted, False
            try:
                yield
            finally:
                user.deleted = was

    # ---------------------------------------------------------- what was done

    @contextmanager
    def calls(self) -> Iterator[list[Call]]:
        """The calls that PVE gets inside, those of the bot's own clockwork left out."""
        before = len(self.cluster.calls())
        seen: list[Call] = []
        yield seen
        made = self.cluster.calls()[before:]
        seen.extend(call for call in made if not _CLOCKWORK.search(call.path))

    @contextmanager
    def nothing_changes(self) -> Iterator[None]:
        """PVE is asked for no change inside, and no guest is another one after it."""
        was = {guest.vmid: (guest.status, guest.pool) for guest in self.cluster.guests}
        with self.calls() as seen:
            yield
        assert [call for call in seen if call.is_mutation] == []
        assert {guest.vmid: (guest.status, guest.pool) for guest in self.cluster.guests} == was

    def sql(self, statement: str, *values: object) -> list[Any]:
        """Look into the bot's database, or tamper with it, behind its back."""
        with sqlite3.connect(self._database, timeout=10) as connection:
            return connection.execute(statement, values).fetchall()

    def tracebacks(self) -> list[str]:
        """Lines of the log that tell of a fault of ours."""
        return [line for line in self.log().splitlines() if _OUR_FAULT.search(line)]

    # ------------------------------------------------------------ between tests

    def as_before(self) -> None:
        """Bring guests, trouble and the freeze back to how every test finds them."""
        cluster, workspace = self.cluster, self.workspace
        cluster.clear_faults()
        workspace.faults.clear()
        cluster.regain_quorum()
        for node in ("pve1", "pve2", "pve3"):
            cluster.bring_node_back(node)
        cluster.time_scale, cluster.task_seconds, cluster.ha_delay_s = TIME_SCALE, 0, 10
        cluster.wait_for_tasks()
        workspace.wait_until(self._is_idle, 30, "every operation to end")
        if self.sql("select 1 from flags where name = 'frozen'"):
            self("carla", "unfreeze")
        if self.sql("select * from members order by id") != self._members:
            self.sql("delete from members")
            for row in self._members:
                self.sql(f"insert into members values ({', '.join('?' for _ in row)})", *row)
        changed = [guest for guest in cluster.guests if self._put_back(guest)]
        if changed:
            self("carla", "ct start 108 --dry-run")  # which reads the inventory anew

    def everybody_is_in(self) -> None:
        """Every test from here on begins with the members that there are now."""
        self._members = self.sql("select * from members order by id")

    def _is_idle(self) -> bool:
        return not self.sql("select 1 from operations where ended_at is null")

    def _put_back(self, guest: Any) -> bool:
        home = self._home.get(guest.vmid)
        if home is None:
            self.cluster.remove_guest(guest.vmid)
            return True
        guest.ignore_shutdown(False)
        guest.take_to()
        guest.fail_to_start(None)
        if home == _placed(guest):
            return False
        guest.leave_ha()
        guest.set_lock(None)
        guest.set_status(home["status"])
        guest.move_to_node(home["node"])
        guest.move_to_pool(home["pool"])
        return True


def _placed(guest: Any) -> Mapping[str, object]:
    return {
        "status": guest.status,
        "node": guest.node,
        "pool": guest.pool,
        "lock": guest.lock,
        "ha": guest.ha_state,
    }


def onboard(stage: Stage) -> None:
    """The two tenants and their people, as the platform's admin makes them."""
    for line in ("tenant create acme", "tenant create globex"):
        assert "is ready" in stage("carla", line)
    for line in (
        "tenant add acme @ana --role owner",
        "tenant add acme @olga",
        "tenant add acme @vic --role viewer",
        "tenant add acme @acme-all --role viewer",
        "tenant add globex @bruno --role operator",
        # Slack's word on their accounts stands above whatever they are here.
        "tenant add acme @gus --role owner",
        "tenant add acme @sam --role owner",
    ):
        assert "added by" in stage("carla", line), line
    said = stage("carla", f"tenant add acme {stage.id_of('del')} --role owner")
    assert "added by" in said, said.text
    stage.everybody_is_in()
