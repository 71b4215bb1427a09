"""A larger quota, asked for as a request of its own; a platform admin decides it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, update

from nubemox_bot.approvals.errors import NoIncrease
from nubemox_bot.approvals.model import AMOUNTS, Amounts, Plan, Proposal, Request
from nubemox_bot.approvals.quota import QuotaBook
from nubemox_bot.core.actor import Actor
from nubemox_bot.operations.model import Wish
from nubemox_bot.store.tables import tenants
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.errors import TenantNotFound
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.tenancy.store import TenantStore


class IncreasePlanner:
    """Proposes ceilings; the spec has the tenant's id and each ceiling as it shall be."""

    def __init__(self, directory: Directory, store: TenantStore, quota: QuotaBook) -> None:
        self._directory = directory
        self._store = store
        self._quota = quota

    def propose(self, actor: Actor, spec: Mapping[str, Any]) -> Proposal:
        """The ceilings that would be raised; no call to PVE is needed for it.

        Raises:
            NoIncrease: none of them is higher than it is now.
            TenantNotFound: it is gone.
        """
        tenant = self._store.by_id(str(spec["tenant_id"]))
        if tenant is None:
            raise TenantNotFound(name=str(spec.get("tenant", "")))
        verdict = self._directory.allow(self._directory.caller(actor), Action.QUOTA_REQUEST, tenant)
        now = self._quota.ceiling(tenant).named()
        wanted = {name: int(spec[name]) for name in AMOUNTS if spec.get(name) is not None}
        raised = {name: value for name, value in wanted.items() if value > now[name]}
        if not raised:
            raise NoIncrease(tenant=tenant.name, quota=_words(now))
        return Proposal(
            wish=Wish(
                Action.TENANT_QUOTA,
                f"quota:{tenant.id}",
                verdict.reason,
                name=tenant.name,
                poolid=tenant.poolid,
                tenant_id=tenant.id,
            ),
            plan=Plan((), {"tenant": tenant.id, **raised}),
            adds=Amounts(),
            spec={"tenant_id": tenant.id, "tenant": tenant.name, **raised},
            size=Amounts(),
        )


def raise_quota(connection: Connection, request: Request, quota: QuotaBook) -> None:
    """Set what was approved; the other ceilings stay, and none is lower than it is by now."""
    now = quota.lock(connection, request.tenant_id or "").named()
    wanted = {name: request.spec[name] for name in AMOUNTS if request.spec.get(name)}
    raised = {f"quota_{name}": value for name, value in wanted.items() if value > now[name]}
    if raised:
        connection.execute(
            update(tenants).where(tenants.c.id == request.tenant_id).values(**raised)
        )


def _words(now: Mapping[str, int]) -> str:
    return ", ".join(f"--{_OPTIONS[name]} {value}" for name, value in now.items())


_OPTIONS = {"guests": "guests", "cores": "cores", "memory_mib": "memory", "disk_gib": "disk"}
