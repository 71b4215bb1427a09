"""Text on its way into Slack: other people's words made harmless, our own marks made right."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_LOOKALIKES = str.maketrans({"`": "ˋ", "*": "∗", "~": "∼"})
_EMOJI_CODE = re.compile(r":(?=[\w+'-]+:)")
_EDGE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_MENTION = r"<(?:@[UW]|!subteam\^S|#[CG])[A-Z0-9]+>"
_MENTIONS = re.compile(rf"{_MENTION}(?:, {_MENTION})*")
_INVISIBLE = {"Cc", "Cf", "Cs", "Co"}
_JOINERS = "\u200c\u200d"


def visible(text: str) -> str:
    """The text with ordinary spaces and without characters that nobody sees.

    Joiners stay between letters of scripts that need them. Marks that turn the direction of
    reading never stay: they could make a name read as another one.
    """
    kept: list[str] = []
    for character in text:
        if character.isspace():
            kept.append(" ")
        elif unicodedata.category(character) not in _INVISIBLE or (
            character in _JOINERS and kept and kept[-1] > "\u0590"
        ):
            kept.append(character)
    return "".join(kept)


def one_line(text: str) -> str:
    """The visible text with single spaces."""
    return " ".join(visible(text).split())


def cut(text: str, limit: int) -> str:
    """The text, its end replaced by an ellipsis when it is longer than `limit`."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"


def plain(text: str, limit: int = 75) -> str:
    """Other people's text for a plain-text place: a button, a header, an option."""
    return cut(one_line(text), limit)


def escape(text: str) -> str:
    """The three characters that Slack reads as control characters, escaped; nothing else."""
    return text.translate(_ESCAPES)


def mrkdwn(text: str, limit: int = 200) -> str:
    """Other people's text for a mrkdwn place: it can neither format nor mention anything.

    Formatting characters become ones that look alike; an underscore inside a word stays, since
    Slack does not format there and pools are named so.
    """
    line = plain(text, limit).translate(_LOOKALIKES)
    line = _EDGE_UNDERSCORE.sub("ˍ", line)
    return escape(_EMOJI_CODE.sub("∶", line))


def code(text: str, limit: int = 200) -> str:
    """Other people's text as code: shown as it is, except that it cannot end the code."""
    inside = plain(text, limit).replace("`", "ˋ")
    return f"`{escape(inside) or '–'}`"


def when(moment: datetime) -> str:
    """A moment that Slack writes in each reader's own time zone."""
    utc = moment.astimezone(UTC)
    fallback = f"{utc:%Y-%m-%d %H:%M} UTC"
    return f"<!date^{int(utc.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"


def user(user_id: str) -> str:
    """A mention of a person, or of a user group; anything that is no id is shown as text."""
    if re.fullmatch(r"[UW][A-Z0-9]+", user_id):
        return f"<@{user_id}>"
    if re.fullmatch(r"S[A-Z0-9]+", user_id):
        return f"<!subteam^{user_id}>"
    return mrkdwn(user_id)


def safe(text: str, limit: int = 300) -> str:
    """Text that is mentions and nothing else stays so; everything else is made harmless.

    For the data of errors, where services name people by mentioning them. A mention of everybody
    in a channel is none of these.
    """
    return text if _MENTIONS.fullmatch(text) else mrkdwn(text, limit)


def channel(channel_id: str) -> str:
    """A link to a channel; anything that is no id is shown as text."""
    return f"<#{channel_id}>" if re.fullmatch(r"[CG][A-Z0-9]+", channel_id) else mrkdwn(channel_id)


def link(url: str, label: str) -> str:
    """A link whose address is ours and whose label may be anybody's."""
    address = url.replace("|", "%7C").replace(" ", "%20")
    return f"<{escape(address)}|{mrkdwn(label).replace('|', '¦')}>"


def told(value: object, limit: int = 500) -> object:
    """A value of an error's data, fit for mrkdwn.

    Mentions that we wrote ourselves stay mentions; every other text is made harmless.
    """
    if isinstance(value, str):
        return safe(value, limit)
    if isinstance(value, (list, tuple)):
        return type(value)(told(part, limit) for part in value)
    return value
