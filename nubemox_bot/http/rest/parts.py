"""What the REST edge stands on; filled by the composition root once everything is built."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from nubemox_bot.accounts.service import AccountService
from nubemox_bot.alerts.service import AlertService
from nubemox_bot.approvals.service import RequestService
from nubemox_bot.backups.service import BackupService
from nubemox_bot.cluster.service import ClusterService
from nubemox_bot.consoles.service import ConsoleService
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import Clock
from nubemox_bot.creation.service import CreationService
from nubemox_bot.guests.service import GuestService
from nubemox_bot.http.rest.repeats import Repeats
from nubemox_bot.leases.service import LeaseService
from nubemox_bot.life.copies import CloneService
from nubemox_bot.life.deletion import DeletionService
from nubemox_bot.life.growth import ResizeService
from nubemox_bot.life.moves import MigrationService
from nubemox_bot.life.revival import RevivalService
from nubemox_bot.operations.model import Operation
from nubemox_bot.oversight.service import OversightService
from nubemox_bot.schedules.service import ScheduleService
from nubemox_bot.snapshots.service import SnapshotService
from nubemox_bot.store.turns import TurnStore
from nubemox_bot.tenancy.service import TenantService
from nubemox_bot.tokens.model import Bearer, Token


class Tokens(Protocol):
    """Whose call it is."""

    def check(self, bearer: Bearer) -> Token:
        """The living token that this is, or one of `tokens.errors`."""
        ...


class RestServices(Protocol):
    """The services that programs may use: the same as commands."""

    @property
    def guests(self) -> GuestService:
        """Lists, status, power."""
        ...

    @property
    def cluster(self) -> ClusterService:
        """The cluster and its parts."""
        ...

    @property
    def creation(self) -> CreationService:
        """New guests."""
        ...

    @property
    def deletion(self) -> DeletionService:
        """The end of guests."""
        ...

    @property
    def resizing(self) -> ResizeService:
        """Other sizes."""
        ...

    @property
    def snapshots(self) -> SnapshotService:
        """Kept moments of guests."""
        ...

    @property
    def backups(self) -> BackupService:
        """Backups, and guests brought back over themselves."""
        ...

    @property
    def revival(self) -> RevivalService:
        """New guests of backups."""
        ...

    @property
    def cloning(self) -> CloneService:
        """Copies."""
        ...

    @property
    def moving(self) -> MigrationService:
        """Other nodes."""
        ...

    @property
    def leases(self) -> LeaseService:
        """Until when guests may live."""
        ...

    @property
    def schedules(self) -> ScheduleService:
        """What the clock does."""
        ...

    @property
    def alerts(self) -> AlertService:
        """What is wrong."""
        ...

    @property
    def tenants(self) -> TenantService:
        """Who is who."""
        ...

    @property
    def requests(self) -> RequestService:
        """What needs an approval."""
        ...

    @property
    def consoles(self) -> ConsoleService:
        """Links to consoles."""
        ...

    @property
    def accounts(self) -> AccountService:
        """People's own users in Proxmox VE."""
        ...

    @property
    def oversight(self) -> OversightService:
        """Operations, and who did what."""
        ...


Who = Callable[[str, str], Awaitable[Actor]]
"""Slack's word on a person, at most 5 minutes old: (team, user) to an actor."""


@dataclass(frozen=True, slots=True)
class RestParts:
    """Services, and the way from a token to its owner.

    Attributes:
        begun: the operations that a turn began before.
        name_of: a Slack user's name, for sentences that mention one.
        public_url: how clients reach this server.
    """

    services: RestServices
    tokens: Tokens
    turns: TurnStore
    repeats: Repeats
    who: Who
    begun: Callable[[str], list[Operation]]
    name_of: Callable[[str, str], str]
    public_url: str
    clock: Clock
