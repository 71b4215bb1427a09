"""Who tells the messages that nobody's turn owns."""

from __future__ import annotations

from collections.abc import Mapping

from nubemox_bot.core.actor import Origin, Standing
from nubemox_bot.notices.languages import Languages
from nubemox_bot.notices.model import Renderer
from nubemox_bot.notices.teller import NoticeTeller
from nubemox_bot.oversight.deafness import Deafness
from nubemox_bot.wiring.ground import Ground


def notice_teller(
    ground: Ground, renderers: Mapping[str, Renderer], languages: Languages
) -> NoticeTeller:
    """Tells notices, each by the renderer of its topic's prefix."""

    def may_read(person: str) -> bool:
        standing = ground.edge.who_is("", person, Origin.JOB).standing
        if standing is Standing.UNREADABLE:  # then whether they can be written to shows
            standing = ground.people.standing_of(person) or Standing.ACTIVE
        return standing is Standing.ACTIVE

    return NoticeTeller(
        ground.notices,
        ground.edge,
        ground.clock,
        renderers=renderers,
        locale_of=languages.of,
        may_read=may_read,
    )


def deafness(ground: Ground) -> Deafness:
    """Tells the ops channel for how long Slack was not heard."""
    return Deafness(
        ground.notices,
        ground.database,
        ground.clock,
        channel=ground.settings.nubemox_ops_channel,
        admins=ground.settings.nubemox_admins,
    )
