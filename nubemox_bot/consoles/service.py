"""Consoles as people ask for them: a link, told to its asker alone."""

from __future__ import annotations

from collections.abc import Callable

from nubemox_bot.consoles.model import Link
from nubemox_bot.consoles.store import ConsoleStore
from nubemox_bot.core.actor import Actor
from nubemox_bot.guests.access import GuestAccess
from nubemox_bot.pve.errors import NotRunning
from nubemox_bot.pve.guests import PveGuests
from nubemox_bot.pve.model import GuestKind
from nubemox_bot.tenancy.clients import acting_for
from nubemox_bot.tenancy.policy import Action


class ConsoleService:
    """What `console` means.

    Args:
        url_of: the address at which a browser redeems a code.
    """

    def __init__(
        self,
        access: GuestAccess,
        store: ConsoleStore,
        pve: PveGuests,
        *,
        url_of: Callable[[str], str],
    ) -> None:
        self._access = access
        self._store = store
        self._pve = pve
        self._url_of = url_of

    def link(
        self, actor: Actor, kind: GuestKind | None, ref: str, turn_id: str | None = None
    ) -> Link:
        """A link that opens the guest's console once, within a minute.

        Raises:
            GuestNotFound: no such guest, or not in a pool of the actor's.
            RoleTooLow: the actor's role in that pool has no consoles.
            NotRunning: there is nothing to see.
            TooManyConsoles: the actor has as many open as anybody may have.
        """
        admitted = self._access.admit(actor, kind, ref, Action.GUEST_CONSOLE, turn_id)
        guest = admitted.guest
        self._store.check_place(actor.team_id, actor.user_id)
        with acting_for(admitted.tenant):
            live = self._pve.live_status(self._access.client(admitted.tenant), guest)
        if not live.is_running:
            raise NotRunning(guest=guest.name)
        code, expires_at = self._store.add(actor, guest, admitted.tenant, turn_id)
        self._access.directory.record_read(
            actor, admitted.verdict, turn_id=turn_id, vmid=guest.vmid, poolid=guest.poolid
        )
        return Link(self._url_of(code), guest, expires_at)
