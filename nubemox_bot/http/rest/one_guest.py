"""Routes about one guest, the same for containers and virtual machines but for their words.

Annotations are no strings here: FastAPI could not see the name of the path's parameter in them.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel
from starlette.responses import Response

from nubemox_bot.http.rest.guests import Force, GuestRoutes, SkipBackup
from nubemox_bot.http.rest.models import (
    Asked,
    ConsoleAnswer,
    OperationBegun,
    SizeWanted,
)
from nubemox_bot.http.rest.route import ASKS, CHANGES, LOOKS, VMID, CallNow
from nubemox_bot.tenancy.policy import Action


@dataclass(frozen=True, slots=True)
class Words:
    """How one kind of guest is spoken of.

    Attributes:
        path: the first part of its paths, `cts`.
        number: its number there, `ctid`.
        name: what routes are called after it, `ct`.
        called: what people call it, `container`.
    """

    path: str
    number: str
    name: str
    called: str


def add_one_guest(
    router: APIRouter, guests: GuestRoutes, words: Words, answer: type[BaseModel]
) -> None:
    """Add what can be seen of one guest and done to it.

    Args:
        answer: what its status is answered with.
    """
    where = f"/{words.path}/{{{words.number}}}"
    Number = Annotated[int, Path(alias=words.number, **VMID)]  # noqa: N806 - a type

    @router.get(
        f"{where}/status",
        name=f"get_{words.name}_status",
        response_model=answer,
        responses=LOOKS,
        description=f"One {words.called} at this moment, as its node tells it.",
    )
    async def get_status(call: CallNow, vmid: Number) -> Response:
        return await guests.status(call, vmid)

    @router.get(
        f"{where}/vnc", name=f"get_{words.name}_console", response_model=ConsoleAnswer,
        responses=LOOKS,
    )  # fmt: skip
    async def get_console(call: CallNow, vmid: Number) -> Response:
        """A link to its console, for a browser: it works once, within 60 seconds."""
        return await guests.console(call, vmid)

    @router.post(
        f"{where}/start", name=f"start_{words.name}", response_model=OperationBegun,
        responses=CHANGES, status_code=202,
    )  # fmt: skip
    async def start(call: CallNow, vmid: Number) -> Response:
        """Start it. 409 when it runs already."""
        return await guests.power(call, vmid, Action.GUEST_START)

    @router.post(
        f"{where}/stop", name=f"stop_{words.name}", response_model=OperationBegun,
        responses=CHANGES, status_code=202,
    )  # fmt: skip
    async def stop(call: CallNow, vmid: Number, *, force: Force = False) -> Response:
        """Shut it down gracefully, or pull its plug with `force`. 409 when it does not run."""
        action = Action.GUEST_FORCE_STOP if force else Action.GUEST_STOP
        return await guests.power(call, vmid, action)

    @router.post(
        f"{where}/reboot", name=f"reboot_{words.name}", response_model=OperationBegun,
        responses=CHANGES, status_code=202,
    )  # fmt: skip
    async def reboot(call: CallNow, vmid: Number) -> Response:
        """Restart it gracefully. 409 when it does not run."""
        return await guests.power(call, vmid, Action.GUEST_REBOOT)

    @router.put(
        where, name=f"resize_{words.name}", response_model=Asked, responses=ASKS, status_code=202
    )
    async def resize(call: CallNow, vmid: Number, wanted: SizeWanted) -> Response:
        """Give it another size. For owners.

        What grows needs quota, and an approval where the policy asks for one. Send an
        `Idempotency-Key` with `disk_increment_gb`, so that a repeated call does not grow it twice.
        """
        return await guests.resize(call, vmid, wanted)

    @router.delete(
        where, name=f"delete_{words.name}", response_model=OperationBegun, responses=CHANGES,
        status_code=202,
    )  # fmt: skip
    async def delete(
        call: CallNow, vmid: Number, *, skip_backup: SkipBackup = False, force: Force = False
    ) -> Response:
        """Delete it for good, with its disks and snapshots; its backups stay. For owners.

        It is backed up first where a storage takes backups, and shut down if it runs. The operation
        is `done` only when Proxmox VE has it no more. 409 when it is protected.
        """
        return await guests.delete(call, vmid, skip_backup=skip_backup, force=force)
