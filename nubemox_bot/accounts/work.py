"""How users are made and let in: one call each, which PVE has no task for."""

from __future__ import annotations

from contextlib import suppress

from nubemox_bot.operations.model import Operation, Progress
from nubemox_bot.pve.access import PveAccess
from nubemox_bot.pve.errors import AlreadyExists


class CreateUserWork:
    """A user without a password.

    Args:
        group: the group that the bot may make users in.
    """

    patience_s = 60.0
    steps = ("user",)

    def __init__(self, access: PveAccess, group: str) -> None:
        self._access = access
        self._group = group

    def run(self, step: str, operation: Operation, *, again: bool) -> None:
        """Make it; after a crash it may be there already."""
        del step
        comment = str(operation.parameters.get("comment", ""))
        with suppress(*([AlreadyExists] if again else [])):
            self._access.create_user(operation.name, groups=[self._group], comment=comment)

    def undo(self, step: str, operation: Operation) -> None:
        """A user that could not be made is not there."""

    def confirm(self, operation: Operation) -> Progress:
        """No task is followed here."""
        del operation
        return Progress.REACHED


class GrantWork:
    """A role on a pool."""

    patience_s = 60.0
    steps = ("acl",)

    def __init__(self, access: PveAccess) -> None:
        self._access = access

    def run(self, step: str, operation: Operation, *, again: bool) -> None:
        """Give it; giving it twice is giving it once."""
        del step, again
        path = f"/pool/{operation.poolid}"
        self._access.grant(path, operation.name, str(operation.parameters["roleid"]))

    def undo(self, step: str, operation: Operation) -> None:
        """A role that could not be given is not held."""

    def confirm(self, operation: Operation) -> Progress:
        """No task is followed here."""
        del operation
        return Progress.REACHED
