"""What Slack does once the app has answered an envelope, or has not."""

from playground.slack.blocks import MODAL
from playground.slack.checks import Place
from playground.slack.elements import check_groups, check_options
from playground.slack.errors import SlackError
from playground.slack.hooks import answer_in_ack
from playground.slack.methods_views import DEEPEST, change_view, show_modal
from playground.slack.model import SLACKBOT, Json, View
from playground.slack.records import Envelope, Payload, TurnRecord
from playground.slack.state import State
from playground.slack.view_checks import require_sound_view


class Aftermath:
    """Applies the payload of an ack; says to the person when there was none."""

    def __init__(self, state: State) -> None:
        self._state = state

    def on_ack(self, envelope: Envelope, body: Json) -> None:
        kind = envelope.payload.get("type")
        if envelope.type == "slash_commands":
            hook = self._state.hooks[envelope.payload["response_url"].rpartition("/")[2]]
            answer_in_ack(self._state, hook, body)
        elif kind == "view_submission":
            self._submitted(envelope, body)
        elif kind == "block_suggestion":
            self._suggested(body)

    def on_failure(self, envelope: Envelope) -> None:
        """Only people's doings have a notice; an event that nobody took is just lost."""
        if envelope.type == "events_api":
            self._state.complain(f"event lost: {envelope.payload['event'].get('type')}")
            return
        self._state.complain(f"{envelope.type}: {envelope.failure}")
        turn = self._turn(envelope)
        if turn is None:
            return
        channel = self._state.channels.get(turn.channel or "")
        if channel is None:
            channel = self._state.dm_of(self._state.users[turn.user])
        words = "This app failed to respond"
        if envelope.type == "slash_commands":
            words = f'{envelope.payload["command"]} failed with the error "{envelope.failure}"'
        self._state.post(
            channel,
            SLACKBOT,
            words,
            turn=turn.number,
            ephemeral_for=turn.user,
            notice=envelope.failure,
        )

    def _turn(self, envelope: Envelope) -> TurnRecord | None:
        return None if envelope.turn is None else self._state.turns[envelope.turn]

    def _submitted(self, envelope: Envelope, body: Json) -> None:
        state = self._state
        view = state.views[envelope.payload["view"]["id"]]
        action = body.get("response_action")
        if action is None:
            self._close(view)
        elif action == "clear":
            for view_id in state.stacks.pop(view.user, []):
                state.views[view_id].closed = True
        elif action == "errors":
            self._check_errors(view, body.get("errors"))
        elif action in {"update", "push"}:
            self._show(envelope, view, action, body.get("view"))
        else:
            state.complain(f"view_submission: unknown response_action {action!r}")

    def _close(self, view: View) -> None:
        view.closed = True
        stack = self._state.stacks.get(view.user, [])
        if view.id in stack:
            stack.remove(view.id)

    def _check_errors(self, view: View, errors: object) -> None:
        if not isinstance(errors, dict) or not errors:
            self._state.complain("view_submission: errors is not a map of block_id to words")
            return
        inputs = {block["block_id"] for block in view.blocks if block.get("type") == "input"}
        for block_id, words in errors.items():
            if block_id not in inputs:
                self._state.complain(f"view_submission: error on {block_id}, which is no input")
            if not isinstance(words, str) or not words:
                self._state.complain(f"view_submission: error on {block_id} has no words")

    def _show(self, envelope: Envelope, view: View, action: str, sent: Json | None) -> None:
        state = self._state
        try:
            sound = require_sound_view(sent, MODAL, state.settings.max_view_bytes)
        except SlackError as refusal:
            state.complain(f"view_submission: {refusal.code} {refusal.body.get('errors', '')}")
            return
        state.payloads.append(Payload("ack", MODAL, sound["blocks"], view=sound))
        if action == "update":
            change_view(state, view, sound, turn=envelope.turn)
        elif len(state.stacks.get(view.user, [])) >= DEEPEST:
            state.complain("view_submission: push_limit_reached")
        else:
            show_modal(state, view.user, sound, turn=envelope.turn, push=True)

    def _suggested(self, body: Json) -> None:
        problems: list[str] = []
        place = Place(body, "", problems)
        if place.has("option_groups"):
            check_groups(place, "option_groups")
        elif body.get("options") != []:
            check_options(place, "options")
        for problem in problems:
            self._state.complain(f"block_suggestion: {problem}")
