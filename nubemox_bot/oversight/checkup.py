"""The checkup that platform admins can ask for in Slack: what `bot.py doctor` looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from nubemox_bot.core.actor import Actor
from nubemox_bot.core.checkup import Finding
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.policy import Action

Look = Callable[[], Iterable[Finding]]


class CheckupService:
    """Looks at everything the bot depends on.

    Args:
        looks: one for each part, in the order in which they are told.
    """

    def __init__(self, directory: Directory, looks: Sequence[Look]) -> None:
        self._directory = directory
        self._looks = looks

    def examine(self, actor: Actor, turn_id: str | None = None) -> tuple[Finding, ...]:
        """What is well, what is not, and what mends it; for platform admins."""
        caller = self._directory.caller(actor)
        verdict = self._directory.allow(caller, Action.DOCTOR, turn_id=turn_id)
        self._directory.record_read(actor, verdict, turn_id=turn_id)
        return tuple(finding for look in self._looks for finding in look())
