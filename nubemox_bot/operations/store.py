"""Operations at rest, each change of state a compare-and-set together with its audit row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from nubemox_bot.audit.model import Entry, Phase
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.ids import new_id
from nubemox_bot.operations._moves import Moves
from nubemox_bot.operations._rows import (
    OPEN,
    entry_of,
    operation_of,
    plain,
    want_told,
    workflow_ids,
)
from nubemox_bot.operations.errors import AlreadyUnderWay
from nubemox_bot.operations.model import Operation, Refused, State, Wish
from nubemox_bot.store.forgetting import forget
from nubemox_bot.store.tables import operations, requests, turns, watched_guests
from nubemox_bot.store.turns import acted_on

_NAME_KEPT = 255
_KEPT = timedelta(days=180)
# More of them are not looked at where it is asked whether a guest should run.
_NEWEST = 10


class OperationStore(Moves):
    """The rows behind operations; knows nothing of PVE or Slack."""

    def begin(
        self,
        actor: Actor,
        turn_id: str,
        wishes: Sequence[Wish | Refused],
        also: Callable[[Connection], Sequence[Entry] | None] | None = None,
    ) -> list[Operation]:
        """Store operations, their audit intents and what else belongs to them, in one transaction.

        Repeating it for the same turn gives the same operations. Of several wishes, those that
        cannot be are stored as refused, to be told with the rest.

        Raises:
            AlreadyUnderWay: an open operation holds the lane of the only possible wish; nothing
                was stored.
        """
        with self._database.write() as connection:
            # Whoever begins the same turn waits here, and then sees what was begun.
            connection.execute(
                update(turns).where(turns.c.id == turn_id).values(replica=self._replica)
            )
            if known := self._of_turn(connection, turn_id):
                return known
            entries = list((also(connection) if also else None) or ())
            busy: AlreadyUnderWay | None = None
            begun = 0
            for position, wish in _by_lane(wishes):
                if isinstance(wish, Refused):
                    self._refuse(connection, actor, turn_id, position, wish)
                    continue
                values = self._values(actor, turn_id, position, wish)
                try:
                    with connection.begin_nested():
                        connection.execute(insert(operations), values)
                except IntegrityError:
                    busy = self._under_way(connection, wish)
                    refused = Refused(wish.action, wish.name, busy)
                    self._refuse(connection, actor, turn_id, position, refused)
                    continue
                begun += 1
                entries.append(entry_of(values, actor, Phase.INTENT, wish.rule, wish.parameters))
            if busy and not begun:
                raise busy  # takes the whole transaction back
            want_told(connection, turn_id)
            self._log.add(connection, *entries)
            return self._of_turn(connection, turn_id)

    def _refuse(
        self, connection: Connection, actor: Actor, turn_id: str, position: int, refused: Refused
    ) -> None:
        now = self._clock.now()
        lane = f"refused:{turn_id}:{position}"
        values = self._values(actor, turn_id, position, Wish(refused.action, lane, ""))
        values |= {
            "name": refused.name[:_NAME_KEPT],
            "state": State.REFUSED.value,
            "ended_at": now,
            "error_code": refused.why.code,
            "error_data": plain(refused.why.data),
        }
        connection.execute(insert(operations), values)

    def _values(self, actor: Actor, turn_id: str, position: int, wish: Wish) -> dict[str, Any]:
        return {
            "id": new_id("op"),
            "turn_id": turn_id,
            "position": position,
            "lane": wish.lane,
            "action": wish.action,
            "kind": wish.kind,
            "vmid": wish.vmid,
            "name": wish.name[:_NAME_KEPT],
            "node": wish.node,
            "poolid": wish.poolid,
            "tenant_id": wish.tenant_id,
            "team_id": actor.team_id,
            "user_id": actor.user_id,
            "origin": actor.origin.value,
            "parameters": dict(wish.parameters) | {"rule": wish.rule},
            "state": State.QUEUED.value,
            "created_at": self._clock.now(),
            "replica": self._replica,
            "done_steps": [],
        }

    @staticmethod
    def _under_way(connection: Connection, wish: Wish) -> AlreadyUnderWay:
        holder = connection.scalar(
            select(operations.c.user_id).where(
                operations.c.lane == wish.lane, operations.c.ended_at.is_(None)
            )
        )
        target = f"{wish.name} ({wish.vmid})" if wish.vmid else wish.name
        return AlreadyUnderWay(target=target, who=f"<@{holder}>")

    @staticmethod
    def _of_turn(connection: Connection, turn_id: str) -> list[Operation]:
        rows = connection.execute(
            select(operations)
            .where(operations.c.turn_id == turn_id)
            .order_by(operations.c.position)
        ).all()
        return [operation_of(row) for row in rows]

    def of_turn(self, turn_id: str) -> list[Operation]:
        """The operations that a turn began, in the order of its targets."""
        with self._database.read() as connection:
            return self._of_turn(connection, turn_id)

    def get(self, operation_id: str) -> Operation | None:
        """An operation by its id, or None."""
        with self._database.read() as connection:
            row = connection.execute(
                select(operations).where(operations.c.id == operation_id)
            ).one_or_none()
        return operation_of(row) if row is not None else None

    def upids_of(self, vmid: int) -> frozenset[str]:
        """The tasks that operations on this guest started, as far as their answers came."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(operations.c.upid, operations.c.results).where(operations.c.vmid == vmid)
            ).all()
        return frozenset(
            upid for row in rows for upid in (row.upid, *row.results.get("upids", ())) if upid
        )

    def was_deleted(self, vmid: int) -> bool:
        """Whether an operation removed the guest of that number; numbers are given once."""
        deletion = select(operations.c.id).where(
            operations.c.vmid == vmid,
            operations.c.action == "guest.delete",
            operations.c.state == State.DONE.value,
        )
        with self._database.read() as connection:
            return connection.scalar(deletion.limit(1)) is not None

    def forget_old(self, before: Callable[[Sequence[str]], object]) -> int:
        """Drop what ended long ago, of which neither a message nor a request tells any more.

        Of a guest that lives the newest ones stay: they tell how it was meant to be.

        Args:
            before: is handed the ids of the workflows of those that go.
        """
        newer = operations.alias()
        is_newer = and_(
            newer.c.vmid == operations.c.vmid, newer.c.created_at > operations.c.created_at
        )
        has_newer = (
            select(newer.c.id).where(is_newer).order_by(newer.c.created_at).offset(_NEWEST - 1)
        )
        lives = select(watched_guests.c.vmid).where(watched_guests.c.vmid == operations.c.vmid)
        has_turn = select(turns.c.id).where(turns.c.id == operations.c.turn_id)
        has_request = select(requests.c.id).where(requests.c.turn_id == operations.c.turn_id)
        return forget(
            self._database,
            operations,
            operations.c.ended_at < self._clock.now() - _KEPT,
            ~has_turn.exists(),
            ~has_request.exists(),
            or_(~lives.exists(), has_newer.limit(1).exists()),
            beside=["leg"],
            before=lambda rows: before(
                [id_ for row in rows for id_ in workflow_ids(row.id, row.leg)]
            ),
        )

    def list_open(self, *states: State) -> list[Operation]:
        """This replica's operations in these states, oldest first."""
        wanted = [state.value for state in states]
        with self._database.read() as connection:
            rows = connection.execute(
                select(operations)
                .where(operations.c.state.in_(wanted), operations.c.replica == self._replica)
                .order_by(operations.c.created_at)
            ).all()
        return [operation_of(row) for row in rows]

    def count_open(self) -> int:
        """How many operations have not ended, on all replicas."""
        with self._database.read() as connection:
            return (
                connection.scalar(select(func.count()).where(operations.c.ended_at.is_(None))) or 0
            )

    def take_over(self, replica: str) -> int:
        """Make a dead replica's open operations and untold turns ours; how many operations.

        Turns that it had begun and not acted on are stored again, for whoever begins them.
        """
        with self._database.write() as connection:
            taken = connection.execute(
                update(operations)
                .where(operations.c.replica == replica, operations.c.state.in_(OPEN))
                .values(replica=self._replica)
            )
            # An open operation may end and be told here, whatever its message shows by now; one
            # that has ended there and was not told is told here too.
            open_here = select(operations.c.turn_id).where(
                operations.c.replica == self._replica, operations.c.state.in_(OPEN)
            )
            is_behind = turns.c.told < turns.c.wanted
            connection.execute(
                update(turns)
                .where(turns.c.replica == replica, or_(turns.c.id.in_(open_here), is_behind))
                .values(replica=self._replica, state="answered")
            )
            left = and_(turns.c.replica == replica, turns.c.state == "begun")
            connection.execute(update(turns).where(left, acted_on()).values(state="answered"))
            connection.execute(update(turns).where(left).values(state="stored", replica=None))
            connection.execute(
                update(turns)
                .where(turns.c.replica == replica, turns.c.told < turns.c.wanted)
                .values(replica=self._replica)
            )
            return taken.rowcount


def _by_lane(wishes: Sequence[Wish | Refused]) -> list[tuple[int, Wish | Refused]]:
    """Wishes with their positions, in an order in which two begins cannot wait for each other."""
    return sorted(
        enumerate(wishes), key=lambda each: each[1].lane if isinstance(each[1], Wish) else ""
    )
