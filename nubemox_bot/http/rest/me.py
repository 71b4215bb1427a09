"""`/me`: who the caller is, and the quotas of their tenants."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from nubemox_bot.approvals.model import Amounts, Standing
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.http.rest.call import Call
from nubemox_bot.http.rest.edge import RestEdge
from nubemox_bot.http.rest.models import Asked, MeAnswer, QuotaWanted
from nubemox_bot.http.rest.route import ASKS, LOOKS, CallNow, router_for
from nubemox_bot.tenancy.model import Quota


def me_router(edge: RestEdge) -> APIRouter:
    """`/me` and `/quotas`."""
    router = router_for(edge, "me")

    @router.get("/me", response_model=MeAnswer, responses=LOOKS)
    async def who_am_i(call: CallNow) -> Response:
        """Whose token this is, the tenants they belong to, and what is used of their quotas."""
        return await call.look(lambda: {"data": _me(call)})

    @router.post("/quotas", response_model=Asked, responses=ASKS, status_code=202)
    async def ask_for_quota(call: CallNow, wanted: QuotaWanted) -> Response:
        """Ask the platform admins for a larger quota. For owners.

        The answer is a `request` that waits for them.
        """
        requests = call.services.requests
        quota = Quota(wanted.guests, wanted.cores, wanted.memory, wanted.disk_gb)
        return await call.ask(
            lambda: requests.increase(call.actor, wanted.tenant, quota, call.turn_id, wanted.reason)
        )

    return router


def _me(call: Call) -> dict[str, Any]:
    caller = call.services.tenants.whoami(call.actor)
    quotas = _quotas(call)
    return {
        "user_id": call.actor.user_id,
        "name": call.actor.name,
        "admin": caller.is_admin,
        "approver": caller.is_approver,
        "token": call.token.id,
        "tenants": [
            {
                "tenant": tenant.name,
                "poolid": tenant.poolid,
                "role": caller.roles[tenant.id].word,
                "quotas": quotas.get(tenant.name, []),
            }
            for tenant in sorted(caller.tenants.values(), key=lambda one: one.name)
        ],
    }


def _quotas(call: Call) -> dict[str, list[dict[str, Any]]]:
    try:
        found = call.services.requests.quotas(call.actor)
    except NubemoxError:  # who somebody is can be told where Proxmox VE is away
        return {}
    return {one.tenant: [_quota(standing) for standing in one.standings] for one in found}


def _quota(standing: Standing) -> dict[str, Any]:
    return {
        "of": "member" if standing.whose else "tenant",
        "ceiling": _amounts(standing.ceiling),
        "used": _amounts(standing.used),
    }


def _amounts(amounts: Amounts) -> dict[str, int]:
    return {
        "guests": amounts.guests,
        "cores": amounts.cores,
        "memory_mib": amounts.memory_mib,
        "disk_gib": amounts.disk_gib,
    }
