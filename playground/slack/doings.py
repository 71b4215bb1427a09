"""What people do in Slack, up to the envelope that tells the app.

Everything here runs under the state's lock and changes the model at once, as the person's own
client would show it; the envelope is sent by whoever asked.
"""

import re
from collections.abc import Callable
from typing import Any

from playground.slack import payloads
from playground.slack.escaping import escape_command, escape_message
from playground.slack.fields import STATELESS, chosen_value, initial_values, refused_fields
from playground.slack.model import Channel, Json, Message, User, View
from playground.slack.records import Envelope, TurnRecord
from playground.slack.state import State

MENTION = re.compile(r"<@\w+>")


class Doings:
    """Turns a person's act into a turn and its envelope."""

    def __init__(self, state: State, new_envelope_id: Callable[[], str]) -> None:
        self._state = state
        self._new_id = new_envelope_id

    def _envelope(self, kind: str, payload: Json, turn: TurnRecord, *, answers: bool) -> TurnRecord:
        envelope = Envelope(self._new_id(), kind, payload, answers, turn=turn.number)
        turn.envelope = envelope
        self._state.envelopes.append(envelope)
        return turn

    def command(self, user: User, channel: Channel, line: str) -> TurnRecord:
        _require_member(user, channel)
        command, _, text = line.strip().partition(" ")
        turn = self._state.new_turn("command", user, channel=channel.id, words=text)
        text = escape_command(self._state, text.strip())
        payload = payloads.slash_command(self._state, turn, user, channel, command, text)
        return self._envelope("slash_commands", payload, turn, answers=True)

    def message(
        self, user: User, channel: Channel, text: str, thread_ts: str | None = None
    ) -> TurnRecord:
        """Write a message; the app hears of it in its DM, or where it is mentioned as a member."""
        _require_member(user, channel)
        state = self._state
        escaped = escape_message(state, text)
        blocks: list[Json] = [
            {
                "type": "rich_text",
                "elements": [
                    {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
                ],
            }
        ]
        message = state.post(
            channel,
            user.id,
            escaped,
            blocks,
            thread_ts=thread_ts,
            client_msg_id=self._new_id(),
        )
        turn = state.new_turn(
            "message",
            user,
            channel=channel.id,
            words=MENTION.sub("", text),
            thread_ts=thread_ts,
            message_ts=message.ts,
        )
        if channel.is_im:
            self.event(payloads.message_event(state, message, "message"), turn)
        elif f"<@{state.bot.id}>" in escaped and state.bot.id in channel.members:
            self.event(payloads.message_event(state, message, "app_mention"), turn)
        return turn

    def event(self, event: Json, turn: TurnRecord | None = None) -> Envelope | None:
        """An Events API envelope, if the app subscribes to its kind."""
        state = self._state
        name = "message.im" if event["type"] == "message" else event["type"]
        if name not in state.settings.events:
            return None
        payload = payloads.event_callback(state, event)
        number = None if turn is None else turn.number
        envelope = Envelope(self._new_id(), "events_api", payload, False, turn=number)
        state.envelopes.append(envelope)
        if turn is not None:
            turn.envelope = envelope
        return envelope

    def opens_home(self, user: User, tab: str) -> TurnRecord:
        turn = self._state.new_turn("home", user)
        self.event(payloads.home_opened(self._state, user, tab), turn)
        return turn

    def act(
        self, user: User, where: Message | View, block: Json, element: Json, wanted: Any
    ) -> TurnRecord:
        """Press a button, or pick or type a value in a message or a view."""
        state = self._state
        value = None
        if element["type"] not in {"button", "workflow_button"}:
            value = chosen_value(element, wanted)
        turn = self._turn_at("click", user, where, words=_words(element, value))
        if value is not None and element["type"] not in STATELESS:
            self._enter(turn, where, block, element, value)
        action = payloads.action_of(state, block, element, value)
        if block.get("type") == "input" and not block.get("dispatch_action"):
            return turn
        payload = payloads.block_actions(state, turn, user, where, action)
        return self._envelope("interactive", payload, turn, answers=False)

    def shortcut(self, user: User, callback_id: str, message: Message | None) -> TurnRecord:
        state = self._state
        if message is None:
            turn = state.new_turn("shortcut", user)
        else:
            turn = self._turn_at("shortcut", user, message)
        payload = payloads.shortcut(state, turn, user, callback_id, message)
        return self._envelope("interactive", payload, turn, answers=False)

    def _enter(
        self, turn: TurnRecord, where: Message | View, block: Json, element: Json, value: Json
    ) -> None:
        place = block["block_id"]
        if isinstance(where, View):
            where.entered.setdefault(place, {})[element["action_id"]] = value
            return
        values = initial_values(where.blocks)
        values.setdefault(place, {})[element["action_id"]] = value
        turn.extra["state"] = values

    def _turn_at(self, kind: str, user: User, where: Message | View, words: str = "") -> TurnRecord:
        if isinstance(where, Message):
            return self._state.new_turn(
                kind,
                user,
                channel=where.channel,
                words=words,
                thread_ts=where.thread_ts,
                message_ts=where.ts,
            )
        parent = self._parent(where)
        turn = self._state.new_turn(kind, user, words=words, view_id=where.id)
        if parent is not None:
            turn.parent = parent.number
            turn.channel = parent.channel
            turn.thread_ts = parent.thread_ts
            turn.message_ts = parent.message_ts
        return turn

    def _parent(self, view: View) -> TurnRecord | None:
        """The turn whose trigger opened this view's stack: where its person stands."""
        for happening in self._state.happenings:
            if happening.view is not None and happening.view.id == view.root_view_id:
                return None if happening.turn is None else self._state.turns[happening.turn]
        return None

    def submit(self, user: User, view: View) -> TurnRecord:
        if view.closed or not view.view.get("submit"):
            raise AssertionError(f"{user.name} cannot submit this view: {view.text}")
        refused = refused_fields(view.blocks, view.entered)
        if refused:
            raise AssertionError(f"Slack does not let {user.name} submit: {refused}")
        words = " ".join(_entered_words(view))
        turn = self._turn_at("submit", user, view, words=words)
        payload = payloads.view_submission(self._state, turn, user, view)
        return self._envelope("interactive", payload, turn, answers=True)

    def close(self, user: User, view: View, *, whole_stack: bool) -> list[TurnRecord]:
        """Cancel one modal, or all of them with the cross; tells the app where it asked for it."""
        stack = self._state.stacks.get(user.id, [])
        leaving = list(reversed(stack)) if whole_stack else [view.id]
        turns = []
        for view_id in leaving:
            closing = self._state.views[view_id]
            closing.closed = True
            if view_id in stack:
                stack.remove(view_id)
            if closing.view.get("notify_on_close"):
                turn = self._turn_at("close", user, closing)
                payload = payloads.view_closed(self._state, user, closing, is_cleared=whole_stack)
                turns.append(self._envelope("interactive", payload, turn, answers=False))
        self._state.touch()
        return turns

    def search(
        self, user: User, where: Message | View, block: Json, element: Json, typed: str
    ) -> TurnRecord:
        turn = self._turn_at("search", user, where)
        payload = payloads.block_suggestion(self._state, user, where, block, element, typed)
        return self._envelope("interactive", payload, turn, answers=True)


def _require_member(user: User, channel: Channel) -> None:
    if user.id not in channel.members:
        raise AssertionError(f"{user.name} is not in #{channel.name} and cannot write there")
    if user.deleted:
        raise AssertionError(f"{user.name} is deactivated and cannot write")
    if channel.is_archived:
        raise AssertionError(f"#{channel.name} is archived: nobody can write there")


def _words(element: Json, value: Json | None) -> str:
    label = element.get("text", {}).get("text", "")
    chosen = (value or {}).get("selected_option") or {}
    return f"click {label} {element.get('value', '')} {chosen.get('value', '')}".strip()


def _entered_words(view: View) -> list[str]:
    """Typed values, behind two words that stand for noun and verb of a command."""
    words = ["submit", "view"]
    for actions in view.entered.values():
        for value in actions.values():
            words += [item for key, item in value.items() if key == "value" and item]
            if value.get("selected_option"):
                words.append(value["selected_option"].get("value", ""))
    return words
