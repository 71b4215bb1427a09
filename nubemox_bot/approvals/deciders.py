"""Who decides: the approvers or the admins, and whether there is anybody but the requester."""

from __future__ import annotations

from collections.abc import Callable

from nubemox_bot.approvals.errors import DecidersUnknown
from nubemox_bot.approvals.model import Request
from nubemox_bot.core.actor import Actor, Origin, Standing
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.policy import Action

ActorOf = Callable[[str, str, Origin], Actor]
"""A person by team and user id, their profile at most 5 minutes old."""


class Deciders:
    """People by the settings and by Slack's word on usergroups."""

    def __init__(self, directory: Directory, actor_of: ActorOf) -> None:
        self._directory = directory
        self._actor_of = actor_of

    @property
    def admins(self) -> tuple[str, ...]:
        """The platform admins."""
        return self._directory.admins

    def of(self, request: Request) -> tuple[str, ...]:
        """Everybody who gets the card; a usergroup that cannot be read now is left out."""
        if request.action == Action.TENANT_QUOTA:
            return self.admins
        people: dict[str, None] = {}
        for subject in self._directory.approvers:
            people |= dict.fromkeys(self._directory.people_in(request.team_id, [subject]) or ())
        return tuple(people)

    def is_there_another(self, actor: Actor, action: str) -> bool:
        """Whether anybody but the asker could decide; people come and go, so Slack is asked.

        Raises:
            DecidersUnknown: it does not say.
        """
        directory = self._directory
        subjects = self.admins if action == Action.TENANT_QUOTA else directory.approvers
        people = directory.people_in(actor.team_id, subjects)
        is_unsure = people is None
        for person in people or [one for one in subjects if not one.startswith("S")]:
            if person == actor.user_id:
                continue
            standing = self._actor_of(actor.team_id, person, Origin.JOB).standing
            if standing is Standing.ACTIVE:
                return True
            is_unsure = is_unsure or standing is Standing.UNREADABLE
        if is_unsure:
            raise DecidersUnknown
        return False
