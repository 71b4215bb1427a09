"""Which command a message answers.

A response_url and a trigger say so by themselves. A message posted with the bot's token does not:
it goes to the turn that fits best by place, thread, person and words, as a reader would judge it.
"""

import re

from playground.slack.model import Channel, Message
from playground.slack.records import Happening, TurnRecord
from playground.slack.state import State

WORD = re.compile(r"[\w][\w.-]*")
SPECIFIC = 5
THREAD = 6
MENTION = 3
UNANSWERED = 4
PLACE = 4
# Older turns than these are no longer looked at.
RECENT = 1000


class Attribution:
    """Reads the log of happenings once, in order, and hands each to its turns."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._read = 0
        self._owners: dict[tuple[str, str], set[int]] = {}
        self._view_owners: dict[str, set[int]] = {}

    def catch_up(self) -> None:
        state = self._state
        with state.changed:
            while self._read < len(state.happenings):
                happening = state.happenings[self._read]
                self._read += 1
                for turn in self._turns_of(happening):
                    self._give(state.turns[turn], happening)

    def _turns_of(self, happening: Happening) -> set[int]:
        if happening.view is not None:
            owners = self._view_owners.setdefault(happening.view.id, set())
            if happening.turn is not None:
                owners.add(happening.turn)
            elif happening.view.kind == "home":
                return self._home_turns(happening)
            return owners
        message = happening.message
        assert message is not None
        owners = self._owners.setdefault((message.channel, message.ts), set())
        if happening.turn is not None:
            owners.add(happening.turn)
            return owners
        if happening.kind == "message":
            best = self._best(message, happening)
            if best is not None:
                owners.add(best.number)
            return owners
        clicked = {
            turn.number
            for turn in self._state.turns[-RECENT:]
            if turn.kind in {"click", "submit"}
            and turn.message_ts == message.ts
            and turn.channel == message.channel
            and turn.at <= happening.at
        }
        return owners | clicked

    def _give(self, turn: TurnRecord, happening: Happening) -> None:
        outcome = happening.message or happening.view
        if outcome is not None and not any(known is outcome for known in turn.outcomes):
            turn.outcomes.append(outcome)

    def _home_turns(self, happening: Happening) -> set[int]:
        view = happening.view
        assert view is not None
        return {
            turn.number
            for turn in self._state.turns[-50:]
            if turn.user == view.user
            and turn.at <= happening.at
            and (turn.kind == "home" or turn.view_id == view.id)
        }

    def _best(self, message: Message, happening: Happening) -> TurnRecord | None:
        channel = self._state.channels[message.channel]
        words = set(WORD.findall(message.all_text.lower()))
        mentions = set(re.findall(r"<@(\w+)", message.all_text)) | _user_parts(message)
        best: TurnRecord | None = None
        best_score = 0
        for turn in self._state.turns[-RECENT:]:
            if turn.at > happening.at:
                break
            score = self._score(turn, message, channel, words, mentions)
            if score > best_score:
                best, best_score = turn, score
        return best

    def _score(
        self,
        turn: TurnRecord,
        message: Message,
        channel: Channel,
        words: set[str],
        mentions: set[str],
    ) -> int:
        if turn.envelope is None or message.ephemeral_for not in {None, turn.user}:
            return 0
        in_own_dm = channel.is_im and channel.user == turn.user
        place = in_own_dm or turn.channel == channel.id
        if not place and not (turn.user in mentions and turn.channel is None):
            return 0
        score = MENTION * (turn.user in mentions or message.ephemeral_for == turn.user)
        if message.thread_ts:
            of_the_turn = message.thread_ts in {turn.thread_ts, turn.message_ts} or (
                turn.number in self._owners.get((channel.id, message.thread_ts), ())
            )
            score += THREAD if of_the_turn else -THREAD
        matched = _specific(turn.words) & words
        score += SPECIFIC * len(matched)
        if not turn.outcomes:
            score += UNANSWERED
        elif not score:
            return 0
        return score + PLACE * (turn.channel == channel.id)


def _specific(words: str) -> set[str]:
    """The words that tell one command from another: numbers and names, not verbs."""
    found = [word.lower() for word in WORD.findall(words)]
    return {word for word in found[2:] if not word.startswith("-")} | {
        word for word in found if any(letter.isdigit() for letter in word)
    }


def _user_parts(message: Message) -> set[str]:
    found: set[str] = set()
    stack: list[object] = list(message.blocks)
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if node.get("type") == "user" and isinstance(node.get("user_id"), str):
                found.add(node["user_id"])
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return found
