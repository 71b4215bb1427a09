"""Everything that a workspace holds, and the one lock that guards it.

Nothing here knows HTTP or sockets: the wire calls these methods, a page or a test reads the same
objects. Whoever changes something does so under `changed` and then calls `touch`.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from playground.slack.ids import Ids
from playground.slack.model import (
    SLACKBOT,
    Channel,
    File,
    Hook,
    Json,
    Message,
    Trigger,
    User,
    Usergroup,
    Version,
    View,
)
from playground.slack.records import Call, Envelope, Happening, Payload, TurnRecord

BOT_SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "chat:write.public",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "reactions:write",
    "team:read",
    "usergroups:read",
    "users:read",
    "users:read.email",
)

BOT_EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "message.im",
    "subteam_members_changed",
    "subteam_updated",
    "team_join",
    "tokens_revoked",
    "user_change",
)


@dataclass
class Settings:
    """What differs between one workspace or app configuration and another; change it at will."""

    scopes: set[str] = field(default_factory=lambda: set(BOT_SCOPES))
    events: set[str] = field(default_factory=lambda: set(BOT_EVENTS))
    should_escape: bool = True
    home_tab: bool = True
    messages_tab: bool = True
    usergroups_available: bool = True
    ack_deadline_s: float = 3.0
    trigger_lifetime_s: float = 3.0
    hook_lifetime_s: float = 1800.0
    hook_uses: int = 5
    event_retry_delays_s: tuple[float, ...] = (0.0, 60.0, 300.0)
    socket_ping_s: float = 10.0
    max_text: int = 40_000
    max_blocks_text: int = 13_200
    max_view_bytes: int = 250_000
    max_metadata_bytes: int = 8_000
    file_processing_s: float = 0.0


class State:
    """The workspace's contents."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.changed = threading.Condition(threading.RLock())
        self.version = 0
        self.ids = Ids()
        self.team_id = self.ids.make("T")
        self.team_name = "Playground"
        self.domain = "playground"
        self.app_id = self.ids.make("A")
        self.bot_token = f"xoxb-{self.ids.secret(24)}"
        self.app_token = f"xapp-1-{self.app_id}-{self.ids.secret(24)}"
        self.signing_secret = self.ids.hex(32)
        self.token_error = ""
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.usergroups: dict[str, Usergroup] = {}
        self.files: dict[str, File] = {}
        self.views: dict[str, View] = {}
        self.stacks: dict[str, list[str]] = {}
        self.homes: dict[str, str] = {}
        self.triggers: dict[str, Trigger] = {}
        self.hooks: dict[str, Hook] = {}
        self.turns: list[TurnRecord] = []
        self.happenings: list[Happening] = []
        self.calls: list[Call] = []
        self.payloads: list[Payload] = []
        self.envelopes: list[Envelope] = []
        self.complaints: list[str] = []
        self.watchers: list[Callable[[], None]] = []
        """Called at every change, under the lock and by whichever thread made it: be quick."""
        self.emit: Callable[[Json], None] = lambda _event: None
        self.base_url = ""
        self.bot = self.add_user(
            "nubemox", real_name="Nubemox", is_bot=True, bot_id=self.ids.make("B")
        )

    def touch(self) -> None:
        """Wake whoever waits for something to happen, and tell who watches."""
        with self.changed:
            self.version += 1
            self.changed.notify_all()
            for watcher in self.watchers:
                watcher()

    def complain(self, words: str) -> None:
        """Note a fault of the app's that Slack would swallow without telling it."""
        self.complaints.append(words)
        self.touch()

    # People and places

    def add_user(self, name: str, **fields: Any) -> User:
        fields.setdefault("team_id", self.team_id)
        fields.setdefault("real_name", name.capitalize())
        fields.setdefault("email", f"{name}@example.com")
        user = User(id=self.ids.make("U"), name=name, **fields)
        self.users[user.id] = user
        return user

    def add_channel(self, name: str, members: Iterable[User] = (), **fields: Any) -> Channel:
        channel = Channel(id=self.ids.make("C"), name=name.removeprefix("#"), **fields)
        channel.members.update(user.id for user in members)
        self.channels[channel.id] = channel
        return channel

    def add_usergroup(self, handle: str, users: Iterable[User] = ()) -> Usergroup:
        handle = handle.removeprefix("@")
        group = Usergroup(self.ids.make("S"), handle, handle, [user.id for user in users])
        self.usergroups[group.id] = group
        return group

    def user(self, name_or_id: str) -> User:
        name = name_or_id.removeprefix("@")
        for user in self.users.values():
            if name in {user.id, user.name}:
                return user
        raise KeyError(name_or_id)

    def channel(self, name_or_id: str) -> Channel:
        found = self.find_channel(name_or_id)
        if found is None:
            raise KeyError(name_or_id)
        return found

    def find_channel(self, name_or_id: str) -> Channel | None:
        if name_or_id in self.channels:
            return self.channels[name_or_id]
        name = name_or_id.removeprefix("#")
        for channel in self.channels.values():
            if not channel.is_im and channel.name == name:
                return channel
        return None

    def dm_of(self, user: User) -> Channel:
        """The DM between the app and this person, made when there is none."""
        for channel in self.channels.values():
            if channel.is_im and channel.user == user.id:
                return channel
        channel = Channel(self.ids.make("D"), "", is_private=True, is_im=True, user=user.id)
        channel.members.update({user.id, self.bot.id})
        self.channels[channel.id] = channel
        return channel

    def sees(self, user: User, message: Message) -> bool:
        if message.ephemeral_for not in {None, user.id} or message.deleted:
            return False
        channel = self.channels[message.channel]
        return user.id in channel.members or message.ephemeral_for == user.id

    # Messages

    def post(
        self,
        channel: Channel,
        user: str,
        text: str,
        blocks: list[Json] | None = None,
        *,
        turn: int | None = None,
        **fields: Any,
    ) -> Message:
        first = Version(text, self.with_ids(blocks or []), time.monotonic())
        message = Message(channel.id, self.ids.ts(), user, [first], **fields)
        if user == self.bot.id:
            message.bot_id = self.bot.bot_id
        channel.messages.append(message)
        if user in {self.bot.id, SLACKBOT}:
            self.happened("message", turn, message=message)
        self.touch()
        return message

    def edit(
        self, message: Message, text: str, blocks: list[Json], *, turn: int | None = None
    ) -> None:
        message.change(text, self.with_ids(blocks))
        message.edited_ts = self.ids.ts()
        self.happened("edit", turn, message=message)
        self.touch()

    def delete(self, message: Message, *, turn: int | None = None) -> None:
        message.deleted = True
        self.happened("delete", turn, message=message)
        self.touch()

    def find_message(self, channel: Channel, ts: str) -> Message | None:
        for message in reversed(channel.messages):
            if message.ts == ts and not message.deleted:
                return message
        return None

    def with_ids(self, blocks: list[Json]) -> list[Json]:
        """Slack gives a block or element without an id one of its own making."""
        named = []
        for sent in blocks:
            block = {"block_id": self.ids.word(5), **sent}
            elements = block.get("elements")
            if block.get("type") == "actions" and isinstance(elements, list):
                block["elements"] = [{"action_id": self.ids.word(5), **one} for one in elements]
            named.append(block)
        return named

    # Turns

    def happened(
        self,
        kind: str,
        turn: int | None,
        *,
        message: Message | None = None,
        view: View | None = None,
    ) -> None:
        self.happenings.append(Happening(kind, turn, message, view, time.monotonic()))

    def new_turn(self, kind: str, user: User, **fields: Any) -> TurnRecord:
        turn = TurnRecord(len(self.turns), kind, user.id, time.monotonic(), **fields)
        self.turns.append(turn)
        return turn

    def new_trigger(self, turn: TurnRecord, view_id: str | None = None) -> str:
        trigger = Trigger(
            self.ids.trigger(), turn.user, time.monotonic(), turn.number, view_id=view_id
        )
        self.triggers[trigger.id] = trigger
        turn.trigger_id = trigger.id
        return trigger.id

    def new_hook(self, turn: TurnRecord, kind: str, message_ts: str | None = None) -> str:
        """A fresh response_url for what this turn sends to the app."""
        hook = Hook(
            self.ids.secret(24),
            turn.channel or "",
            turn.user,
            turn.number,
            time.monotonic(),
            message_ts=message_ts,
        )
        self.hooks[hook.secret] = hook
        place = f"{self.team_id}/{self.ids.number()}/{hook.secret}"
        turn.response_url = f"{self.base_url}/{kind}/{place}"
        return turn.response_url
