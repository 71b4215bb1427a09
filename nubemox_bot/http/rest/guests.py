"""What `vms` and `cts` have in common, by the same services as in Slack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from nubemox_bot.guests.model import Filters
from nubemox_bot.http.rest.call import Call
from nubemox_bot.http.rest.consoles import console_link
from nubemox_bot.http.rest.models import SizeWanted
from nubemox_bot.http.rest.rows import GuestRows, guest_now
from nubemox_bot.http.rest.shapes import page
from nubemox_bot.life.errors import DeletionUnconfirmed
from nubemox_bot.operations.model import Operation
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.tenancy.policy import Action

Node = Annotated[
    str | None,
    Query(
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$",
        description="Only guests on this node.",
        examples=["pve1"],
    ),
]
Status = Annotated[
    Literal["running", "stopped", "paused"] | None, Query(description="Only guests in this state.")
]
SkipBackup = Annotated[bool, Query(description="Do not back it up before.")]
Force = Annotated[
    bool, Query(description="Pull the plug instead of asking the guest to shut down.")
]


@dataclass(frozen=True, slots=True)
class GuestRoutes:
    """What the routes of one kind of guest do."""

    kind: GuestKind
    rows: GuestRows = field(default_factory=GuestRows)

    async def listed(
        self,
        call: Call,
        poolid: str | None,
        node: str | None,
        status: str | None,
        limit: int | None,
        cursor: str | None,
    ) -> Response:
        """The guests of the caller's pools."""
        filters = Filters(poolid=poolid, node=node, status=status)

        def work() -> bytes:
            found = call.services.guests.list_guests(call.actor, self.kind, filters, call.turn_id)
            shown, after = page(found.guests, _vmid_of, limit, cursor)
            return self.rows.page(shown, after)

        return await call.read(work)

    async def status(self, call: Call, vmid: int) -> Response:
        """One guest at this moment."""
        guests = call.services.guests
        return await call.look(
            lambda: {
                "data": guest_now(guests.status(call.actor, self.kind, str(vmid), call.turn_id))
            }
        )

    async def console(self, call: Call, vmid: int) -> Response:
        """A one-time link to its console."""
        consoles = call.services.consoles
        return await call.look(
            lambda: console_link(consoles.link(call.actor, self.kind, str(vmid), call.turn_id))
        )

    async def delete(self, call: Call, vmid: int, *, skip_backup: bool, force: bool) -> Response:
        """Delete it for good."""
        deletion, ref = call.services.deletion, str(vmid)

        def work() -> Operation:
            def begin(confirmed: str | None) -> Operation:
                return deletion.delete(
                    call.actor,
                    self.kind,
                    ref,
                    confirmed,
                    call.turn_id,
                    skip_backup=skip_backup,
                    force=force,
                )[0]

            try:
                return begin(None)
            except DeletionUnconfirmed as asked:
                # People type the name because a number is quickly mistyped; programs do not type.
                return begin(str(asked.data["name"]))

        return await call.change(work)

    async def resize(self, call: Call, vmid: int, wanted: SizeWanted) -> Response:
        """Give it another size: begun at once, or put before those who approve."""
        resizing = call.services.resizing
        return await call.ask(
            lambda: resizing.resize(
                call.actor,
                self.kind,
                str(vmid),
                call.turn_id,
                cores=wanted.cores,
                memory_mib=wanted.memory,
                swap_mib=wanted.swap,
                grow_gib=wanted.disk_increment_gb,
                reason=wanted.reason,
            )
        )

    async def power(self, call: Call, vmid: int, action: Action) -> Response:
        """Start, stop, pull the plug of, or reboot a guest."""
        guests = call.services.guests
        return await call.change(
            lambda: guests.change_power(call.actor, self.kind, action, [str(vmid)], call.turn_id)[0]
        )


def _vmid_of(guest: Guest) -> str:
    return str(guest.vmid)
