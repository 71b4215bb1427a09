"""A call's arguments, whichever way they came: query, form and JSON body merged."""

import json
from typing import Any

from aiohttp import web

from playground.slack.errors import SlackError, missing_field
from playground.slack.model import Json


class Arguments(dict[str, Any]):
    """Arguments by name, decoded when asked for."""

    def text(self, name: str, default: str = "") -> str:
        value = self.get(name)
        return default if value is None else str(value)

    def need(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise missing_field(name)
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.get(name)
        if value is None:
            return default
        return str(value).lower() in {"1", "true"}

    def number(self, name: str, default: int) -> int:
        try:
            return int(self.get(name) or default)
        except (TypeError, ValueError):
            raise SlackError("invalid_arguments", [f"[ERROR] invalid integer: {name}"]) from None

    def names(self, name: str) -> list[str]:
        """A list that may come as JSON or as words with commas between them."""
        value = self.get(name)
        if isinstance(value, str):
            return [word.strip() for word in value.split(",") if word.strip()]
        return [str(item) for item in value or []]

    def json(self, name: str) -> Any:
        """A structure that may come as itself or as a JSON string; None when absent or empty."""
        value = self.get(name)
        if isinstance(value, str):
            if not value:
                return None
            return json.loads(value)
        return value

    def blocks(self) -> list[Json] | None:
        try:
            blocks = self.json("blocks")
        except json.JSONDecodeError:
            raise SlackError("invalid_blocks_format") from None
        if blocks is None:
            return None
        if not isinstance(blocks, list):
            raise SlackError("invalid_blocks_format")
        return blocks

    def structure(self, name: str, error: str) -> Json | None:
        try:
            value = self.json(name)
        except json.JSONDecodeError:
            raise SlackError(error) from None
        if value is not None and not isinstance(value, dict):
            raise SlackError(error)
        return value


async def read_arguments(request: web.Request) -> Arguments:
    arguments = Arguments(request.query)
    if request.content_type == "application/json":
        try:
            # Slack's synchronous client names JSON and sends nothing when it has nothing to say.
            body = await request.json() if await request.read() else {}
        except (json.JSONDecodeError, UnicodeDecodeError):
            raise SlackError("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        arguments.update(body)
    else:
        arguments.update(await request.post())
    return arguments
