"""SSH public keys that people used last, so that they paste them once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import Clock
from nubemox_bot.store.engine import Database, put_row
from nubemox_bot.store.tables import ssh_keys


class KeyStore:
    """One set of keys for each person; public halves alone ever come here."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def of(self, actor: Actor) -> tuple[str, ...]:
        """The keys that they used last."""
        with self._database.read() as connection:
            found = connection.scalar(
                select(ssh_keys.c.public_keys).where(
                    ssh_keys.c.team_id == actor.team_id, ssh_keys.c.user_id == actor.user_id
                )
            )
        return tuple((found or "").splitlines())

    def remember(self, connection: Connection, actor: Actor, keys: Sequence[str]) -> None:
        """Keep these instead of what there was; none forgets them."""
        mine = {"team_id": actor.team_id, "user_id": actor.user_id}
        if keys:
            values = {"public_keys": "\n".join(keys), "changed_at": self._clock.now()}
            put_row(connection, ssh_keys, mine, values)
        else:
            connection.execute(delete(ssh_keys).filter_by(**mine))
