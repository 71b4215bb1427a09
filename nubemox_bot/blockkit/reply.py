"""What a command gives back: words and blocks, and who may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that belongs to an answer.

    Attributes:
        png: its bytes.
        name: a file's name, such as `web-1.png`.
        title: what stands above it.
        alt_text: in words what it shows, with the numbers; told instead where it cannot be shown.
    """

    png: bytes
    name: str
    title: str
    alt_text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to one turn, as plain data.

    Attributes:
        text: a full sentence; what notifications and screen readers say.
        blocks: Block Kit blocks as Slack takes them; may be empty.
        in_channel: seen by everybody where it was asked; otherwise by the asker alone.
        may_share: an answer for the asker alone that gets a Share button.
        following: the answer is the message of this turn's operations: it is posted, and edited
            until it tells their end. `text` and `blocks` are then not used.
        replace: takes the place of the message whose button was pressed, where that can be done.
        pictures: shown below the blocks, above buttons at their end.
    """

    text: str
    blocks: Sequence[Block] = ()
    in_channel: bool = False
    may_share: bool = False
    following: bool = False
    replace: bool = False
    pictures: Sequence[Picture] = ()
