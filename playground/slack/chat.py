"""Conversations with the app, as tests and benches write them down.

ana = workspace.user("ana")
turn = ana.types("/nubemox ct start 105", channel="#ops")
assert turn.ack.took_s < 3
assert "started" in turn.final("started").text
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from playground.slack.fields import chosen_value
from playground.slack.finding import find_element, find_field
from playground.slack.model import Channel, Json, Message, User, View
from playground.slack.records import Envelope, TurnRecord

if TYPE_CHECKING:
    from playground.slack.workspace import SlackWorkspace

T = TypeVar("T")
Outcome = Message | View
Wanted = str | Callable[[Any], object]


@dataclass(frozen=True)
class Ack:
    """How the app took an envelope: when, with which body, or why not."""

    took_s: float
    payload: Json
    failure: str

    @property
    def ok(self) -> bool:
        return not self.failure


class Turn:
    """One thing that a person did, and what came of it."""

    def __init__(self, workspace: "SlackWorkspace", record: TurnRecord) -> None:
        self._workspace = workspace
        self.record = record

    @property
    def trigger_id(self) -> str:
        return self.record.trigger_id

    @property
    def response_url(self) -> str:
        return self.record.response_url

    @property
    def thread_ts(self) -> str:
        """The thread that an answer to this turn's own message would be in."""
        return self.record.thread_ts or self.record.message_ts or ""

    @property
    def envelope(self) -> Envelope:
        envelope = self.record.envelope
        assert envelope is not None, "the app was not told of this"
        return envelope

    @property
    def ack(self) -> Ack:
        """Waits for the app's acknowledgement, or for Slack to give up."""
        envelope = self.envelope
        limit_s = self._workspace.settings.ack_deadline_s + 5
        self._workspace.wait_until(lambda: envelope.settled, limit_s, "an ack")
        return Ack(envelope.latency_s or 0.0, envelope.ack or {}, envelope.failure)

    @property
    def errors(self) -> dict[str, str]:
        """What the app said is wrong with the fields of a submitted view."""
        return dict(self.ack.payload.get("errors") or {})

    @property
    def outcomes(self) -> list[Outcome]:
        return self._workspace.outcomes(self.record)

    @property
    def messages(self) -> list[Message]:
        return [one for one in self.outcomes if isinstance(one, Message)]

    @property
    def views(self) -> list[View]:
        return [one for one in self.outcomes if isinstance(one, View)]

    @property
    def notice(self) -> str:
        """What Slack itself told the person because the app did not answer, if it did."""
        return next((one.notice for one in self.messages if one.notice), "")

    def answer(self, timeout: float = 5.0) -> Outcome:
        """The first thing that the person saw as a result."""
        return self._wait(lambda: self.outcomes[:1], timeout, "an answer")[0]

    def message(self, timeout: float = 5.0) -> Message:
        return self._wait(lambda: self.messages[:1], timeout, "a message")[0]

    def view(self, timeout: float = 5.0) -> View:
        """The modal or home tab that this turn opened."""
        return self._wait(lambda: self.views[:1], timeout, "a view")[0]

    def final(self, wanted: Wanted, timeout: float = 10.0) -> Any:
        """The message or view of this turn that comes to say this (words, or a predicate)."""
        matches = _matcher(wanted)

        def found() -> list[Outcome]:
            return [one for one in self.outcomes if matches(one)][-1:]

        return self._wait(found, timeout, f"{wanted!r}")[0]

    def _wait(self, found: Callable[[], list[T]], timeout: float, what: str) -> list[T]:
        try:
            return self._workspace.wait_until(found, timeout, what)
        except AssertionError as fault:
            seen = [f"{type(one).__name__}: {one.all_text!r}" for one in self.outcomes]
            envelope = self.record.envelope
            state = "not sent" if envelope is None else envelope.failure or "sent"
            raise AssertionError(
                f"{fault}; {self.record.kind} {self.record.words!r} ({state}) gave {seen}"
            ) from None


def _matcher(wanted: Wanted) -> Callable[[Outcome], object]:
    if isinstance(wanted, str):
        return lambda one: wanted in one.all_text
    return wanted


class Burst:
    """Many turns sent at the same moment."""

    def __init__(self, workspace: "SlackWorkspace", turns: list[Turn]) -> None:
        self._workspace = workspace
        self.turns = turns

    def wait(self, timeout: float = 30.0) -> None:
        """Until every one is acknowledged or given up."""
        waiting = [turn.envelope for turn in self.turns]

        def none_left() -> bool:
            while waiting and waiting[-1].settled:
                waiting.pop()
            return not waiting

        self._workspace.wait_until(none_left, timeout, "all acks")

    @property
    def latencies_s(self) -> list[float]:
        found = [turn.envelope.latency_s for turn in self.turns]
        return [latency for latency in found if latency is not None]

    @property
    def missed(self) -> list[Turn]:
        return [turn for turn in self.turns if turn.envelope.failure]


class Person:
    """Somebody in the workspace, doing what people do there."""

    def __init__(self, workspace: "SlackWorkspace", user: User) -> None:
        self._workspace = workspace
        self.user = user

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def dm(self) -> Channel:
        with self._workspace.state.changed:
            return self._workspace.state.dm_of(self.user)

    def place(self, channel: str | Channel) -> Channel:
        """A channel by object, id or name; `dm` is the person's own with the app."""
        if isinstance(channel, Channel):
            return channel
        return self.dm if channel == "dm" else self._workspace.channel(channel)

    def types(self, line: str, channel: str | Channel = "#general") -> Turn:
        """A slash command."""
        return self._do(
            lambda: self._workspace.doings.command(self.user, self.place(channel), line)
        )

    def says(
        self, text: str, channel: str | Channel = "#general", thread_ts: str | None = None
    ) -> Turn:
        """A message as it stands; the app hears of it only where it would from Slack."""
        return self._do(
            lambda: self._workspace.doings.message(self.user, self.place(channel), text, thread_ts)
        )

    def mentions_bot(
        self, text: str, channel: str | Channel = "#general", thread_ts: str | None = None
    ) -> Turn:
        return self.says(f"<@{self._workspace.state.bot.id}> {text}", channel, thread_ts)

    def dms(self, text: str, thread_ts: str | None = None) -> Turn:
        return self.says(text, self.dm, thread_ts)

    def clicks(
        self, where: Outcome, what: str, value: str | None = None, *, stale: bool = False
    ) -> Turn:
        """A button (by action_id or label) or an entry of an overflow menu (`value`).

        With several buttons of one name, `value` says which. `stale` clicks one that an edit has
        taken away since, as a client may that has not drawn the edit yet.
        """
        return self._do(lambda: self._click(where, what, value, stale=stale))

    def _click(self, where: Outcome, what: str, value: str | None, *, stale: bool) -> TurnRecord:
        self._must_see(where)
        block, element = find_element(where, what, value, stale=stale)
        return self._workspace.doings.act(self.user, where, block, element, value)

    def selects(self, where: Outcome, what: str, value: Any) -> Turn:
        """Pick or type a value; the app hears of it unless it is an input without dispatch."""
        self._must_see(where)
        block, element = find_element(where, what)
        if "external" in element["type"] and isinstance(value, str):
            value = self._suggested(where, what, value)
        return self._do(lambda: self._workspace.doings.act(self.user, where, block, element, value))

    def _suggested(self, where: Outcome, what: str, value: str) -> Json:
        """The option that the app suggests for what is typed, as a person would pick it."""
        _, element = find_element(where, what)
        options = self.searches(where, what, value)
        chosen = chosen_value({**element, "type": "static_select", "options": options}, value)
        option: Json = chosen["selected_option"]
        return option

    def searches(self, where: Outcome, what: str, typed: str) -> list[Json]:
        """Type into an external select; gives the options that the app suggests."""
        self._must_see(where)
        block, element = find_element(where, what)
        turn = self._do(
            lambda: self._workspace.doings.search(self.user, where, block, element, typed)
        )
        ack = turn.ack
        options = list(ack.payload.get("options") or [])
        for group in ack.payload.get("option_groups") or []:
            options.extend(group["options"])
        return options

    def fills(self, view: View, values: Mapping[str, Any]) -> None:
        """Type into a view's fields (by action_id, block_id or label) without submitting."""
        self._must_see(view)
        for name, wanted in values.items():
            block, element = find_field(view, name)
            value = wanted
            if "external" in element["type"] and isinstance(value, str):
                value = self._suggested(view, element["action_id"], value)
            with self._workspace.state.changed:
                place = view.entered.setdefault(block["block_id"], {})
                place[element["action_id"]] = chosen_value(element, value)

    def submits(self, view: View, values: Mapping[str, Any] | None = None) -> Turn:
        """Fill fields and press the view's button. Slack refuses an empty required field."""
        self.fills(view, values or {})
        return self._do(lambda: self._workspace.doings.submit(self.user, view))

    def closes(self, view: View, *, whole_stack: bool = False) -> list[Turn]:
        """Cancel a modal, or leave the whole stack by its cross."""
        self._must_see(view)
        with self._workspace.state.changed:
            records = self._workspace.doings.close(self.user, view, whole_stack=whole_stack)
        return self._workspace.send(*records)

    def shortcut(self, callback_id: str, message: Message | None = None) -> Turn:
        """A global shortcut, or one from the menu of a message."""
        return self._do(lambda: self._workspace.doings.shortcut(self.user, callback_id, message))

    def opens_home(self, tab: str = "home") -> Turn:
        return self._do(lambda: self._workspace.doings.opens_home(self.user, tab))

    def home(self, timeout: float = 5.0) -> View:
        """The person's home tab, once the app has published one."""
        state = self._workspace.state
        return self._workspace.wait_until(
            lambda: state.views.get(state.homes.get(self.id, "")), timeout, "a home tab"
        )  # type: ignore[return-value]

    @property
    def modal(self) -> View | None:
        """The modal on top of what is open."""
        state = self._workspace.state
        stack = state.stacks.get(self.id)
        return state.views[stack[-1]] if stack else None

    def sees(
        self, channel: str | Channel = "#general", thread_ts: str | None = None
    ) -> list[Message]:
        """Every message that this person sees there, in order; ephemeral ones say so."""
        place = self.place(channel)
        state = self._workspace.state
        with state.changed:
            return [
                one
                for one in place.messages
                if state.sees(self.user, one) and thread_ts in {None, one.thread_ts, one.ts}
            ]

    def finds(self, wanted: Wanted, channel: str | Channel = "dm", timeout: float = 5.0) -> Message:
        """The latest message there that says this (words, or a predicate), once there is one."""
        matches = _matcher(wanted)
        place = self.place(channel)
        what = f"{wanted!r} for {self.name} in {place.name or 'the DM'}"

        def found() -> list[Message]:
            return [one for one in self.sees(place) if matches(one)][-1:]

        return self._workspace.wait_until(found, timeout, what)[0]

    def reloads(self) -> None:
        """Start the client anew: ephemeral messages are gone, as in Slack."""
        state = self._workspace.state
        with state.changed:
            for place in state.channels.values():
                for message in place.messages:
                    if message.ephemeral_for == self.id:
                        message.deleted = True
            state.touch()

    def _must_see(self, where: Outcome) -> None:
        if isinstance(where, View):
            assert where.user == self.id, f"{self.name} does not see this view"
            assert not where.closed, "this view is closed"
        else:
            assert self._workspace.state.sees(self.user, where), (
                f"{self.name} does not see this message: {where.text!r}"
            )

    def _do(self, act: Callable[[], TurnRecord]) -> Turn:
        with self._workspace.state.changed:
            record = act()
        return self._workspace.send(record)[0]
