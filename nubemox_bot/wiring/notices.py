"""Who tells the messages that nobody's turn owns."""

from __future__ import annotations

from collections.abc import Mapping

from nubemox_bot.notices.model import Renderer
from nubemox_bot.notices.teller import NoticeTeller
from nubemox_bot.wiring.ground import Ground


def notice_teller(ground: Ground, renderers: Mapping[str, Renderer]) -> NoticeTeller:
    """Tells notices, each by the renderer of its topic's prefix."""
    return NoticeTeller(
        ground.notices,
        ground.edge,
        ground.clock,
        renderers=renderers,
        locale_of=ground.people.locale_of,
    )
