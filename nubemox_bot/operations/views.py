"""The one message of a turn's operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from nubemox_bot.blockkit.builders import Element, actions, context, section
from nubemox_bot.blockkit.reply import Block, Reply
from nubemox_bot.blockkit.text import code, mrkdwn, told, user
from nubemox_bot.blockkit.words import run_button
from nubemox_bot.core.errors import NubemoxError, Unexpected, error_from
from nubemox_bot.core.i18n import N_, _, ngettext
from nubemox_bot.operations.model import Operation, State
from nubemox_bot.operations.phrases import Phrases

_MARKS: Final = {
    State.QUEUED: ":hourglass_flowing_sand:",
    State.WAITING: ":double_vertical_bar:",
    State.RUNNING: ":hourglass_flowing_sand:",
    State.UNDOING: ":hourglass_flowing_sand:",
    State.DONE: ":white_check_mark:",
    State.UNCHANGED: ":white_check_mark:",
    State.FAILED: ":x:",
    State.STILL_RUNNING: ":hourglass:",
    State.CANCELLED: ":no_entry:",
    State.REFUSED: ":no_entry:",
}
_BUTTONS_UP_TO = 3
_NOUNS: Final = {"qemu": "vm", "lxc": "ct"}
_WAITING: Final = N_("Waiting, because all changes are stopped: {target}, asked by {who}.")
_UNDOING: Final = N_("{target} did not get there; what was begun is being taken back.")
_LEFT: Final = N_("Not all of it could be taken back: look at it in Proxmox VE.")
_NOT_DONE: Final = N_("{target}: nothing was done.")

# Begun by a version that knew more than this one.
_UNKNOWN: Final = Phrases(
    asked=N_("A change of {target}, asked by {who}, is under way."),
    done=N_("The change of {target} is done."),
    failed=N_("The change of {target} did not get to its end."),
    still_running=N_("The change of {target} goes on in Proxmox VE after {took}."),
)


def render(
    operations: Sequence[Operation], phrases: Mapping[str, Phrases], *, as_asked: bool = False
) -> Reply:
    """The message that shows where these operations are.

    Args:
        phrases: what is said of each action.
        as_asked: as it was when they were asked for, whatever has happened since.
    """
    blocks: list[Block] = []
    lines: list[str] = []
    for operation in operations:
        phrase = phrases.get(operation.action, _UNKNOWN)
        line = _sentence(operation, phrase, as_asked=as_asked)
        mark = _MARKS[State.QUEUED if as_asked else operation.state]
        lines.append(line)
        blocks.append(section(f"{mark} {line}", f"operation-{operation.position}"))
        if phrase.card and operation.state is State.DONE and not as_asked:
            blocks += phrase.card(operation)
        elements = [] if as_asked else _buttons(operation, phrase)
        if elements and len(operations) <= _BUTTONS_UP_TO:
            blocks.append(actions(elements, f"operation-{operation.position}-next"))
    if len(operations) > 1 and not as_asked:
        blocks.append(context([_tally(operations)], "tally"))
    return Reply(text=" ".join(lines), blocks=blocks, in_channel=True)


def target_of(operation: Operation) -> str:
    """What is changed, for people: the name and the number of a guest, or a name alone."""
    name = mrkdwn(operation.name)
    return f"*{name}* {code(str(operation.vmid))}" if operation.vmid else f"*{name}*"


def took(seconds: float) -> str:
    """A length of time in words."""
    if seconds < 60:
        whole = max(1, round(seconds))
        return ngettext("{n} second", "{n} seconds", whole).format(n=whole)
    minutes = round(seconds / 60)
    return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)


def _sentence(operation: Operation, phrases: Phrases, *, as_asked: bool) -> str:
    words = {
        "target": target_of(operation),
        "name": mrkdwn(operation.name),
        "who": user(operation.user_id),
        "took": took(operation.took_s or 0),
        "what": code(_what(operation)),
    }
    state = State.QUEUED if as_asked else operation.state
    match state:
        case State.RUNNING if operation.results.get("overdue") and not as_asked:
            so_far = took(float(operation.results["overdue"]))
            return _(phrases.still_running).format(**words | {"took": so_far})
        case State.QUEUED | State.RUNNING:
            said = phrases.asked if as_asked else phrases.steps.get(operation.step or "")
            return _(said or phrases.asked).format(**words)
        case State.UNDOING:
            return _(_UNDOING).format(**words)
        case State.WAITING:
            return _(_WAITING).format(**words)
        case State.DONE:
            return _(phrases.done).format(**words)
        case State.STILL_RUNNING:
            return _(phrases.still_running).format(**words)
        case State.FAILED:
            left = _(phrases.left or _LEFT).format(**words) if operation.results.get("left") else ""
            back = phrases.way_back(operation) if phrases.way_back else None
            parts = (
                _(phrases.failed).format(**words),
                _reason(operation),
                left,
                back[0] if back else "",
            )
            return " ".join(part for part in parts if part)
        case State.REFUSED | State.CANCELLED:
            return f"{_(_NOT_DONE).format(**words)} {_reason(operation)}"
        case _:
            return _reason(operation)


def _what(operation: Operation) -> str:
    return str(operation.results.get("what") or operation.parameters.get("what") or "")


def _reason(operation: Operation) -> str:
    error = _error(operation)
    return " ".join(part for part in (error.message(), error.advice()) if part)


def _error(operation: Operation) -> NubemoxError:
    data = {key: told(value) for key, value in (operation.error_data or {}).items()}
    return error_from(operation.error_code or "", data) or Unexpected(reference=operation.id[-8:])


def _buttons(operation: Operation, phrases: Phrases) -> list[Element]:
    wanted = []
    if operation.state is State.UNCHANGED and phrases.after_unchanged is not None:
        wanted = list(phrases.after_unchanged)
    elif operation.state in (State.DONE, State.UNCHANGED):
        wanted = list(phrases.after_done)
    elif operation.state is State.FAILED:
        wanted = [each for code_, each in phrases.after_failed if code_ == operation.error_code]
        wanted += phrases.after_left if operation.results.get("left") else ()
    filling = {
        "noun": _NOUNS.get(operation.kind or "", ""),
        "vmid": operation.vmid,
        "name": operation.name,
        "what": _what(operation),
    }
    failed = operation.state is State.FAILED
    back = phrases.way_back(operation) if failed and phrases.way_back else None
    buttons = [
        run_button(
            each.words.format(**filling),
            _(each.label),
            number,
            style="danger" if each.style == "danger" else None,
        )
        for number, each in enumerate(wanted, start=1 if back else 0)
    ]
    return [back[1], *buttons] if back else buttons


def _tally(operations: Sequence[Operation]) -> str:
    ended = sum(operation.state.is_end for operation in operations)
    good = sum(operation.state in (State.DONE, State.UNCHANGED) for operation in operations)
    return _("{ended} of {all} ended, {good} as wished.").format(
        ended=ended, all=len(operations), good=good
    )
