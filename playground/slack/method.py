"""What a Web API method gets to work with."""

from collections.abc import Callable
from dataclasses import dataclass

from playground.slack.arguments import Arguments
from playground.slack.blocks import MESSAGE, check_blocks, text_length
from playground.slack.errors import SlackError, missing_field
from playground.slack.model import Channel, Json, Message, User
from playground.slack.records import Payload
from playground.slack.state import State


@dataclass
class Request:
    """One call: the workspace, the arguments, and what the socket side lends."""

    state: State
    args: Arguments
    method: str
    socket_url: Callable[[], str]

    def needs_scope(self, scope: str) -> None:
        provided = self.state.settings.scopes
        if scope not in provided:
            raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(provided)))

    def channel(self, name: str = "channel", *, by_name: bool = False) -> Channel:
        """The channel named by an argument, as far as the bot can see it."""
        value = self.args.need(name)
        found = self.state.channels.get(value)
        if found is None and by_name:
            found = self.state.find_channel(value)
        if found is None or (found.is_private and self.state.bot.id not in found.members):
            raise SlackError("channel_not_found")
        return found

    def readable_channel(self) -> Channel:
        """A channel whose messages the bot may read, as a member with the right scope."""
        channel = self.channel()
        kind = "im" if channel.is_im else "groups" if channel.is_private else "channels"
        self.needs_scope(f"{kind}:history")
        if self.state.bot.id not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def user(self, name: str = "user") -> User:
        user = self.state.users.get(self.args.need(name))
        if user is None:
            raise SlackError("user_not_found")
        return user

    def own_message(self, channel: Channel, refusal: str) -> Message:
        message = self.state.find_message(channel, self.args.need("ts"))
        if message is None or message.ephemeral_for:
            raise SlackError("message_not_found")
        if message.user != self.state.bot.id:
            raise SlackError(refusal)
        return message

    def content(self) -> tuple[str, list[Json] | None]:
        """Text and blocks of a message to be shown, checked as Slack checks them."""
        markdown = self.args.text("markdown_text")
        text, blocks = self.args.text("text"), self.args.blocks()
        if markdown:
            if text or blocks:
                raise SlackError("markdown_text_conflict")
            if len(markdown) > 12_000:
                raise SlackError("msg_too_long")
            blocks = [{"type": "markdown", "text": markdown}]
        attachments = self.args.json("attachments") or []
        if not text and not blocks and not attachments:
            raise SlackError("no_text")
        check_message(self.state, text, blocks or [])
        self.state.payloads.append(Payload(self.method, MESSAGE, blocks or [], text))
        return text, blocks

    def metadata(self) -> Json | None:
        metadata = self.args.structure("metadata", "invalid_metadata_format")
        if metadata is None:
            return None
        sound = isinstance(metadata.get("event_type"), str) and isinstance(
            metadata.get("event_payload"), dict
        )
        if not sound:
            raise SlackError("invalid_metadata_format")
        if len(str(metadata["event_payload"]).encode()) > self.state.settings.max_metadata_bytes:
            raise SlackError("metadata_too_large")
        return metadata


def check_message(state: State, text: str, blocks: list[Json]) -> None:
    if len(text) > state.settings.max_text:
        raise SlackError("msg_too_long")
    problems = check_blocks(blocks, MESSAGE)
    if not problems:
        problems = unknown_files(state, blocks)
    if problems:
        raise SlackError("invalid_blocks", problems)
    if text_length(blocks) > state.settings.max_blocks_text:
        raise SlackError("msg_blocks_too_long")


def unknown_files(state: State, blocks: list[Json]) -> list[str]:
    """Image blocks whose slack_file is not uploaded, or not processed yet."""
    problems = []
    for index, block in enumerate(blocks):
        wanted = block.get("slack_file") if block.get("type") == "image" else None
        if not wanted or "id" not in wanted:
            continue
        file = state.files.get(wanted["id"])
        if file is None or not file.ready(state.settings.file_processing_s):
            problems.append(f"[ERROR] invalid slack file [json-pointer:/blocks/{index}/slack_file]")
    return problems


def require(args: Arguments, *names: str) -> None:
    for name in names:
        if args.get(name) in {None, ""}:
            raise missing_field(name)
