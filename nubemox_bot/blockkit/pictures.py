"""Pictures among the blocks of a message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nubemox_bot.blockkit.builders import context, image
from nubemox_bot.blockkit.reply import Block, Picture
from nubemox_bot.blockkit.text import mrkdwn


def with_pictures(
    blocks: Sequence[Block], pictures: Sequence[Picture], files: Sequence[str]
) -> list[Block]:
    """The blocks with these pictures below them, above rows of buttons at their end.

    `files` are the pictures' Slack files. One that has none is told in its words.
    """
    shown = [
        _picture(picture, file_id, f"picture-{i}")
        for i, (picture, file_id) in enumerate(zip(pictures, files, strict=True))
    ]
    end = len(blocks)
    while end and blocks[end - 1].get("type") == "actions":
        end -= 1
    return [*blocks[:end], *shown, *blocks[end:]]


def _picture(picture: Picture, file_id: str, block_id: str) -> Block:
    if file_id:
        return image(picture.alt_text, block_id, file_id=file_id, title=picture.title)
    return context([mrkdwn(f"{picture.title}: {picture.alt_text}", 2000)], block_id)


def shows_files(blocks: object) -> bool:
    """Whether a picture among the blocks is a Slack file."""
    several: Sequence[Any] = blocks if isinstance(blocks, list) else ()
    return any(isinstance(one, dict) and "slack_file" in one for one in several)


def in_words(blocks: object) -> list[Block]:
    """The blocks with each picture that is a Slack file told in its words."""
    several: Sequence[Any] = blocks if isinstance(blocks, list) else ()
    return [_words_of(one) if "slack_file" in one else one for one in several]


def _words_of(block: Block) -> Block:
    title = (block.get("title") or {}).get("text", "")
    return context([mrkdwn(f"{title}: {block['alt_text']}".strip(": "), 2000)], block["block_id"])
