"""Who is asking, from where: the first argument of every public service method."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Standing(StrEnum):
    """What Slack says of the person's account. Only ACTIVE may do anything."""

    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    GUEST = "guest"
    STRANGER = "stranger"
    UNREADABLE = "unreadable"


class Origin(StrEnum):
    """Through which door the wish came; recorded in the audit."""

    SLASH = "slash"
    DIRECT_MESSAGE = "dm"
    MENTION = "mention"
    BUTTON = "button"
    VIEW = "view"
    HOME = "home"
    REST = "rest"
    CONSOLE = "console"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Actor:
    """One Slack person at the moment of asking.

    Known by (team_id, user_id) alone; the name is for people to read and never for a decision.
    """

    team_id: str
    user_id: str
    name: str = ""
    locale: str = "en"
    timezone: str = "UTC"
    standing: Standing = Standing.ACTIVE
    origin: Origin = Origin.SLASH

    @property
    def is_active(self) -> bool:
        """Whether Slack calls this a full, living member of our own workspace."""
        return self.standing is Standing.ACTIVE

    def through(self, origin: Origin) -> Actor:
        """The same person through another door."""
        return replace(self, origin=origin)
