"""Whom a channel is for, and so the language that the bot speaks there by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from nubemox_bot.core.actor import Origin
from nubemox_bot.notices.languages import Languages
from nubemox_bot.wiring.ground import Ground


def languages(ground: Ground) -> Languages:
    """By the settings and the tenants' channels, as they are when it is asked."""
    settings, edge = ground.settings, ground.edge

    def subjects(channel: str) -> Iterator[tuple[str, str]]:
        """(team id, person or usergroup) of everybody that a channel is for."""
        if channel == settings.nubemox_ops_channel:
            yield from (("", admin) for admin in ground.directory.admins)
        if channel == settings.nubemox_approval_channel:
            yield from (("", approver) for approver in ground.directory.approvers)
        for tenant in ground.tenants.list_tenants():
            if tenant.channel_id == channel:
                for member in ground.tenants.list_members(tenant.id):
                    yield member.team_id, member.subject

    def readers_of(channel: str) -> Collection[str]:
        people: dict[str, None] = {}
        for team_id, subject in subjects(channel):
            is_group = subject.startswith("S")
            found = edge.members(team_id, subject) or () if is_group else (subject,)
            people |= dict.fromkeys(sorted(found))
        return tuple(people)

    return Languages(
        ground.people.locales_of,
        lambda person: edge.who_is("", person, Origin.JOB).locale,
        readers_of,
        ground.clock,
    )
