"""Gathers a person's Home from the services, as that person: what they may not see is not there."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from nubemox_bot.alerts.model import AlertView
from nubemox_bot.approvals.model import TenantQuota
from nubemox_bot.approvals.service import RequestListing
from nubemox_bot.blockkit.views import View
from nubemox_bot.core.actor import Actor, Origin
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import speaking
from nubemox_bot.guests.model import Filters, Listing
from nubemox_bot.home import views
from nubemox_bot.home.model import Content, Standstill
from nubemox_bot.home.store import HomeStore
from nubemox_bot.leases.model import Lease
from nubemox_bot.pve.model import GuestKind
from nubemox_bot.store.flags import Flag
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.policy import Action

log = logging.getLogger("nubemox.home")

T = TypeVar("T")
_REFUSALS: Final = (Kind.FORBIDDEN, Kind.UNAUTHENTICATED)


class Guests(Protocol):
    """The guests of the actor's pools."""

    def list_guests(
        self, actor: Actor, kind: GuestKind | None, filters: Filters, turn_id: str | None = None
    ) -> Listing:
        """See `GuestService`."""
        ...


class Requests(Protocol):
    """What the actor asked for and may decide, and their quotas."""

    def list_requests(self, actor: Actor, turn_id: str | None = None) -> RequestListing:
        """See `RequestService`."""
        ...

    def quotas(self, actor: Actor) -> list[TenantQuota]:
        """See `RequestService`."""
        ...


class Leases(Protocol):
    """Until when guests may live."""

    def list_leases(self, actor: Actor, turn_id: str | None = None) -> list[Lease]:
        """See `LeaseService`."""
        ...


class Alerts(Protocol):
    """What is wrong."""

    def list_firing(self, actor: Actor, turn_id: str | None = None) -> list[AlertView]:
        """See `AlertService`."""
        ...


class Oversight(Protocol):
    """Whether changes are stopped."""

    def frozen(self, actor: Actor) -> Flag | None:
        """See `OversightService`."""
        ...


@dataclass(frozen=True, slots=True)
class Sources:
    """The services that Home is made of."""

    guests: Guests
    requests: Requests
    leases: Leases
    alerts: Alerts
    oversight: Oversight


class HomeService:
    """What Home shows to whom."""

    def __init__(
        self,
        directory: Directory,
        sources: Sources,
        store: HomeStore,
        clock: Clock,
        publish: Callable[[str, View], None],
    ) -> None:
        """`publish` shows a person their Home; what it raises is for the log alone."""
        self._directory = directory
        self._sources = sources
        self._store = store
        self._clock = clock
        self._publish = publish

    def content(self, actor: Actor, page: int) -> Content:
        """Everything of the actor's; a part that cannot be had now leaves the others."""
        now = self._clock.now()
        caller = self._directory.caller(actor)
        sources = self._sources
        try:
            guests = sources.guests.list_guests(actor, None, Filters())
        except NubemoxError as error:
            if error.kind in _REFUSALS:
                return Content(now, refused=error)
            guests = None
        missing = [] if guests is not None else ["guests"]

        def got(name: str, read: Callable[[], T], otherwise: T) -> T:
            try:
                return read()
            except NubemoxError as error:
                log.info("a part of a home is missing: %s %s", name, error)
                missing.append(name)
                return otherwise

        asked = got(
            "requests", lambda: sources.requests.list_requests(actor), RequestListing((), ())
        )
        leases: list[Lease] = got("leases", lambda: sources.leases.list_leases(actor), [])
        quotas: list[TenantQuota] = got("quotas", lambda: sources.requests.quotas(actor), [])
        alerts: list[AlertView] = got("alerts", lambda: sources.alerts.list_firing(actor), [])
        frozen: Flag | None = got("freeze", lambda: sources.oversight.frozen(actor), None)
        may_create = caller.is_admin or any(
            self._directory.verdict(caller, Action.GUEST_CREATE, tenant).allowed
            for tenant in caller.tenants.values()
        )
        return Content(
            now,
            page,
            guests=guests,
            quotas=quotas,
            leases=leases,
            mine=[one for one in asked.mine if not one.state.is_end],
            to_decide=asked.waiting,
            alerts=alerts,
            frozen=Standstill(frozen.set_by, str(frozen.value or "")) if frozen else None,
            may_create=may_create,
            is_admin=caller.is_admin,
            missing=missing,
        )

    def view(self, actor: Actor, page: int) -> View:
        """The tab in the actor's language."""
        with speaking(actor.locale):
            try:
                return views.tab(self.content(actor, page))
            except NubemoxError as error:
                return views.tab(Content(self._clock.now(), refused=error))

    def turn_page(self, actor: Actor, page: int) -> None:
        """Show another page of the guests in the actor's tab."""
        self._directory.allow(self._directory.caller(actor), Action.HELP)
        self._store.turn(actor.team_id, actor.user_id, page, self._clock.now())
        self._publish(actor.user_id, self.view(actor.through(Origin.HOME), page))


class HomeTab:
    """Fills the tab of whoever opens it; for the edge."""

    def __init__(self, service: HomeService, store: HomeStore, clock: Clock) -> None:
        self._service = service
        self._store = store
        self._clock = clock

    @staticmethod
    def skeleton(locale: str) -> View:
        """What is shown until the content is there."""
        with speaking(locale):
            return views.skeleton()

    def view(self, actor: Actor) -> View:
        """The content; whoever looks is remembered, so that it can be kept true."""
        page = 1
        try:
            page = self._store.opened(actor.team_id, actor.user_id, self._clock.now())
        except NubemoxError as error:
            log.warning("who opened a home is not remembered: %s", error)
        return self._service.view(actor, page)
