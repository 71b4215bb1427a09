"""Operations at rest, each change of state a compare-and-set together with its audit row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.audit.model import Entry, Phase
from nubemox_bot.core.actor import Actor, Origin
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.ids import new_id
from nubemox_bot.operations.errors import AlreadyUnderWay
from nubemox_bot.operations.model import Operation, Refused, State, Wish
from nubemox_bot.store.engine import Database
from nubemox_bot.store.tables import operations, turns

_NAME_KEPT = 255
_OPEN = (State.QUEUED.value, State.WAITING.value, State.RUNNING.value)


class OperationStore:
    """The rows behind operations; knows nothing of PVE or Slack."""

    def __init__(self, database: Database, log: AuditLog, clock: Clock, replica: str) -> None:
        self._database = database
        self._log = log
        self._clock = clock
        self._replica = replica

    def begin(
        self,
        actor: Actor,
        turn_id: str,
        wishes: Sequence[Wish | Refused],
        also: Callable[[Connection], None] | None = None,
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
            if also:
                also(connection)
            entries = []
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
                entries.append(_entry(values, actor, Phase.INTENT, wish.rule, wish.parameters))
            if busy and not begun:
                raise busy  # takes the whole transaction back
            _want_told(connection, turn_id)
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
            "error_data": _plain(refused.why.data),
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
        return [_operation(row) for row in rows]

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
        return _operation(row) if row is not None else None

    def upids_of(self, vmid: int) -> frozenset[str]:
        """The tasks that operations on this guest started, as far as their answers came."""
        with self._database.read() as connection:
            found = connection.scalars(
                select(operations.c.upid).where(
                    operations.c.vmid == vmid, operations.c.upid.is_not(None)
                )
            )
            return frozenset(upid for upid in found if upid)

    def list_open(self, *states: State) -> list[Operation]:
        """This replica's operations in these states, oldest first."""
        wanted = [state.value for state in states]
        with self._database.read() as connection:
            rows = connection.execute(
                select(operations)
                .where(operations.c.state.in_(wanted), operations.c.replica == self._replica)
                .order_by(operations.c.created_at)
            ).all()
        return [_operation(row) for row in rows]

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
                .where(operations.c.replica == replica, operations.c.state.in_(_OPEN))
                .values(replica=self._replica)
            )
            # An open operation may end and be told here, whatever its message shows by now; one
            # that has ended there and was not told is told here too.
            open_here = select(operations.c.turn_id).where(
                operations.c.replica == self._replica, operations.c.state.in_(_OPEN)
            )
            is_behind = turns.c.told < turns.c.wanted
            connection.execute(
                update(turns)
                .where(turns.c.replica == replica, or_(turns.c.id.in_(open_here), is_behind))
                .values(replica=self._replica, state="answered")
            )
            left = and_(turns.c.replica == replica, turns.c.state == "begun")
            acted_on = select(operations.c.id).where(operations.c.turn_id == turns.c.id).exists()
            connection.execute(update(turns).where(left, acted_on).values(state="answered"))
            connection.execute(update(turns).where(left).values(state="stored", replica=None))
            connection.execute(
                update(turns)
                .where(turns.c.replica == replica, turns.c.told < turns.c.wanted)
                .values(replica=self._replica)
            )
            return taken.rowcount

    def step_done(self, operation: Operation, step: str, upid: str | None) -> None:
        """Remember that a step is behind us, and the task that it started."""
        values: dict[str, Any] = {"done_steps": [*operation.done_steps, step]}
        if upid:
            values["upid"] = upid
        with self._database.write() as connection:
            connection.execute(
                update(operations).where(operations.c.id == operation.id).values(**values)
            )

    def move(self, operation_id: str, before: Sequence[State], after: State) -> bool:
        """Change the state if it is one of `before`; the asker is told."""
        values: dict[str, Any] = {"state": after.value}
        if after is State.RUNNING:
            values["called_at"] = self._clock.now()
        with self._database.write() as connection:
            moved = connection.execute(
                update(operations)
                .where(
                    operations.c.id == operation_id,
                    operations.c.state.in_([state.value for state in before]),
                )
                .values(**values)
                .returning(operations.c.turn_id)
            ).scalar_one_or_none()
            if moved is not None and after is not State.RUNNING:
                _want_told(connection, moved)
            return moved is not None

    def end(
        self, operation: Operation, state: State, error: NubemoxError | None = None
    ) -> Operation | None:
        """End an operation once, with its audit outcome; None when it had ended already."""
        now = self._clock.now()
        with self._database.write() as connection:
            row = connection.execute(
                update(operations)
                .where(operations.c.id == operation.id, operations.c.state.in_(_OPEN))
                .values(
                    state=state.value,
                    ended_at=now,
                    error_code=error.code if error else None,
                    error_data=_plain(error.data) if error else None,
                )
                .returning(operations)
            ).one_or_none()
            if row is None:
                return None
            ended = _operation(row)
            _want_told(connection, ended.turn_id)
            details: dict[str, Any] = {
                "result": state.value,
                "upid": ended.upid,
                "took_s": round(ended.took_s or 0, 3),
            }
            if error:
                details["error"] = error.code
            actor = Actor(ended.team_id, ended.user_id, origin=Origin(ended.origin))
            rule = str(ended.parameters.get("rule", ""))
            self._log.add(connection, _entry(row._asdict(), actor, Phase.OUTCOME, rule, details))
        return ended


def _by_lane(wishes: Sequence[Wish | Refused]) -> list[tuple[int, Wish | Refused]]:
    """Wishes with their positions, in an order in which two begins cannot wait for each other."""
    return sorted(
        enumerate(wishes), key=lambda each: each[1].lane if isinstance(each[1], Wish) else ""
    )


def _want_told(connection: Connection, turn_id: str) -> None:
    connection.execute(update(turns).where(turns.c.id == turn_id).values(wanted=turns.c.wanted + 1))


def _entry(
    values: Mapping[str, Any], actor: Actor, phase: Phase, rule: str, details: Mapping[str, Any]
) -> Entry:
    return Entry(
        actor,
        phase,
        values["action"],
        rule,
        vmid=values["vmid"],
        poolid=values["poolid"],
        tenant_id=values["tenant_id"],
        turn_id=values["turn_id"],
        operation_id=values["id"],
        details=details,
    )


def _plain(data: Mapping[str, object]) -> dict[str, Any]:
    """Error data as JSON keeps it."""
    return {
        key: value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
        for key, value in data.items()
    }


def _operation(row: Row[Any]) -> Operation:
    values = row._asdict()
    values["state"] = State(values["state"])
    return Operation(**values)
