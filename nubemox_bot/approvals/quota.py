"""Quotas as they stand: the pool's guests as PVE has them, and what requests hold beside them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select

from nubemox_bot.approvals.errors import QuotaUnknown
from nubemox_bot.approvals.model import AMOUNTS, Amounts, RequestState, Standing
from nubemox_bot.approvals.reckoning import Held, used
from nubemox_bot.approvals.sizes import SizeBook
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.pve.errors import GuestConfigMissing
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import Guest
from nubemox_bot.store.tables import operations, tenants
from nubemox_bot.store.tables.requests import member_quotas, requests
from nubemox_bot.tenancy.model import Quota, Tenant

log = logging.getLogger("nubemox.approvals")

_MIB = 1024**2
_GIB = 1024**3
# PVE broadcasts its figures every 10 s: a change that ended is surely in them after this.
_SETTLE = timedelta(seconds=15)
_LOOSE = timedelta(hours=24)

_OPEN = (RequestState.PENDING.value, RequestState.APPROVED.value)
_RUN = (RequestState.DONE.value, RequestState.FAILED.value)


@dataclass(frozen=True, slots=True)
class Look:
    """A pool's guests by number, as PVE had them when it was asked."""

    taken_at: datetime
    guests: Mapping[int, Amounts]


class QuotaBook:
    """Reckons quotas.

    Args:
        default: ceilings of a tenant that has none of its own.
        sizes: how large guests are, where the inventory does not say.
    """

    def __init__(self, inventory: Inventory, sizes: SizeBook, default: Quota) -> None:
        self._inventory = inventory
        self._sizes = sizes
        self._default = default

    def look(self, tenant: Tenant, *, recent: bool = False) -> Look:
        """Ask PVE; before the transaction that decides, and not long before.

        Args:
            tenant: whose pool.
            recent: what was read a few seconds ago will do: for what is shown, not for what is
                decided.

        Raises:
            QuotaUnknown: PVE does not say how large some guest is.
            PveError: PVE does not answer.
        """
        snapshot = self._inventory.recent() if recent else self._inventory.fresh()
        guests = snapshot.in_pool(tenant.poolid)
        if not recent:
            self._sizes.read_again(guests)
        known = self._sizes.known([guest.vmid for guest in guests])
        found = {}
        for guest in guests:
            size = known.get(guest.vmid) or self._read(guest)
            if size is not None:
                found[guest.vmid] = shown(guest, size)
        return Look(snapshot.taken_at, found)

    def _read(self, guest: Guest) -> Amounts | None:
        try:
            return self._sizes.read(guest)
        except GuestConfigMissing:
            return None  # deleted since the inventory was read
        except NubemoxError as error:
            if guest.max_memory_bytes:
                log.warning("the configuration of %s cannot be read: %s", guest.vmid, error)
                return Amounts()  # what the inventory shows has to do
            raise QuotaUnknown(guest=f"{guest.name} ({guest.vmid})") from error

    def lock(self, connection: Connection, tenant_id: str) -> Amounts:
        """Be alone with the tenant's quota until this transaction ends; the ceilings now."""
        # Not against those who only refer to the tenant, such as a new member of it.
        row = connection.execute(
            select(tenants).where(tenants.c.id == tenant_id).with_for_update(key_share=True)
        ).one()
        return self._ceiling(row)

    def ceiling(self, tenant: Tenant) -> Amounts:
        """A tenant's ceilings: its own, or the platform's."""
        named = {name: getattr(tenant.quota, name) for name in AMOUNTS}
        return Amounts(**{name: self._or_default(name, value) for name, value in named.items()})

    def _ceiling(self, row: Row[Any]) -> Amounts:
        return Amounts(
            **{name: self._or_default(name, getattr(row, f"quota_{name}")) for name in AMOUNTS}
        )

    def _or_default(self, name: str, value: int | None) -> int:
        return int(getattr(self._default, name) or 0) if value is None else value

    def standings(
        self,
        connection: Connection,
        look: Look,
        tenant_id: str,
        member: tuple[str, str],
        ceiling: Amounts,
        *,
        without: str = "",
    ) -> list[tuple[Standing, Mapping[int, Amounts], list[Held]]]:
        """The tenant's quota and, where one is set, the member's own, with what they count.

        Args:
            without: the request that is being decided; what it holds is left out.
        """
        rows = self._holding(connection, look, tenant_id, without)
        held = [held_by(row, look) for row in rows]
        found = [(Standing(ceiling, used(look.guests, held)), look.guests, held)]
        if own := self._member_ceiling(connection, tenant_id, member, ceiling):
            mine = self._made_by(connection, tenant_id, member)
            guests = {vmid: size for vmid, size in look.guests.items() if vmid in mine}
            theirs = [held_by(row, look) for row in rows if (row.team_id, row.user_id) == member]
            theirs = [one for one in theirs if one.vmid in guests or one.vmid not in look.guests]
            found.append((Standing(own, used(guests, theirs), member[1]), guests, theirs))
        return found

    @staticmethod
    def _holding(connection: Connection, look: Look, tenant_id: str, without: str) -> list[Any]:
        rows = connection.execute(
            select(
                requests.c.id,
                requests.c.team_id,
                requests.c.user_id,
                requests.c.state,
                requests.c.adds,
                requests.c.size,
                requests.c.vmid,
                requests.c.ended_at,
                operations.c.vmid.label("made_vmid"),
            )
            .outerjoin(
                operations,
                and_(operations.c.turn_id == requests.c.turn_id, operations.c.position == 0),
            )
            .where(
                requests.c.tenant_id == tenant_id,
                requests.c.id != without,
                or_(
                    requests.c.state.in_(_OPEN),
                    and_(
                        requests.c.state.in_(_RUN),
                        requests.c.ended_at > look.taken_at - _SETTLE,
                    ),
                    and_(
                        requests.c.state == RequestState.STILL_RUNNING.value,
                        requests.c.ended_at > look.taken_at - _LOOSE,
                    ),
                ),
            )
        ).all()
        return list(rows)

    @staticmethod
    def _member_ceiling(
        connection: Connection, tenant_id: str, member: tuple[str, str], ceiling: Amounts
    ) -> Amounts | None:
        row = connection.execute(
            select(member_quotas).where(
                member_quotas.c.tenant_id == tenant_id,
                member_quotas.c.team_id == member[0],
                member_quotas.c.user_id == member[1],
            )
        ).one_or_none()
        if row is None:
            return None
        tenants_own = ceiling.named()
        return Amounts(
            **{
                name: tenants_own[name] if getattr(row, name) is None else getattr(row, name)
                for name in AMOUNTS
            }
        )

    @staticmethod
    def _made_by(connection: Connection, tenant_id: str, member: tuple[str, str]) -> frozenset[int]:
        """The guests that this person asked for, whatever became of them."""
        rows = connection.execute(
            select(requests.c.adds, requests.c.vmid, operations.c.vmid.label("made_vmid"))
            .outerjoin(
                operations,
                and_(operations.c.turn_id == requests.c.turn_id, operations.c.position == 0),
            )
            .where(
                requests.c.tenant_id == tenant_id,
                requests.c.team_id == member[0],
                requests.c.user_id == member[1],
                requests.c.state.in_((*_OPEN, *_RUN, RequestState.STILL_RUNNING.value)),
            )
        ).all()
        made = (row.made_vmid or row.vmid for row in rows if row.adds.get("guests"))
        return frozenset(vmid for vmid in made if vmid)


def held_by(row: Row[Any], look: Look) -> Held:
    """What a request's row holds, for one who looked at PVE then."""
    is_new = bool(row.adds.get("guests"))
    match RequestState(row.state):
        case RequestState.PENDING | RequestState.APPROVED | RequestState.STILL_RUNNING:
            counts = is_new
        case RequestState.DONE:
            # PVE lists a guest as soon as there is one: absent in a later look is gone.
            counts = is_new and row.ended_at >= look.taken_at
        case _:
            counts = False
    return Held(Amounts.of(row.size), row.made_vmid or row.vmid, counts)


def shown(guest: Guest, known: Amounts) -> Amounts:
    """How large a guest is: what the inventory shows, and what it leaves out from its config.

    It shows a guest's first disk alone, nothing of one that is new or on a node that is down, and
    not what a running one was given and has only after its next start. The larger one counts.
    """
    inventory = Amounts(
        guests=1,
        cores=ceil(guest.max_cpu) if guest.max_memory_bytes else 0,
        memory_mib=ceil(guest.max_memory_bytes / _MIB),
        disk_gib=ceil(guest.max_disk_bytes / _GIB),
    )
    return inventory.largest(known)
