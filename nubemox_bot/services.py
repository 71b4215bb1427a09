"""The inside of the bot, put together: services over durable operations.

It knows no edge: what tells people is handed in with `connect`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from nubemox_bot.accounts import views as account_views
from nubemox_bot.accounts.service import AccountService
from nubemox_bot.alerts.service import AlertService
from nubemox_bot.approvals.service import RequestService
from nubemox_bot.backups import views as backup_views
from nubemox_bot.charts import Painter
from nubemox_bot.cluster import views as cluster_views
from nubemox_bot.cluster.service import ClusterService
from nubemox_bot.consoles.service import ConsoleService
from nubemox_bot.core.actor import Actor, Origin
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.core.turn import Turn
from nubemox_bot.creation import views as creation_views
from nubemox_bot.creation.offers import OfferService
from nubemox_bot.creation.service import CreationService
from nubemox_bot.graphs.service import GraphService
from nubemox_bot.guests import views as guest_views
from nubemox_bot.guests.service import GuestService
from nubemox_bot.home.service import HomeService, Sources
from nubemox_bot.http.console.edge import ConsoleParts
from nubemox_bot.http.rest.parts import RestParts, Who
from nubemox_bot.leases.service import LeaseService
from nubemox_bot.life import views as life_views
from nubemox_bot.operations.engine import OperationEngine
from nubemox_bot.operations.follower import Follower, TaskEnd
from nubemox_bot.operations.model import Operation, State, Work
from nubemox_bot.operations.phrases import Phrases
from nubemox_bot.operations.service import OperationService
from nubemox_bot.operations.teller import Teller, Told
from nubemox_bot.operations.views import render
from nubemox_bot.oversight.checkup import CheckupService
from nubemox_bot.oversight.service import OversightService
from nubemox_bot.pve.tasks import PveTasks
from nubemox_bot.reports.service import Counts, ReportService
from nubemox_bot.schedules.service import ScheduleService
from nubemox_bot.settings import Settings
from nubemox_bot.snapshots import views as snapshot_views
from nubemox_bot.store.engine import Database
from nubemox_bot.tenancy import views as tenancy_views
from nubemox_bot.tenancy.model import Quota
from nubemox_bot.tenancy.service import TenantService
from nubemox_bot.tokens.service import TokenService
from nubemox_bot.wiring import (
    accounts,
    checkup,
    graphs,
    leases,
    life,
    power,
    rest,
    schedules,
    tenants,
)
from nubemox_bot.wiring.consoles import Consoles
from nubemox_bot.wiring.creation import Creation
from nubemox_bot.wiring.ground import Ground, Messenger
from nubemox_bot.wiring.home import Home
from nubemox_bot.wiring.jobs import Job
from nubemox_bot.wiring.languages import languages
from nubemox_bot.wiring.notices import deafness, notice_teller
from nubemox_bot.wiring.reports import Reports
from nubemox_bot.wiring.requests import Requests, default_quota
from nubemox_bot.wiring.upkeep import Upkeep
from nubemox_bot.wiring.watching import Watching

log = logging.getLogger("nubemox")

PHRASES: Mapping[str, Phrases] = {
    **creation_views.PHRASES,
    **guest_views.PHRASES,
    **tenancy_views.PHRASES,
    **cluster_views.PHRASES,
    **snapshot_views.PHRASES,
    **account_views.PHRASES,
    **backup_views.PHRASES,
    **life_views.PHRASES,
}
_WELL = (State.DONE, State.UNCHANGED)
_ENGINE_STOP_S = 1.5
_ANSWERED_S = 25.0
_SCHEDULES_S = 20.0


@dataclass(frozen=True, slots=True)
class Services(life.LifeServices):
    """What a command may use."""

    guests: GuestService
    graphs: GraphService
    cluster: ClusterService
    tenants: TenantService
    oversight: OversightService
    checkup: CheckupService
    tokens: TokenService
    leases: LeaseService
    creation: CreationService
    offers: OfferService
    consoles: ConsoleService
    accounts: AccountService
    schedules: ScheduleService
    requests: RequestService
    alerts: AlertService
    reports: ReportService
    home: HomeService
    default_quota: Quota
    admins: tuple[str, ...]
    lease_days: int
    rest_url: str

    def is_admin(self, actor: Actor) -> bool:
        """Whether to offer what only platform admins may do; what is pressed is asked again."""
        return actor.is_active and actor.user_id in self.admins


class _TaskEnds:
    """PVE's tasks as the follower wants them."""

    def __init__(self, tasks: PveTasks) -> None:
        self._tasks = tasks

    def end_of(self, upid: str) -> TaskEnd | None:
        """How the task ended, or None while it runs."""
        status = self._tasks.status(upid)
        if status.is_running:
            return None
        return TaskEnd(None if status.succeeded else life.why_it_failed(self._tasks, status))


class Inside:
    """Everything but the edges."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        key: str,
        replica: str,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        ground = Ground(settings, database, key=key, replica=replica, clock=clock, metrics=metrics)
        self._ground = ground
        self.turns = ground.turns
        self.people = ground.people
        self._making = Creation(ground)
        self._consoles = Consoles(ground)
        leases.keep(ground)
        works: dict[str, Work] = {
            **self._making.works(),
            **power.works(ground),
            **tenants.works(ground),
            **life.works(ground),
            **accounts.works(ground),
        }
        self._engine = OperationEngine(
            ground.operations,
            works,
            ground.freeze,
            clock,
            metrics,
            database_url=settings.database_url,
            executor_id=replica,
            on_running=self._task_began,
            on_ended=lambda _operation: self._teller.wake(),
        )
        self._follower = Follower(
            ground.operations,
            _TaskEnds(ground.tasks),
            works,
            clock,
            ways=self._engine,
            patience_s=settings.proxmox_task_timeout_s,
        )
        self._teller = Teller(
            ground.turns,
            ground.operations,
            ground.edge,
            clock,
            render=self._told,
            locale_of=ground.locale_of,
        )
        begun = OperationService(
            ground.operations, self._engine, ground.freeze, tell=self._teller.wake
        )
        self._upkeep = Upkeep(ground, self._engine)
        self._watching = Watching(ground)
        guests = power.guest_service(ground, begun)
        self._clockwork = schedules.clockwork(ground, guests, begun)
        self._requests = Requests(
            ground, begun, {**self._making.planners(), **life.planners(ground)}, self._teller.wake
        )
        painter = Painter()
        counts = Counts(
            self._watching.store.count_firing, ground.audit.head, self._requests.count_waiting
        )
        self._reports = Reports(ground, counts, painter)
        self._leases = leases.Leases(ground, begun)
        told = (self._requests, self._watching, self._reports, self._leases)
        self._deafness = deafness(ground)
        heard = (*told, self._deafness)
        renderers = {name: one for part in heard for name, one in part.renderers().items()}
        self._notices = notice_teller(ground, renderers, languages(ground))
        oversight = OversightService(
            ground.directory, ground.audit, ground.freeze, ground.operations
        )
        sources = Sources(
            guests,
            self._requests.service,
            self._leases.service,
            self._watching.service,
            oversight,
        )
        self._home = Home(ground, sources)
        self.home_tab = self._home.tab
        self._clocked = (*told, self._consoles, self._making, self._home)
        self._services = Services(
            **life.services(ground, begun, self._making.numbers, self._requests.service),
            guests=guests,
            graphs=graphs.graph_service(ground, painter),
            cluster=ClusterService(
                ground.directory,
                ground.tenants,
                ground.inventory,
                ground.pve_cluster,
                ground.templates,
                begun,
            ),
            tenants=tenants.tenant_service(ground, begun),
            oversight=oversight,
            checkup=checkup.checkup_service(ground),
            tokens=rest.token_service(ground),
            leases=self._leases.service,
            creation=self._making.service(self._requests.service),
            offers=self._making.offers(self._requests.service),
            consoles=self._consoles.service(),
            accounts=accounts.account_service(ground, begun),
            schedules=schedules.schedule_service(ground),
            requests=self._requests.service,
            alerts=self._watching.service,
            reports=self._reports.service,
            home=self._home.service,
            default_quota=default_quota(ground),
            admins=tuple(settings.nubemox_admins),
            lease_days=settings.nubemox_lease_days,
            rest_url=rest.url(ground),
        )

    def _task_began(self) -> None:
        self._follower.wake()

    def _told(self, turn: Turn, operations: Sequence[Operation], as_asked: bool) -> Told:
        """What the one message of a turn shows, and whether that is its end."""
        ended = all(operation.state.is_end for operation in operations)
        went_well = all(operation.state in _WELL for operation in operations)
        if turn.origin is Origin.JOB and (went_well or not ended):
            return Told(None, ended)  # nobody waits for what the clock does as it should
        ran = render(operations, PHRASES, as_asked=as_asked) if operations else None
        if asked := self._requests.told(turn.id, ran):
            return Told(asked.reply, ended and asked.final)
        return Told(ran or render([], PHRASES), ended)

    def services(self) -> Services:
        """What commands use."""
        return self._services

    def console_parts(self, who: Who) -> ConsoleParts:
        """What the console's edge stands on."""
        return self._consoles.parts(who)

    def rest_parts(self, who: Who) -> RestParts:
        """What the REST edge stands on; `who` is Slack's word on a person."""
        return rest.parts(self._ground, self._services, who)

    def jobs(self) -> Sequence[Job]:
        """Clock work, for the scheduler."""
        return (
            Job("schedules", _SCHEDULES_S, self._clockwork.look),
            *rest.jobs(self._ground),
            *self._upkeep.jobs(),
            *(job for part in self._clocked for job in part.jobs()),
        )

    def connect(
        self,
        messenger: Messenger,
        members_of: Callable[[str], frozenset[str]],
        who_is: Callable[[str, str, Origin], Actor],
    ) -> None:
        """Hand in the way to people, and Slack's word on usergroups and on who somebody is."""
        edge = self._ground.edge
        edge.messenger, edge.members_of, edge.who_was_asked = messenger, members_of, who_is

    def start(self) -> None:
        """Go on with what an earlier process left, and take new work."""
        self._engine.start()
        self._follower.start()
        self._teller.start()
        self._notices.start()

    def stop(self) -> None:
        """Begin nothing further; what is under way is found by the next start."""
        self._notices.stop()
        self._teller.stop()
        self._follower.stop()
        self._engine.stop(_ENGINE_STOP_S)

    def take_over(self, replica: str) -> None:
        """Go on with what a dead replica left."""
        taken = self._ground.operations.take_over(replica)
        self._engine.recover(replica)
        self._follower.wake()
        self._ground.notices.let_go(replica)
        log.warning("replica %s is dead; %s of its operations go on here", replica, taken)

    def ask_pve(self) -> object:
        """Whether Proxmox VE answers at all; what it answered a moment ago to others counts."""
        latest = self._ground.inventory.peek()
        if latest is not None and latest.age.total_seconds() < _ANSWERED_S:
            return latest
        return self._ground.pve_cluster.test()

    def hear_pve(self, body: object) -> bool:
        """Take a notification of PVE's in; False when it is none."""
        return self._watching.hear_pve(body)

    def tell_deafness(self, seconds: float) -> None:
        """Tell the ops channel that Slack was not heard for a while."""
        self._deafness.heard_again(seconds)
