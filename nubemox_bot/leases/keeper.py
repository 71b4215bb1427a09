"""What happens to leases by themselves: reminders, the end, and perhaps the deletion after it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from sqlalchemy import Connection

from nubemox_bot.core.actor import Actor, Origin
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.turn import Turn
from nubemox_bot.guests.access import Admitted
from nubemox_bot.leases.errors import LeaseChanged
from nubemox_bot.leases.model import ENDED, GRACE, Lease, LeaseState, reminder_due
from nubemox_bot.leases.store import LeaseStore
from nubemox_bot.notices.model import Notices
from nubemox_bot.operations.model import Wish
from nubemox_bot.operations.service import OperationService
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import Guest
from nubemox_bot.store.engine import Database
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.model import Role, Tenant
from nubemox_bot.tenancy.policy import Action, Reason, Verdict
from nubemox_bot.tenancy.store import TenantStore

log = logging.getLogger("nubemox.leases")

WhoIs = Callable[[str, str, Origin], Actor]
"""The person of (team_id, user_id) as Slack knows them now."""

Deletion = Callable[[Admitted], Wish | None]
"""The operation that backs a guest up and deletes it; None when it cannot be backed up."""


class Turns(Protocol):
    """Where the wish of a lease is kept, so that a bad end can be told."""

    def keep(self, turn: Turn) -> None:
        """Store it as one that nobody else runs from its words; kept before is no error."""
        ...


class LeaseKeeper:
    """Looks at every lease now and then.

    Args:
        deletion: makes the operation that ends a guest; None where guests are never deleted.
    """

    def __init__(
        self,
        store: LeaseStore,
        database: Database,
        inventory: Inventory,
        directory: Directory,
        tenants: TenantStore,
        operations: OperationService,
        turns: Turns,
        notices: Notices,
        who_is: WhoIs,
        clock: Clock,
        deletion: Deletion | None,
    ) -> None:
        self._store = store
        self._database = database
        self._inventory = inventory
        self._directory = directory
        self._tenants = tenants
        self._operations = operations
        self._turns = turns
        self._notices = notices
        self._who_is = who_is
        self._clock = clock
        self._deletion = deletion

    def look(self) -> None:
        """Do what is due; what cannot be now is tried at the next look."""
        leases = self._store.list_leases()
        if not leases:
            return
        snapshot = self._inventory.fresh()
        if not snapshot.guests:
            # PVE hides what the bot has no right to see: then nothing is known to be gone.
            log.warning("no guest is to be seen at all, so leases wait")
            return
        for lease in leases:
            guest = snapshot.by_vmid(lease.vmid)
            try:
                if guest is None:
                    self._store.unseen(lease)
                else:
                    tenant = self._tenants.by_pool(guest.poolid or "")
                    self._store.seen(lease, guest.poolid or "", tenant.id if tenant else None)
                    self._look_at(self._held(lease, guest), guest)
            except NubemoxError as error:
                log.warning("the lease of %s waits: %s", lease.vmid, error)
        self._notices.wake()

    def _look_at(self, lease: Lease, guest: Guest) -> None:
        now = self._clock.now()
        if lease.state is LeaseState.ACTIVE and now >= lease.ends_at:
            self._end(lease, guest)
        elif lease.state is LeaseState.ACTIVE:
            self._remind(lease)
        elif self._deletion is not None and now >= lease.ends_at + GRACE:
            self._delete(lease, guest, self._deletion)

    def _remind(self, lease: Lease) -> None:
        days = reminder_due(self._clock.now(), lease.ends_at)
        if days is None or (lease.reminded is not None and lease.reminded <= days):
            return
        with self._database.write() as connection:
            if self._store.reminded(connection, lease, days):
                self._notices.put(connection, lease.topic(str(days)), lease.user_id)

    def _end(self, lease: Lease, guest: Guest) -> None:
        """Stop the guest, and say so; both or neither."""

        def over(connection: Connection) -> None:
            if not self._store.ended(connection, lease):
                raise LeaseChanged(guest=lease.name)
            self._notices.put(connection, lease.topic(ENDED), lease.user_id)

        if not guest.is_running:
            with self._database.write() as connection:
                over(connection)
            return
        wish = self._admitted(guest).wish(Action.GUEST_STOP)
        self._begin(lease, "stop", wish, over)

    def _delete(self, lease: Lease, guest: Guest, deletion: Deletion) -> None:
        """Delete the guest, unless somebody extended its lease since it was looked at."""

        def still_over(connection: Connection) -> None:
            if not self._store.is_over(connection, lease):
                raise LeaseChanged(guest=lease.name)

        wish = deletion(self._admitted(guest))
        if wish is not None:
            self._begin(lease, "delete", wish, still_over)

    def _begin(
        self, lease: Lease, verb: str, wish: Wish, also: Callable[[Connection], None]
    ) -> None:
        actor = Actor(lease.team_id, lease.user_id, origin=Origin.JOB)
        turn = self._turn(lease, verb)
        self._operations.begin(actor, turn.id, [wish], also)

    def _admitted(self, guest: Guest) -> Admitted:
        """The lease itself is what allows it; nobody's role is asked for."""
        tenant = self._tenants.by_pool(guest.poolid or "")
        return Admitted(guest, tenant, Verdict(True, Reason.LEASE_ENDED, Action.GUEST_STOP))

    def _held(self, lease: Lease, guest: Guest) -> Lease:
        """The lease with a holder who may still use the guest; else another owner gets it."""
        tenant = self._tenants.by_pool(guest.poolid or "")
        if tenant is None:
            return lease
        actor = self._who_is(lease.team_id, lease.user_id, Origin.JOB)
        caller = self._directory.caller(actor)
        if caller.is_admin or (actor.is_active and tenant.id in caller.roles):
            return lease
        heir = self._heir(lease, tenant)
        log.info("the lease of %s goes to another holder", lease.vmid)
        self._store.give_to(lease.vmid, heir)
        return self._store.get(lease.vmid) or lease

    def _heir(self, lease: Lease, tenant: Tenant) -> str:
        """An owner of the tenant whose account lives, else a platform admin."""
        for member in self._tenants.list_members(tenant.id):
            if member.role is not Role.OWNER or member.is_usergroup:
                continue
            if self._who_is(member.team_id, member.subject, Origin.JOB).is_active:
                return member.subject
        return next(iter(self._directory.admins), lease.user_id)

    def _turn(self, lease: Lease, verb: str) -> Turn:
        """The turn of this end; there is one, however often it is tried."""
        key = f"lease:{lease.vmid}:{verb}:{int(lease.ends_at.timestamp())}"
        words = f"lease {verb} {lease.vmid}"
        turn = Turn.of_job(key, lease.team_id, lease.user_id, words, self._clock.now())
        self._turns.keep(turn)
        return turn
