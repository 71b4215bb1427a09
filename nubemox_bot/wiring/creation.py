"""New guests: where they go, under which number, how they are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nubemox_bot.approvals.model import AMOUNTS, Amounts, Planner
from nubemox_bot.approvals.service import RequestService
from nubemox_bot.creation.drafting import Drafting
from nubemox_bot.creation.numbers import Numbers, patient_storages
from nubemox_bot.creation.offers import OfferService
from nubemox_bot.creation.planner import CreationPlanner
from nubemox_bot.creation.pools import PoolChoice
from nubemox_bot.creation.service import CreationService
from nubemox_bot.creation.sources import Sources
from nubemox_bot.creation.store import KeyStore
from nubemox_bot.creation.work import CreationWork
from nubemox_bot.operations.model import Work
from nubemox_bot.store.vmids import VmidStore
from nubemox_bot.tenancy.model import Tenant
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.wiring.ground import Ground
from nubemox_bot.wiring.jobs import Job
from nubemox_bot.wiring.requests import default_quota

_NUMBERS_S = 3600.0


class Creation:
    """The parts of making guests, put together once."""

    def __init__(self, ground: Ground) -> None:
        settings = ground.settings
        self._ground = ground
        self.numbers = Numbers(
            VmidStore(ground.database, ground.clock),
            ground.inventory,
            patient_storages(ground.client, ground.inventory),
            settings.nubemox_vmid_first,
        )
        self._sources = Sources(ground.client, ground.templates, ground.storages, ground.tenants)
        self._drafting = Drafting(
            ground.inventory,
            self._sources,
            ground.grounds,
            default_node=settings.proxmox_default_node,
            lease_days=settings.nubemox_lease_days,
        )
        self._planner = CreationPlanner(
            ground.directory, ground.tenants, self._drafting, ground.inventory, ground.client
        )
        self._pools = PoolChoice(ground.directory, ground.tenants, ground.inventory)
        self._keys = KeyStore(ground.database, ground.clock)

    def works(self) -> Mapping[str, Work]:
        """How guests are made."""
        ground = self._ground
        work = CreationWork(
            ground.client,
            ground.inventory,
            self.numbers,
            ground.guests,
            ground.tasks,
            ground.clock,
        )
        return {Action.GUEST_CREATE: work}

    def planners(self) -> Mapping[str, Planner]:
        """How they are proposed."""
        return {Action.GUEST_CREATE: self._planner}

    def service(self, requests: RequestService) -> CreationService:
        """New guests as owners ask for them."""
        return CreationService(
            self._ground.directory,
            self._pools,
            self._drafting,
            self._planner,
            self.numbers,
            self._keys,
            requests,
        )

    def offers(self, requests: RequestService) -> OfferService:
        """The form."""
        ground = self._ground
        return OfferService(
            ground.directory,
            self._pools,
            ground.inventory,
            self._drafting,
            self._sources,
            self.numbers,
            self._keys,
            requests,
            self._ceiling,
        )

    def _ceiling(self, tenant: Tenant) -> Amounts:
        """How much a tenant may use: its own quota, and the platform's where it has none."""
        default = default_quota(self._ground)
        given = {name: getattr(tenant.quota, name) for name in AMOUNTS}
        return Amounts.of(
            {
                name: (getattr(default, name) or 0) if value is None else value
                for name, value in given.items()
            }
        )

    def jobs(self) -> Sequence[Job]:
        """The sequence of numbers, above everything in use."""

        def raise_numbers() -> None:
            self.numbers.raise_now()

        return (Job("vmids", _NUMBERS_S, raise_numbers, alone=False, soon=True),)
