"""Tenants, members and quotas, as platform admins ask for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.audit.model import Entry, Phase
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.ids import new_id
from nubemox_bot.operations.freeze import FreezeSwitch
from nubemox_bot.operations.model import Operation, Wish
from nubemox_bot.operations.service import OperationService
from nubemox_bot.store.engine import Database
from nubemox_bot.tenancy import errors
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.model import (
    ADMIT_PERSON,
    DISMISS_PERSON,
    Caller,
    Member,
    PveCall,
    Quota,
    Role,
    Tenant,
    TenantView,
)
from nubemox_bot.tenancy.onboarding import TOKEN_NAME
from nubemox_bot.tenancy.plans import TenantPlans
from nubemox_bot.tenancy.policy import Action, Verdict
from nubemox_bot.tenancy.store import TenantStore

_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")
# Flat on purpose: PVE keeps the ACL of a nested pool when the pool is deleted.
_POOLID = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,39}")


class TenantService:
    """What `tenant …` and `whoami` mean."""

    def __init__(
        self,
        directory: Directory,
        store: TenantStore,
        operations: OperationService,
        freeze: FreezeSwitch,
        database: Database,
        log: AuditLog,
        clock: Clock,
        plans: TenantPlans,
    ) -> None:
        self._directory = directory
        self._store = store
        self._operations = operations
        self._freeze = freeze
        self._database = database
        self._log = log
        self._clock = clock
        self._plans = plans

    def whoami(self, actor: Actor) -> Caller:
        """The actor as the policy sees them."""
        caller = self._directory.caller(actor, decides=True)
        self._directory.allow(caller, Action.WHOAMI)
        return caller

    def list_tenants(self, actor: Actor, turn_id: str | None = None) -> list[TenantView]:
        """Every tenant, for platform admins."""
        verdict = self._allowed(actor, Action.TENANT_LIST, turn_id)
        self._directory.record_read(actor, verdict, turn_id=turn_id)
        return [self._view(tenant) for tenant in self._store.list_tenants()]

    def show(self, actor: Actor, name: str, turn_id: str | None = None) -> TenantView:
        """One tenant: the actor's own, or any for platform admins."""
        caller = self._directory.caller(actor)
        tenant = self._store.find(name.lower())
        if tenant is None or not (caller.is_admin or tenant.id in caller.roles):
            # Also what a tenant hears of another one.
            self._directory.allow(caller, Action.AUDIT_OWN, turn_id=turn_id)
            error = errors.TenantNotFound(name=name)
            self._directory.record_refusal(
                actor, Action.TENANT_SHOW, "tenant_not_found", error, turn_id=turn_id
            )
            raise error
        verdict = self._directory.allow(caller, Action.TENANT_SHOW, tenant, turn_id=turn_id)
        self._directory.record_read(actor, verdict, turn_id=turn_id, tenant_id=tenant.id)
        return self._view(tenant)

    def create(
        self, actor: Actor, name: str, poolid: str | None, channel_id: str | None, turn_id: str
    ) -> Operation:
        """Make a tenant: pool, service user, ACL and token, as one operation.

        Raises:
            AdminsOnly: the actor is none.
            TenantExists, PoolTaken, TenantNameBad, PoolNameBad: it cannot be.
        """
        verdict = self._allowed(actor, Action.TENANT_CREATE, turn_id)
        name, poolid = self._named(name, poolid)
        tenant_id = new_id("ten")

        def insert(connection: Connection) -> None:
            self._store.add(
                connection,
                tenant_id=tenant_id,
                name=name,
                poolid=poolid,
                channel_id=channel_id,
                pve_userid=_service_user(name),
                pve_tokenid=TOKEN_NAME,
                created_by=actor.user_id,
            )

        wish = Wish(
            Action.TENANT_CREATE,
            f"tenant:{name}",
            verdict.reason,
            name=name,
            poolid=poolid,
            tenant_id=tenant_id,
        )
        return self._operations.begin(actor, turn_id, [wish], insert)[0]

    def plan_create(self, actor: Actor, name: str, poolid: str | None) -> Sequence[PveCall]:
        """The calls that `create` would make."""
        self._allowed(actor, Action.TENANT_CREATE, None)
        name, poolid = self._named(name, poolid)
        return self._plans.making(name, poolid, _service_user(name))

    def repair(self, actor: Actor, name: str, turn_id: str) -> Operation:
        """Make anew whatever a tenant lost in PVE, its token first of all."""
        verdict = self._allowed(actor, Action.TENANT_REPAIR, turn_id)
        tenant = self._get(name)
        wish = Wish(
            Action.TENANT_REPAIR,
            f"tenant:{tenant.name}",
            verdict.reason,
            name=tenant.name,
            poolid=tenant.poolid,
            tenant_id=tenant.id,
        )
        return self._operations.begin(actor, turn_id, [wish])[0]

    def plan_repair(self, actor: Actor, name: str) -> Sequence[PveCall]:
        """The calls that `repair` would make."""
        self._allowed(actor, Action.TENANT_REPAIR, None)
        tenant = self._get(name)
        return self._plans.making(tenant.name, tenant.poolid, tenant.pve_userid)

    def add_member(
        self,
        actor: Actor,
        name: str,
        subject: str,
        role: Role,
        pve_userid: str | None,
        turn_id: str,
    ) -> Operation | Member:
        """Add a person or usergroup, or change their role.

        With `pve_userid` the person also gets a PVE user of their own, which is an operation.
        """
        verdict = self._allowed(actor, Action.TENANT_ADD, turn_id)
        tenant = self._get(name)
        self._freeze.check()
        member = Member(tenant.id, actor.team_id, subject, role, pve_userid)

        def put(connection: Connection) -> None:
            TenantStore.put_member(connection, self._clock, member, actor.user_id)

        if pve_userid:
            wish = self._person_wish(ADMIT_PERSON, verdict, tenant, member)
            return self._operations.begin(actor, turn_id, [wish], put)[0]
        details = {"subject": subject, "role": role.word}
        with self._database.write() as connection:
            put(connection)
            self._record(connection, actor, verdict, tenant, turn_id, details)
        return member

    def plan_add(self, actor: Actor, name: str, pve_userid: str | None) -> Sequence[PveCall]:
        """The calls that `add_member` would make: none without a PVE user."""
        self._allowed(actor, Action.TENANT_ADD, None)
        tenant = self._get(name)
        if pve_userid is None:
            return ()
        return self._plans.admitting(tenant.name, tenant.poolid, pve_userid)

    def remove_member(
        self, actor: Actor, name: str, subject: str, turn_id: str
    ) -> Operation | Member:
        """End a membership at once; taking the role of a PVE user too is an operation."""
        verdict = self._allowed(actor, Action.TENANT_REMOVE, turn_id)
        tenant = self._get(name)
        self._freeze.check()
        member = self._member(tenant, subject)
        if member.pve_userid:
            wish = self._person_wish(DISMISS_PERSON, verdict, tenant, member)
            return self._operations.begin(
                actor, turn_id, [wish], lambda one: self._drop(one, member)
            )[0]
        with self._database.write() as connection:
            self._drop(connection, member)
            self._record(connection, actor, verdict, tenant, turn_id, {"subject": subject})
        return member

    def _drop(self, connection: Connection, member: Member) -> None:
        """The end of a membership; with the last one end a person's tokens, an admin's excepted."""
        TenantStore.drop_member(connection, member)
        if member.subject not in self._directory.admins:
            self._store.end_tokens(connection, member)

    def plan_remove(self, actor: Actor, name: str, subject: str) -> Sequence[PveCall]:
        """The calls that `remove_member` would make: none for one without a PVE user."""
        self._allowed(actor, Action.TENANT_REMOVE, None)
        tenant = self._get(name)
        userid = self._member(tenant, subject).pve_userid
        return self._plans.dismissing(tenant.poolid, userid) if userid else ()

    def set_quota(self, actor: Actor, name: str, change: Quota, turn_id: str) -> TenantView:
        """Set the ceilings that are given; the others stay."""
        verdict = self._allowed(actor, Action.TENANT_QUOTA, turn_id)
        tenant = self._get(name)
        self._freeze.check()
        old = tenant.quota
        quota = Quota(
            guests=old.guests if change.guests is None else change.guests,
            cores=old.cores if change.cores is None else change.cores,
            memory_mib=old.memory_mib if change.memory_mib is None else change.memory_mib,
            disk_gib=old.disk_gib if change.disk_gib is None else change.disk_gib,
        )
        details = {name: getattr(quota, name) for name in Quota.__slots__}
        with self._database.write() as connection:
            TenantStore.put_quota(connection, tenant.id, quota)
            self._record(connection, actor, verdict, tenant, turn_id, details)
        return self._view(replace(tenant, quota=quota))

    def set_member_quota(
        self, actor: Actor, name: str, person: str, quota: Quota, turn_id: str
    ) -> TenantView:
        """Set the ceilings of one person in a tenant, all four; an empty quota lifts them.

        Raises:
            PersonNotFound: a usergroup is nobody who makes guests.
        """
        verdict = self._allowed(actor, Action.TENANT_QUOTA, turn_id)
        tenant = self._get(name)
        if person.startswith("S"):
            raise errors.PersonNotFound(person=_mention(person))
        self._freeze.check()
        details = {"member": person} | {part: getattr(quota, part) for part in Quota.__slots__}
        with self._database.write() as connection:
            TenantStore.put_member_quota(connection, tenant.id, actor.team_id, person, quota)
            self._record(connection, actor, verdict, tenant, turn_id, details)
        return self._view(tenant)

    def plan_quota(self, actor: Actor, name: str) -> Sequence[PveCall]:
        """The calls that `set_quota` would make: none, since quotas are the bot's own."""
        self._allowed(actor, Action.TENANT_QUOTA, None)
        self._get(name)
        return ()

    @staticmethod
    def _person_wish(action: str, verdict: Verdict, tenant: Tenant, member: Member) -> Wish:
        return Wish(
            action,
            f"person:{tenant.id}:{member.subject}",
            verdict.reason,
            name=tenant.name,
            poolid=tenant.poolid,
            tenant_id=tenant.id,
            parameters={
                "subject": member.subject,
                "role": member.role.word,
                "pve_userid": member.pve_userid,
                "what": member.pve_userid,
            },
        )

    def _allowed(self, actor: Actor, action: Action, turn_id: str | None) -> Verdict:
        return self._directory.allow(self._directory.caller(actor), action, turn_id=turn_id)

    def _named(self, name: str, poolid: str | None) -> tuple[str, str]:
        name = name.lower()
        poolid = poolid or name
        if not _NAME.fullmatch(name):
            raise errors.TenantNameBad(name=name)
        if not _POOLID.fullmatch(poolid):
            raise errors.PoolNameBad(poolid=poolid)
        if self._store.find(name):
            raise errors.TenantExists(name=name)
        if owner := self._store.by_pool(poolid):
            raise errors.PoolTaken(poolid=poolid, owner=owner.name)
        return name, poolid

    def _get(self, name: str) -> Tenant:
        tenant = self._store.find(name.lower())
        if tenant is None:
            raise errors.TenantNotFound(name=name)
        return tenant

    def _member(self, tenant: Tenant, subject: str) -> Member:
        for member in self._store.list_members(tenant.id):
            if member.subject == subject:
                return member
        raise errors.NotInTenant(person=_mention(subject), name=tenant.name)

    def _view(self, tenant: Tenant) -> TenantView:
        members = tuple(self._store.list_members(tenant.id))
        return TenantView(tenant, members, self._store.member_quotas(tenant.id))

    def _record(
        self,
        connection: Connection,
        actor: Actor,
        verdict: Verdict,
        tenant: Tenant,
        turn_id: str,
        details: Mapping[str, object],
    ) -> None:
        """Intent and outcome of a change to our own store, which is one transaction."""
        self._log.add(
            connection,
            *Entry(
                actor,
                Phase.INTENT,
                verdict.action,
                verdict.reason,
                poolid=tenant.poolid,
                tenant_id=tenant.id,
                turn_id=turn_id,
                details=details,
            ).and_outcome(),
        )


def _service_user(name: str) -> str:
    return f"t-{name}@pve"


def _mention(subject: str) -> str:
    return f"<!subteam^{subject}>" if subject.startswith("S") else f"<@{subject}>"
