"""Tenants and members at rest; every change together with its two audit rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import (
    LABEL_STYLE_TABLENAME_PLUS_COL,
    Connection,
    Row,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from nubemox_bot.core.clock import Clock
from nubemox_bot.core.ids import new_id
from nubemox_bot.store.engine import Database, put_row
from nubemox_bot.store.errors import SecretUnreadable
from nubemox_bot.store.secretbox import SecretBox
from nubemox_bot.store.tables import member_quotas, members, tenants, tokens
from nubemox_bot.tenancy.errors import PoolTaken, TenantExists
from nubemox_bot.tenancy.model import Member, Quota, Role, Tenant, TenantState


class TenantStore:
    """The rows behind tenants; secrets go in and out through the box."""

    def __init__(self, database: Database, box: SecretBox, clock: Clock) -> None:
        self._database = database
        self._box = box
        self._clock = clock

    def add(
        self,
        connection: Connection,
        *,
        tenant_id: str,
        name: str,
        poolid: str,
        channel_id: str | None,
        pve_userid: str,
        pve_tokenid: str,
        created_by: str,
    ) -> None:
        """Insert a tenant that is being made.

        Raises:
            TenantExists, PoolTaken: somebody asked for the same a moment ago.
        """
        values = {
            "id": tenant_id,
            "name": name,
            "poolid": poolid,
            "channel_id": channel_id,
            "state": TenantState.MAKING.value,
            "pve_userid": pve_userid,
            "pve_tokenid": pve_tokenid,
            "created_by": created_by,
            "created_at": self._clock.now(),
        }
        try:
            with connection.begin_nested():
                connection.execute(insert(tenants), values)
        except IntegrityError as error:
            owner = connection.scalar(select(tenants.c.name).where(tenants.c.poolid == poolid))
            if owner is None or owner == name:
                raise TenantExists(name=name) from error
            raise PoolTaken(poolid=poolid, owner=owner) from error

    def change(self, tenant_id: str, **values: Any) -> None:
        """Set columns of a tenant in a transaction of its own."""
        with self._database.write() as connection:
            connection.execute(update(tenants).where(tenants.c.id == tenant_id).values(**values))

    def keep_token(self, tenant_id: str, secret: str) -> None:
        """Keep the token's secret, encrypted."""
        self.change(tenant_id, token_secret=self._box.seal(secret))

    def token(self, tenant_id: str) -> str | None:
        """The token's secret, or None when there is none.

        Raises:
            SecretUnreadable: the key was changed or lost.
        """
        with self._database.read() as connection:
            sealed = connection.scalar(
                select(tenants.c.token_secret).where(tenants.c.id == tenant_id)
            )
        return self._box.open(sealed) if sealed else None

    def made_pool(self, tenant_id: str) -> bool:
        """Whether the tenant's pool was made for it, rather than adopted."""
        with self._database.read() as connection:
            return bool(
                connection.scalar(select(tenants.c.made_pool).where(tenants.c.id == tenant_id))
            )

    def made_user(self, tenant_id: str) -> bool:
        """Whether the tenant's service user was made for it, rather than found there."""
        with self._database.read() as connection:
            return bool(
                connection.scalar(select(tenants.c.made_user).where(tenants.c.id == tenant_id))
            )

    def can_read_token(self, tenant_id: str) -> bool:
        """Whether there is a secret that the present keys open."""
        try:
            return self.token(tenant_id) is not None
        except SecretUnreadable:
            return False

    def drop(self, tenant_id: str) -> None:
        """Delete a tenant whose making was undone."""
        with self._database.write() as connection:
            connection.execute(delete(members).where(members.c.tenant_id == tenant_id))
            connection.execute(delete(tenants).where(tenants.c.id == tenant_id))

    def find(self, name: str) -> Tenant | None:
        """A tenant by name, or None."""
        return self._one(tenants.c.name == name)

    def by_id(self, tenant_id: str) -> Tenant | None:
        """A tenant by id, or None."""
        return self._one(tenants.c.id == tenant_id)

    def by_pool(self, poolid: str) -> Tenant | None:
        """The tenant that owns a pool, or None."""
        return self._one(tenants.c.poolid == poolid)

    def _one(self, condition: Any) -> Tenant | None:
        with self._database.read() as connection:
            row = connection.execute(select(tenants).where(condition)).one_or_none()
        return _tenant(row) if row is not None else None

    def list_tenants(self) -> list[Tenant]:
        """Every tenant, by name."""
        with self._database.read() as connection:
            rows = connection.execute(select(tenants).order_by(tenants.c.name)).all()
        return [_tenant(row) for row in rows]

    def list_members(self, tenant_id: str) -> list[Member]:
        """The members of a tenant, highest role first."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(members).where(members.c.tenant_id == tenant_id).order_by(members.c.added_at)
            ).all()
        return sorted((_member(row) for row in rows), key=lambda member: -member.role)

    def memberships(self, team_id: str, subjects: Collection[str]) -> list[tuple[Member, Tenant]]:
        """Every membership of these subjects, and of every usergroup, with its tenant.

        Whether the person is in such a usergroup is Slack's to say, not ours.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                select(members, tenants)
                .join(tenants, tenants.c.id == members.c.tenant_id)
                .where(
                    members.c.team_id == team_id,
                    or_(members.c.subject.in_(subjects), members.c.subject.startswith("S")),
                )
                .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
            ).all()
        return [
            (
                _member_of({k.removeprefix("members_"): v for k, v in row._asdict().items()}),
                _tenant_of({k.removeprefix("tenants_"): v for k, v in row._asdict().items()}),
            )
            for row in rows
        ]

    @staticmethod
    def put_member(
        connection: Connection,
        clock: Clock,
        member: Member,
        added_by: str,
    ) -> None:
        """Add a member, or change the role of one."""
        put_row(
            connection,
            members,
            {
                "tenant_id": member.tenant_id,
                "team_id": member.team_id,
                "subject": member.subject,
            },
            {
                "id": new_id("mem"),
                "role": member.role.word,
                "pve_userid": member.pve_userid,
                "added_by": added_by,
                "added_at": clock.now(),
            },
        )

    @staticmethod
    def drop_member(connection: Connection, member: Member) -> None:
        """Remove a member."""
        connection.execute(_matching(delete(members), member))

    def end_tokens(self, connection: Connection, member: Member) -> None:
        """Revoke the REST tokens of a person who is no member of anything any more."""
        left = connection.scalar(
            select(members.c.id)
            .where(members.c.team_id == member.team_id, members.c.subject == member.subject)
            .limit(1)
        )
        if left is None:
            connection.execute(
                update(tokens)
                .where(
                    tokens.c.team_id == member.team_id,
                    tokens.c.user_id == member.subject,
                    tokens.c.revoked_at.is_(None),
                )
                .values(revoked_at=self._clock.now())
            )

    @staticmethod
    def put_quota(connection: Connection, tenant_id: str, quota: Quota) -> None:
        """Set a tenant's ceilings."""
        connection.execute(
            update(tenants)
            .where(tenants.c.id == tenant_id)
            .values(
                quota_guests=quota.guests,
                quota_cores=quota.cores,
                quota_memory_mib=quota.memory_mib,
                quota_disk_gib=quota.disk_gib,
            )
        )

    @staticmethod
    def put_member_quota(
        connection: Connection, tenant_id: str, team_id: str, user_id: str, quota: Quota
    ) -> None:
        """Set the ceilings of one person in a tenant; an empty quota takes them away."""
        key = {"tenant_id": tenant_id, "team_id": team_id, "user_id": user_id}
        if quota.is_empty:
            same = [member_quotas.c[name] == value for name, value in key.items()]
            connection.execute(delete(member_quotas).where(*same))
            return
        put_row(
            connection,
            member_quotas,
            key,
            {
                "guests": quota.guests,
                "cores": quota.cores,
                "memory_mib": quota.memory_mib,
                "disk_gib": quota.disk_gib,
            },
        )

    def member_quotas(self, tenant_id: str) -> dict[str, Quota]:
        """The ceilings of single people in a tenant, by their id."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(member_quotas)
                .where(member_quotas.c.tenant_id == tenant_id)
                .order_by(member_quotas.c.user_id)
            ).all()
        return {
            row.user_id: Quota(row.guests, row.cores, row.memory_mib, row.disk_gib) for row in rows
        }


def _matching(statement: Any, member: Member) -> Any:
    return statement.where(
        members.c.tenant_id == member.tenant_id,
        members.c.team_id == member.team_id,
        members.c.subject == member.subject,
    )


def _tenant(row: Row[Any]) -> Tenant:
    return _tenant_of(row._asdict())


def _tenant_of(values: Mapping[str, Any]) -> Tenant:
    return Tenant(
        id=values["id"],
        name=values["name"],
        poolid=values["poolid"],
        channel_id=values["channel_id"],
        state=TenantState(values["state"]),
        pve_userid=values["pve_userid"],
        pve_tokenid=values["pve_tokenid"],
        has_token=values["token_secret"] is not None,
        quota=Quota(
            values["quota_guests"],
            values["quota_cores"],
            values["quota_memory_mib"],
            values["quota_disk_gib"],
        ),
        created_by=values["created_by"],
        created_at=values["created_at"],
    )


def _member(row: Row[Any]) -> Member:
    return _member_of(row._asdict())


def _member_of(values: Mapping[str, Any]) -> Member:
    return Member(
        tenant_id=values["tenant_id"],
        team_id=values["team_id"],
        subject=values["subject"],
        role=Role.of(values["role"]),
        pve_userid=values["pve_userid"],
    )
