"""Another guest of the same, and another node for it.

Annotations are no strings here: FastAPI could not see the name of the path's parameter in them.
"""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from nubemox_bot.http.rest.models import Asked, CloneWanted, MoveWanted, OperationBegun
from nubemox_bot.http.rest.one_guest import Words
from nubemox_bot.http.rest.route import ASKS, CHANGES, VMID, CallNow
from nubemox_bot.pve.model import GuestKind


def add_copies(router: APIRouter, kind: GuestKind, words: Words) -> None:
    """Copy and move."""
    where = f"/{words.path}/{{{words.number}}}"
    Number = Annotated[int, Path(alias=words.number, **VMID)]  # noqa: N806 - a type

    @router.post(
        f"{where}/clone", name=f"clone_{words.name}", response_model=Asked, responses=ASKS,
        status_code=202,
    )  # fmt: skip
    async def clone(call: CallNow, vmid: Number, wanted: CloneWanted) -> Response:
        """Make a whole copy of it, in the same pool. For owners.

        Your quota has to reach for it. Where the policy asks for an approval, the answer is a
        `request` that waits for it.
        """
        cloning = call.services.cloning
        return await call.ask(
            lambda: cloning.clone(
                call.actor,
                kind,
                str(vmid),
                wanted.name,
                call.turn_id,
                storage=wanted.storage,
                days=wanted.days,
                reason=wanted.reason,
            )
        )

    @router.post(
        f"{where}/migrate", name=f"migrate_{words.name}", response_model=OperationBegun,
        responses=CHANGES, status_code=202,
    )  # fmt: skip
    async def migrate(call: CallNow, vmid: Number, wanted: MoveWanted) -> Response:
        """Move it to another node. For platform admins."""
        moving = call.services.moving
        return await call.change(
            lambda: moving.migrate(call.actor, kind, str(vmid), wanted.node, call.turn_id)[0]
        )
