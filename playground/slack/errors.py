"""What the Web API answers when it does not do what was asked."""

from collections.abc import Sequence
from typing import Any


class SlackError(Exception):
    """Becomes `{"ok": false, "error": code}`, as Slack words it."""

    def __init__(
        self,
        code: str,
        messages: Sequence[str] = (),
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.headers = headers or {}
        self.body: dict[str, Any] = {"ok": False, "error": code, **extra}
        if messages:
            self.body["response_metadata"] = {"messages": list(messages)}
            if code in {"invalid_blocks", "invalid_arguments"}:
                self.body["errors"] = [words.removeprefix("[ERROR] ") for words in messages]


def missing_field(name: str) -> SlackError:
    return SlackError("invalid_arguments", [f"[ERROR] missing required field: {name}"])


def ratelimited(retry_after_s: int) -> SlackError:
    return SlackError("ratelimited", status=429, headers={"Retry-After": str(retry_after_s)})
