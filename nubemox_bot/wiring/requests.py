"""Requests, their quotas, who is told of them, and what happens to them by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil

from nubemox_bot.approvals import views
from nubemox_bot.approvals.deciders import Deciders
from nubemox_bot.approvals.increase import IncreasePlanner
from nubemox_bot.approvals.model import Amounts, Planner
from nubemox_bot.approvals.parts import Parts, deciders_of
from nubemox_bot.approvals.quota import QuotaBook
from nubemox_bot.approvals.rendering import PREFIX, RequestRenderer
from nubemox_bot.approvals.service import RequestService
from nubemox_bot.approvals.sizes import SizeBook
from nubemox_bot.approvals.store import RequestStore
from nubemox_bot.approvals.telling import Telling
from nubemox_bot.approvals.upkeep import RequestUpkeep
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.notices.model import Renderer
from nubemox_bot.operations.service import OperationService
from nubemox_bot.operations.teller import Told
from nubemox_bot.pve import provisioning
from nubemox_bot.pve.model import Guest
from nubemox_bot.tenancy.model import Quota
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.wiring.ground import Ground
from nubemox_bot.wiring.jobs import Job

_LOOK_S = 15.0
_SIZES_S = 60.0


class Requests:
    """The parts of requests, put together once.

    Args:
        planners: of every action that is asked for, by action.
        tell: wakes whoever keeps the messages of turns true.
    """

    def __init__(
        self,
        ground: Ground,
        begun: OperationService,
        planners: Mapping[str, Planner],
        tell: Callable[[], None],
    ) -> None:
        settings = ground.settings
        store = RequestStore(ground.database, ground.clock, ground.replica)
        sizes = SizeBook(ground.database, ground.inventory, _figures(ground), ground.clock)
        quota = QuotaBook(ground.inventory, sizes, default_quota(ground))
        telling = Telling(ground.notices, store, settings.nubemox_approval_channel)
        deciders = Deciders(ground.directory, ground.edge.who_is)
        raising = IncreasePlanner(ground.directory, ground.tenants, quota)
        self._parts = Parts(
            database=ground.database,
            store=store,
            quota=quota,
            inventory=ground.inventory,
            directory=ground.directory,
            deciders=deciders,
            tenants=ground.tenants,
            operations=begun,
            begun=ground.operations,
            freeze=ground.freeze,
            log=ground.audit,
            telling=telling,
            clock=ground.clock,
            actor_of=ground.edge.who_is,
            planners={**planners, Action.TENANT_QUOTA: raising},
            limits=settings.nubemox_auto_approve,
            hours=settings.nubemox_approval_hours,
            tell=tell,
            look_anew=ground.templates.forget,
        )
        self.service = RequestService(self._parts)
        self._upkeep = RequestUpkeep(
            ground.database, store, telling, deciders, ground.audit, ground.clock, sizes,
            ground.tenants,
        )  # fmt: skip
        ground.operations.when_ended(self._upkeep.ended)

    def renderers(self) -> Mapping[str, Renderer]:
        """What the notices of requests show."""
        return {PREFIX: RequestRenderer(self._parts)}

    def jobs(self) -> Sequence[Job]:
        """Reminders, the admins, the end; and how large guests are."""
        return (
            Job("requests", _LOOK_S, self._upkeep.look, soon=True),
            Job("guest-sizes", _SIZES_S, self._upkeep.learn_sizes),
        )

    def count_waiting(self) -> int:
        """How many wait for a decision."""
        return self._parts.store.count_pending()

    def told(self, turn_id: str, ran: Reply | None) -> Told | None:
        """What a turn's message shows where it asked for something; None where it did not.

        Args:
            turn_id: the turn.
            ran: what its operation shows, once there is one.
        """
        request = self._parts.store.of_turn(turn_id)
        if request is None:
            return None
        if ran is not None:
            return Told(views.with_decision(ran, request), request.state.is_end)
        return Told(views.waiting(request, deciders_of(self._parts, request)), request.state.is_end)


def default_quota(ground: Ground) -> Quota:
    """The ceilings of a tenant that has none of its own."""
    quota = ground.settings.nubemox_default_quota
    return Quota(quota.guests, quota.cores, quota.memory, quota.disk)


def _figures(ground: Ground) -> Callable[[Guest], Amounts]:
    """How large a guest is by its own configuration, once it has been restarted."""

    def read(guest: Guest) -> Amounts:
        config = provisioning.config(ground.client, guest, next_start=True)
        return Amounts(
            guests=1,
            cores=config.cores or ceil(guest.max_cpu),
            memory_mib=config.memory_mib,
            disk_gib=sum(ceil(disk.size_gib) for disk in config.disks if disk.holds_data),
        )

    return read
