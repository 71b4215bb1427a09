"""Who is asking: Slack's own word on an account, never older than the wish allows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from nubemox_bot.core.actor import Actor, Origin, Standing
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import StoreUnavailable
from nubemox_bot.core.person import Person
from nubemox_bot.core.workers import Workers
from nubemox_bot.slack.bridge import Bridge
from nubemox_bot.slack.errors import GroupUnknown, SlackRefused, SlackUnavailable
from nubemox_bot.slack.outbound import Outbound
from nubemox_bot.slack.protocols import PeopleStore

FRESH = timedelta(minutes=5)
RECENT = timedelta(hours=1)
_WAIT_S = 15
_MOST_PAGES = 10
_STORE_WAIT_S = 1.0
_LOCALE_WAIT_S = 0.2

log = logging.getLogger("nubemox.slack.identity")


@dataclass(frozen=True, slots=True)
class Installation:
    """What Slack says of the bot itself: its workspace and its own ids."""

    team_id: str
    enterprise_id: str | None
    bot_user_id: str
    bot_id: str


class Identity:
    """(team id, user id) → Actor. Lives on the event loop; the `_now` methods are for threads."""

    def __init__(
        self,
        outbound: Outbound,
        people: PeopleStore,
        *,
        books: Workers,
        bridge: Bridge,
        clock: Clock,
    ) -> None:
        self._outbound = outbound
        self._people = people
        self._books = books
        self._bridge = bridge
        self._clock = clock
        self._home: Installation | None = None
        self._known: dict[str, Person] = {}
        self._changed_at: dict[str, datetime] = {}
        self._reading: dict[str, asyncio.Task[Person]] = {}
        self._keeping: set[asyncio.Task[None]] = set()
        self._reading_all: asyncio.Task[None] | None = None
        self._groups: dict[str, tuple[datetime, frozenset[str]]] = {}
        self._reading_groups: dict[str, asyncio.Task[frozenset[str]]] = {}

    def at_home(self, home: Installation) -> None:
        """Learn which workspace is ours; until then nobody can be told apart."""
        self._home = home

    async def actor(self, team_id: str, user_id: str, origin: Origin, *, fresh: bool) -> Actor:
        """The person as Slack knows them now.

        Args:
            team_id: the team the payload names; Slack's own answer decides.
            user_id: who.
            origin: through which door.
            fresh: True for whatever changes anything: at most 5 minutes old. Otherwise an hour.
        """
        person = await self._person(team_id, user_id, FRESH if fresh else RECENT)
        return Actor(
            team_id=person.team_id,
            user_id=person.user_id,
            name=person.name,
            locale=person.locale,
            timezone=person.timezone,
            standing=person.standing,
            origin=origin,
        )

    def actor_now(self, team_id: str, user_id: str, origin: Origin, *, fresh: bool) -> Actor:
        """`actor`, from a worker thread."""
        try:
            return self._bridge.wait(self.actor(team_id, user_id, origin, fresh=fresh), _WAIT_S + 1)
        except SlackUnavailable:
            return Actor(team_id, user_id, standing=Standing.UNREADABLE, origin=origin)

    async def usergroup_members(self, usergroup_id: str) -> frozenset[str]:
        """The user ids in a usergroup, at most 5 minutes old; an unknown group has nobody.

        Raises:
            SlackUnavailable: unreadable now, which must never mean "nobody" or "as before".
        """
        at, members = self._groups.get(usergroup_id, (None, frozenset()))
        if at is not None and self._clock.now() - at <= FRESH:
            return members
        reading = self._reading_groups.get(usergroup_id)
        if reading is None:
            reading = asyncio.create_task(self._read_group(usergroup_id))
            self._reading_groups[usergroup_id] = reading
            reading.add_done_callback(lambda _: self._reading_groups.pop(usergroup_id, None))
        return await asyncio.shield(reading)

    def usergroup_members_now(self, usergroup_id: str) -> frozenset[str]:
        """`usergroup_members`, from a worker thread."""
        return self._bridge.wait(self.usergroup_members(usergroup_id), _WAIT_S)

    def locale_of(self, team_id: str, user_id: str) -> str:
        """The locale as far as it is known without asking; English otherwise."""
        person = self._known.get(user_id)
        return person.locale if person is not None and person.team_id == team_id else "en"

    async def locale(self, team_id: str, user_id: str) -> str:
        """The locale as last read from Slack, also by an earlier process; English otherwise."""
        if user_id not in self._known:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOCALE_WAIT_S):
                    await self._remembered(team_id, user_id)
        return self.locale_of(team_id, user_id)

    def changed(self, user_id: str) -> None:
        """Slack says that a profile changed: nothing read before counts any more."""
        self._changed_at[user_id] = self._clock.now()
        self._known.pop(user_id, None)

    def group_changed(self, usergroup_id: str) -> None:
        """Slack says that a usergroup changed."""
        self._groups.pop(usergroup_id, None)

    async def _person(self, team_id: str, user_id: str, oldest: timedelta) -> Person:
        known = self._known.get(user_id) or await self._remembered(team_id, user_id)
        if known is not None and self._clock.now() - known.read_at <= oldest:
            return known
        try:
            return await asyncio.wait_for(
                asyncio.shield(self._read_once(team_id, user_id)), _WAIT_S
            )
        except (TimeoutError, SlackUnavailable) as error:
            log.warning("a profile cannot be read now: %s", error)
        except SlackRefused as error:
            log.warning("slack gives no profile reason=%s", error.reason)
        return self._unreadable(known, team_id, user_id)

    def _unreadable(self, known: Person | None, team_id: str, user_id: str) -> Person:
        """Nobody, with the language they last had, so that the refusal is understood."""
        nobody = known or Person(
            team_id=team_id,
            user_id=user_id,
            name="",
            locale="en",
            timezone="UTC",
            standing=Standing.UNREADABLE,
            read_at=self._clock.now(),
        )
        return replace(nobody, standing=Standing.UNREADABLE)

    def _read_once(self, team_id: str, user_id: str) -> asyncio.Task[Person]:
        reading = self._reading.get(user_id)
        if reading is None:
            reading = asyncio.create_task(self._read(team_id, user_id))
            self._reading[user_id] = reading
            reading.add_done_callback(lambda ended: self._done_reading(user_id, ended))
        return reading

    def _done_reading(self, user_id: str, ended: asyncio.Task[Person]) -> None:
        self._reading.pop(user_id, None)
        if not ended.cancelled() and (error := ended.exception()):
            log.info("reading a profile failed: %s", error)

    async def _read(self, team_id: str, user_id: str) -> Person:
        asked_at = self._clock.now()
        person = None
        if not self._outbound.has_room("users.info"):
            person = await self._read_with_all(user_id, asked_at)
        if person is None:
            answer = await self._outbound.call("users.info", user=user_id, include_locale=True)
            person = self._learn(answer.get("user") or {}, team_id, user_id, asked_at)
        keeping = asyncio.create_task(self._keep(person))
        self._keeping.add(keeping)
        keeping.add_done_callback(self._keeping.discard)
        return person

    async def _keep(self, person: Person) -> None:
        try:
            await self._books.run(self._people.put, person)
        except StoreUnavailable as error:
            log.warning("a profile is not kept: %s", error)

    async def _read_with_all(self, user_id: str, asked_at: datetime) -> Person | None:
        """When many people are asked for at once: all of them in a few calls."""
        if self._reading_all is None or self._reading_all.done():
            self._reading_all = asyncio.create_task(self._read_all())
        try:
            await asyncio.shield(self._reading_all)
        except (SlackRefused, SlackUnavailable) as error:
            log.info("profiles are read one by one: %s", error)
        person = self._known.get(user_id)
        return person if person is not None and person.read_at >= asked_at - FRESH else None

    async def _read_all(self) -> None:
        cursor = ""
        for _ in range(_MOST_PAGES):
            asked_at = self._clock.now()
            page = await self._outbound.call(
                "users.list", limit=200, include_locale=True, cursor=cursor
            )
            for user in page.get("members", []):
                if _team_of(user):
                    self._learn(user, "", str(user.get("id", "")), asked_at)
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return

    def _learn(
        self, user: Mapping[str, Any], team_id: str, user_id: str, asked_at: datetime
    ) -> Person:
        person = self._person_from(user, team_id, user_id, asked_at)
        # A change that came while Slack was answering may not be in the answer.
        if asked_at >= self._changed_at.get(user_id, asked_at):
            self._known[user_id] = person
        return person

    def _person_from(
        self, user: Mapping[str, Any], team_id: str, user_id: str, read_at: datetime
    ) -> Person:
        profile = user.get("profile") or {}
        standing = self._standing(user, _team_of(user) or team_id)
        is_ours = standing in {Standing.ACTIVE, Standing.GUEST, Standing.DEACTIVATED}
        home = self._home
        return Person(
            # In an organization of several workspaces a member of ours may be at home in another.
            team_id=home.team_id if is_ours and home else _team_of(user) or team_id,
            user_id=user_id,
            name=str(
                profile.get("display_name") or user.get("real_name") or user.get("name") or ""
            ),
            locale=str(user.get("locale") or "en"),
            timezone=str(user.get("tz") or "UTC"),
            standing=standing,
            read_at=read_at,
        )

    def _standing(self, user: Mapping[str, Any], team_id: str) -> Standing:
        home = self._home
        if home is None or not user.get("id"):
            return Standing.UNREADABLE
        enterprise = user.get("enterprise_user") or {}
        is_member = team_id == home.team_id or (
            home.enterprise_id is not None
            and enterprise.get("enterprise_id") == home.enterprise_id
            and home.team_id in enterprise.get("teams", [])
        )
        if not is_member or user.get("is_stranger") or user.get("is_bot"):
            return Standing.STRANGER
        if user.get("deleted"):
            return Standing.DEACTIVATED
        if user.get("is_restricted") or user.get("is_ultra_restricted"):
            return Standing.GUEST
        return Standing.ACTIVE

    async def _remembered(self, team_id: str, user_id: str) -> Person | None:
        try:
            async with asyncio.timeout(_STORE_WAIT_S):
                person = await self._books.run(self._people.get, team_id, user_id)
        except (StoreUnavailable, TimeoutError) as error:
            log.warning("profiles cannot be looked up: %s", error)
            return None
        if person is None or person.standing is Standing.UNREADABLE:
            return None
        changed_at = self._changed_at.get(user_id)
        if changed_at is not None and person.read_at <= changed_at:
            return None
        self._known.setdefault(user_id, person)
        return self._known[user_id]

    async def _read_group(self, usergroup_id: str) -> frozenset[str]:
        asked_at = self._clock.now()
        try:
            answer = await self._outbound.call("usergroups.users.list", usergroup=usergroup_id)
        except GroupUnknown as error:
            log.warning("a usergroup has nobody in it reason=%s", error.reason)
            members: frozenset[str] = frozenset()
        except SlackRefused as error:
            raise SlackUnavailable(reason=error.reason) from error
        else:
            members = frozenset(str(user) for user in answer.get("users", []))
        self._groups[usergroup_id] = (asked_at, members)
        return members


def _team_of(user: Mapping[str, Any]) -> str:
    """The team that Slack says a person is of; where it does not say, the payload's word counts."""
    return str(user.get("team_id") or (user.get("profile") or {}).get("team") or "")
