"""How an operation is done; also one whose way nobody here knows, as after a downgrade."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

from nubemox_bot.core.errors import Unexpected
from nubemox_bot.core.ids import new_reference
from nubemox_bot.operations.model import Operation, Progress, Work

log = logging.getLogger("nubemox.operations")

_NOWHERE: Final = "nowhere"


class NoWork:
    """Ends what was begun by a version that knew more: its one step always fails."""

    patience_s = 0.0
    steps = (_NOWHERE,)

    def run(self, step: str, operation: Operation, *, again: bool) -> None:
        """There is no way on.

        Raises:
            Unexpected: always; its reference is in the log beside the action.
        """
        del step, again
        raise _unknown(operation)

    def undo(self, step: str, operation: Operation) -> None:
        """What was done cannot be taken back by who does not know it."""
        if step != _NOWHERE:
            raise _unknown(operation)

    def confirm(self, operation: Operation) -> Progress:
        """Nobody knows what it should have come to."""
        del operation
        return Progress.NOT_YET


_NO_WORK: Final = NoWork()


def work_of(works: Mapping[str, Work], operation: Operation) -> Work:
    """How this operation is done."""
    return works.get(operation.action, _NO_WORK)


def steps_left(works: Mapping[str, Work], operation: Operation) -> tuple[str, ...]:
    """The steps that are not behind it."""
    work = work_of(works, operation)
    return work.steps if work is _NO_WORK else work.steps[len(operation.done_steps) :]


def _unknown(operation: Operation) -> Unexpected:
    reference = new_reference()
    log.error(
        "operation %s: this version cannot do %s ref=%s", operation.id, operation.action, reference
    )
    return Unexpected(reference=reference)
