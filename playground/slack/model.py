"""The nouns of a Slack workspace, apart from how they travel."""

import time
from dataclasses import dataclass, field
from typing import Any

from playground.slack.texts import Button, buttons_of, texts_of

Json = dict[str, Any]

SLACKBOT = "USLACKBOT"


@dataclass
class User:
    """A person, the bot's own user, or a stranger seen through a shared channel."""

    id: str
    name: str
    team_id: str
    real_name: str = ""
    email: str = ""
    locale: str = "en-US"
    tz: str = "UTC"
    tz_offset: int = 0
    deleted: bool = False
    is_admin: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_bot: bool = False
    bot_id: str = ""
    updated: int = field(default_factory=lambda: int(time.time()))


@dataclass
class Channel:
    """A public or private channel, or a DM (`is_im`, with the person's id in `user`)."""

    id: str
    name: str
    is_private: bool = False
    is_im: bool = False
    is_archived: bool = False
    is_shared: bool = False
    user: str = ""
    creator: str = ""
    created: int = field(default_factory=lambda: int(time.time()))
    members: set[str] = field(default_factory=set)
    messages: "list[Message]" = field(default_factory=list)


@dataclass
class Usergroup:
    """A handle such as @acme-ops that stands for several people."""

    id: str
    handle: str
    name: str
    users: list[str] = field(default_factory=list)
    disabled: bool = False


@dataclass(frozen=True)
class Version:
    """What a message or view said at one time; `at` is the monotonic clock."""

    text: str
    blocks: list[Json]
    at: float


@dataclass
class Message:
    """One message with every version it had.

    `ephemeral_for` holds the one user who sees it; nobody else does, and no API call reads it.
    """

    channel: str
    ts: str
    user: str
    versions: list[Version]
    thread_ts: str | None = None
    bot_id: str = ""
    metadata: Json | None = None
    ephemeral_for: str | None = None
    deleted: bool = False
    reply_broadcast: bool = False
    edited_ts: str | None = None
    files: list[str] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    attachments: list[Json] = field(default_factory=list)
    client_msg_id: str = ""
    notice: str = ""
    """Set on what Slack itself says when the app failed, e.g. `operation_timeout`."""

    @property
    def text(self) -> str:
        return self.versions[-1].text

    @property
    def blocks(self) -> list[Json]:
        return self.versions[-1].blocks

    @property
    def history(self) -> list[Version]:
        """Every version it had, the first one included, oldest first."""
        return self.versions

    @property
    def edits(self) -> list[Version]:
        """The versions that replaced the first one, oldest first."""
        return self.versions[1:]

    @property
    def all_text(self) -> str:
        """Every word a reader can see, and the fallback text."""
        return "\n".join([self.text, *texts_of(self.blocks)])

    @property
    def buttons(self) -> list[Button]:
        return buttons_of(self.blocks)

    @property
    def posted_at(self) -> float:
        return self.versions[0].at

    def change(self, text: str, blocks: list[Json]) -> None:
        self.versions.append(Version(text, blocks, time.monotonic()))


@dataclass
class View:
    """A modal or a home tab of one user, with every version it had."""

    id: str
    user: str
    kind: str
    hash: str
    versions: list[Json]
    root_view_id: str
    previous_view_id: str | None = None
    entered: Json = field(default_factory=dict)
    """What the person has typed or picked: block_id → action_id → Slack's state value."""
    closed: bool = False
    opened_at: float = field(default_factory=time.monotonic)
    changed_at: list[float] = field(default_factory=list)

    @property
    def view(self) -> Json:
        return self.versions[-1]

    @property
    def blocks(self) -> list[Json]:
        blocks: list[Json] = self.view.get("blocks", [])
        return blocks

    @property
    def ephemeral_for(self) -> str:
        """A view is seen by its own user only."""
        return self.user

    @property
    def history(self) -> list[Version]:
        """Every version it had, the first one included, oldest first."""
        return [
            Version(sent.get("title", {}).get("text", ""), sent.get("blocks", []), at)
            for sent, at in zip(self.versions, self.changed_at, strict=False)
        ]

    @property
    def edits(self) -> list[Version]:
        """The versions that replaced the first one, oldest first."""
        return self.history[1:]

    @property
    def text(self) -> str:
        """The title; a home tab has none."""
        return str(self.view.get("title", {}).get("text", ""))

    @property
    def callback_id(self) -> str:
        return str(self.view.get("callback_id", ""))

    @property
    def private_metadata(self) -> str:
        return str(self.view.get("private_metadata", ""))

    @property
    def all_text(self) -> str:
        edges = [self.view.get(key, {}).get("text", "") for key in ("title", "submit", "close")]
        return "\n".join([*filter(None, edges), *texts_of(self.blocks)])

    @property
    def buttons(self) -> list[Button]:
        return buttons_of(self.blocks)


@dataclass
class File:
    """An upload; shared once completeUploadExternal has named a channel."""

    id: str
    name: str
    user: str
    length: int
    upload_secret: str
    title: str = ""
    alt_text: str = ""
    content: bytes = b""
    uploaded: bool = False
    completed: bool = False
    shares: dict[str, list[str]] = field(default_factory=dict)
    created: int = field(default_factory=lambda: int(time.time()))
    completed_at: float = 0.0

    def ready(self, processing_s: float) -> bool:
        """Whether it may be shown: completed, and Slack had its time to look at it."""
        return self.completed and time.monotonic() >= self.completed_at + processing_s


@dataclass
class Trigger:
    """The right to open one modal, for three seconds."""

    id: str
    user: str
    issued_at: float
    turn: int
    view_id: str | None = None
    used: bool = False


@dataclass
class Hook:
    """A response_url: five answers within thirty minutes, without a token."""

    secret: str
    channel: str
    user: str
    turn: int
    made_at: float
    message_ts: str | None = None
    used: int = 0
