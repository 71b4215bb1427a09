"""Slack profiles as last read, so that a restart does not ask Slack for everybody at once."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from nubemox_bot.core.actor import Standing
from nubemox_bot.core.person import Person
from nubemox_bot.store.engine import Database, put_row
from nubemox_bot.store.tables import people


class PeopleStore:
    """A cache with the time of reading; whoever uses it decides how old is too old."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, team_id: str, user_id: str) -> Person | None:
        """The profile as last read, or None."""
        with self._database.read() as connection:
            row = connection.execute(
                select(people).where(people.c.team_id == team_id, people.c.user_id == user_id)
            ).one_or_none()
        if row is None:
            return None
        return Person(
            team_id=row.team_id,
            user_id=row.user_id,
            name=row.name,
            locale=row.locale,
            timezone=row.timezone,
            standing=Standing(row.standing),
            read_at=row.read_at,
        )

    def name_of(self, team_id: str, user_id: str) -> str:
        """What a person is called, as far as it is known; their id otherwise."""
        person = self.get(team_id, user_id)
        return person.name if person is not None and person.name else user_id

    def locales_of(self, user_ids: Collection[str]) -> dict[str, str]:
        """The Slack locales of people as last read, whatever their workspace; of those known."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(people.c.user_id, people.c.locale).where(people.c.user_id.in_(user_ids))
            ).all()
        return {row.user_id: row.locale for row in rows}

    def standing_of(self, user_id: str) -> Standing | None:
        """What Slack said of an account when it was last read, if it ever was."""
        with self._database.read() as connection:
            found = connection.scalar(select(people.c.standing).where(people.c.user_id == user_id))
        return Standing(found) if found else None

    def put(self, person: Person) -> None:
        """Remember a profile."""
        with self._database.write() as connection:
            put_row(
                connection,
                people,
                {"team_id": person.team_id, "user_id": person.user_id},
                {
                    "name": person.name,
                    "locale": person.locale,
                    "timezone": person.timezone,
                    "standing": person.standing.value,
                    "read_at": person.read_at,
                },
            )
