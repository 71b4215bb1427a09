"""In which language a message of nobody's turn is: its reader's, or that of most in a channel."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Final

from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.i18n import SOURCE_LANGUAGE, language_of
from nubemox_bot.notices.store import is_person

log = logging.getLogger("nubemox.notices")

_ASKED_FOR: Final = 3
_ASKED_AGAIN_S: Final = 600.0


class Languages:
    """Knows what people read, and so what a channel is spoken to in.

    Args:
        known: the Slack locales of people, as far as they were ever read.
        learn: the Slack locale of somebody who never was; asks Slack.
        readers_of: the people that a channel is for.
    """

    def __init__(
        self,
        known: Callable[[Collection[str]], Mapping[str, str]],
        learn: Callable[[str], str],
        readers_of: Callable[[str], Collection[str]],
        clock: Clock,
    ) -> None:
        self._known = known
        self._learn = learn
        self._readers_of = readers_of
        self._clock = clock
        self._heard: dict[str, tuple[str, float]] = {}

    def of(self, target: str) -> str:
        """The language for a person or a channel: that of most of its readers, else English.

        Raises:
            StoreUnavailable: not now.
        """
        if not target:
            return SOURCE_LANGUAGE
        people = [target] if is_person(target) else list(self._readers_of(target))
        known = self._known(people)
        # Whoever was never read does not count, unless nobody was: a channel may be of hundreds.
        locales = known.values() or [self._asked(one) for one in people[:_ASKED_FOR]]
        count = Counter(map(language_of, locales))
        most = max(count.values(), default=0)
        # As many read one as another: then English, which the words were written in.
        first = [language for language, number in count.items() if number == most]
        return first[0] if len(first) == 1 else SOURCE_LANGUAGE

    def _asked(self, person: str) -> str:
        """From Slack; one who is not to be had is not asked for at every message."""
        now = self._clock.monotonic()
        locale, asked_at = self._heard.get(person, (SOURCE_LANGUAGE, None))
        if asked_at is None or now - asked_at > _ASKED_AGAIN_S:
            try:
                locale = self._learn(person)
            except NubemoxError as error:
                log.info("what somebody reads is not known yet: %s", error)
            self._heard[person] = (locale, now)
        return locale
