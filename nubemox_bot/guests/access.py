"""The first lock: which guest an actor means, and whether they may do this to it.

Every service that acts on a guest comes through here, so that a foreign guest answers as a missing
one everywhere, and every no is in the audit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from nubemox_bot.core.actor import Actor
from nubemox_bot.guests import errors
from nubemox_bot.guests.finding import find_guest
from nubemox_bot.operations.model import Wish
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.inventory import Inventory, Snapshot
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.tenancy.clients import TenantClients
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.model import Caller, Tenant
from nubemox_bot.tenancy.policy import Action, Verdict
from nubemox_bot.tenancy.store import TenantStore

_VERBS: Final = {Action.GUEST_FORCE_STOP: "stop --force"}
_DIGITS_OF_A_VMID: Final = 9


@dataclass(frozen=True, slots=True)
class Admitted:
    """A guest that the caller may do something to; `tenant` is None in a pool of no tenant."""

    guest: Guest
    tenant: Tenant | None
    verdict: Verdict

    def wish(self, action: Action, parameters: Mapping[str, Any] | None = None) -> Wish:
        """An operation on it, in its lane: a guest is changed by one at a time."""
        guest = self.guest
        return Wish(
            action,
            f"guest:{guest.vmid}",
            self.verdict.reason,
            kind=guest.kind.value,
            vmid=guest.vmid,
            name=guest.name,
            node=guest.node,
            poolid=guest.poolid,
            tenant_id=self.tenant.id if self.tenant else None,
            parameters={"ha": guest.is_ha} | dict(parameters or {}),
        )


class GuestAccess:
    """Finds guests for people, among those that are theirs alone."""

    def __init__(
        self,
        directory: Directory,
        tenants: TenantStore,
        clients: TenantClients,
        inventory: Inventory,
    ) -> None:
        self.directory = directory
        self.tenants = tenants
        self.inventory = inventory
        self._clients = clients

    def admit(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        action: Action,
        turn_id: str | None = None,
        *,
        recent: bool = False,
        verb: str = "",
    ) -> Admitted:
        """The guest, if the actor may do this to it.

        Args:
            actor: who asks.
            kind: what they called it; None when they did not say.
            ref: a vmid or a name.
            action: what they want to do to it.
            turn_id: the turn they asked in.
            recent: whether knowledge of the last 10 s will do; never for a change.
            verb: how people say it, where the action does not tell.

        Raises:
            GuestNotFound: no such guest, or not in a pool of the actor's.
            NubemoxError: the policy's no, in words.
        """
        caller = self.directory.caller(actor)
        snapshot = self.inventory.recent() if recent else self.inventory.fresh()
        return self.admit_caller(caller, snapshot, kind, ref, action, turn_id, verb=verb)

    def admit_caller(
        self,
        caller: Caller,
        snapshot: Snapshot,
        kind: GuestKind | None,
        ref: str,
        action: Action,
        turn_id: str | None = None,
        *,
        verb: str = "",
    ) -> Admitted:
        """As `admit`, for one who names several guests at once."""
        self.directory.allow(caller, Action.GUEST_LIST, turn_id=turn_id)
        try:
            guest = find_guest(
                self.own(caller, snapshot),
                snapshot if caller.is_admin else None,
                kind,
                ref,
                verb or said(action),
            )
        except errors.GuestNotFound as error:
            vmid = int(ref) if ref.isdecimal() and len(ref) <= _DIGITS_OF_A_VMID else None
            self.directory.record_refusal(
                caller.actor, action, "guest_not_found", error, {"vmid": vmid}, turn_id
            )
            raise
        tenant = self.tenants.by_pool(guest.poolid or "")
        target = {"vmid": guest.vmid, "poolid": guest.poolid}
        verdict = self.directory.allow(caller, action, tenant, target=target, turn_id=turn_id)
        return Admitted(guest, tenant, verdict)

    @staticmethod
    def own(caller: Caller, snapshot: Snapshot) -> list[Guest]:
        """The guests that the caller may know of."""
        if caller.is_admin:
            return [guest for guest in snapshot.guests if guest.poolid]
        return [guest for poolid in caller.poolids for guest in snapshot.in_pool(poolid)]

    def client(self, tenant: Tenant | None) -> PveClient:
        """The tenant's own; in a pool that no tenant owns only admins act, as the bot."""
        return self._clients.of(tenant) if tenant else self._clients.provisioning

    def acting_as(self, tenant: Tenant | None) -> str:
        """The token that `client` acts with, for a plan; empty for the bot's own."""
        return f"{tenant.pve_userid}!{tenant.pve_tokenid}" if tenant else ""


def said(action: Action) -> str:
    """The verb of an action as people type it: `guest.start` is `start`."""
    verb = action.value.removeprefix("guest.").replace(".", " ")
    return _VERBS.get(action, verb)
