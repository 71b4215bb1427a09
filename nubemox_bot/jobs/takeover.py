"""What a dead replica left goes on here: its operations first, then what was asked of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nubemox_bot.store.claims import REPLICA_PREFIX, ClaimStore


class TakeOver:
    """Looks for replicas whose heart has stopped.

    A dead replica's claim is held until everything is taken over, so that a failure on the way is
    made good at the next look, and a taker that dies is found out by the others.

    Args:
        steps: called one after the other with the dead replica's name; each bears repeating.
    """

    def __init__(self, claims: ClaimStore, steps: Sequence[Callable[[str], None]]) -> None:
        self._claims = claims
        self._steps = steps
        self._unfinished: set[str] = set()

    def look(self) -> None:
        """Take over from whoever is dead.

        Raises:
            NubemoxError: not now; the next look goes on.
        """
        for row in self._claims.dead(REPLICA_PREFIX):
            if self._claims.take_over(row):
                self._unfinished.add(row)
        for row in sorted(self._unfinished):
            for step in self._steps:
                step(row.removeprefix(REPLICA_PREFIX))
            self._claims.release(row)
            self._unfinished.discard(row)
