"""The sentences of an action, from asked to its end; each noun brings its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from nubemox_bot.blockkit.builders import Element
from nubemox_bot.blockkit.reply import Block
from nubemox_bot.operations.model import Operation


@dataclass(frozen=True, slots=True)
class Button:
    """A button under an ended operation: its label, and the words that it runs."""

    label: str
    words: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Phrases:
    """What is said of one action.

    Each sentence may use {target} (what is changed), {who} (the asker), {took} (how long),
    {name}, and {what}: what the operation's results or parameters name so, such as a snapshot.

    Attributes:
        asked: while it is under way.
        done: it ended well.
        failed: it did not; the reason follows as a sentence of its own.
        still_running: followed for as long as the settings allow.
        left: it failed, and not all of it could be taken back; the usual sentence when empty.
        after_done: buttons; {vmid}, {noun}, {name} and {what} are filled in.
        after_unchanged: buttons where there was nothing to do; the same when None.
        after_failed: buttons by error code.
        after_left: buttons when something of it is left.
        steps: what is said while this step is under way, instead of `asked`.
        card: blocks below the sentence of a good end.
        way_back: after a failure that may have changed the thing: what is said of how it was
            before, and the button that leads there; None when there is nothing to go back from.
    """

    asked: str
    done: str
    failed: str
    still_running: str
    left: str = ""
    after_done: Sequence[Button] = ()
    after_unchanged: Sequence[Button] | None = None
    after_failed: Sequence[tuple[str, Button]] = ()
    after_left: Sequence[Button] = ()
    steps: Mapping[str, str] = field(default_factory=dict)
    card: Callable[[Operation], Sequence[Block]] | None = None
    way_back: Callable[[Operation], tuple[str, Element] | None] | None = None
