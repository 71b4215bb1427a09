"""`/users` and `/acl`: people's own users in Proxmox VE."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from nubemox_bot.http.rest.edge import RestEdge
from nubemox_bot.http.rest.models import GrantWanted, OperationBegun, UserWanted
from nubemox_bot.http.rest.route import CHANGES, CallNow, router_for


def accounts_router(edge: RestEdge) -> APIRouter:
    """`/users` and `/acl`."""
    router = router_for(edge, "accounts")

    @router.post("/users", response_model=OperationBegun, responses=CHANGES, status_code=202)
    async def create_user(call: CallNow, wanted: UserWanted) -> Response:
        """Make a user without a password in Proxmox VE. For platform admins.

        It is put into the bot's group, and its realm is the one that the operator has set.
        """
        accounts = call.services.accounts
        return await call.change(
            lambda: accounts.create_user(call.actor, wanted.userid, wanted.comment, call.turn_id)
        )

    @router.put("/acl", response_model=OperationBegun, responses=CHANGES, status_code=202)
    async def grant(call: CallNow, wanted: GrantWanted) -> Response:
        """Let a user of Proxmox VE use a pool and all that is in it. For platform admins."""
        accounts = call.services.accounts
        return await call.change(
            lambda: accounts.grant(
                call.actor, wanted.poolid, wanted.userid, wanted.roleid, call.turn_id
            )
        )

    return router
