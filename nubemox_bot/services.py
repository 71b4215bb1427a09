"""The inside of the bot, put together: stores, Proxmox VE, services and durable operations.

It knows no edge: what tells people is handed in with `connect`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.cluster import views as cluster_views
from nubemox_bot.cluster.service import ClusterService
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.core.turn import Turn
from nubemox_bot.guests import views as guest_views
from nubemox_bot.guests.access import GuestAccess
from nubemox_bot.guests.power import PowerWork
from nubemox_bot.guests.service import GuestService
from nubemox_bot.operations import teller
from nubemox_bot.operations.engine import OperationEngine
from nubemox_bot.operations.follower import Follower, TaskEnd
from nubemox_bot.operations.freeze import FreezeSwitch
from nubemox_bot.operations.model import Operation, Work
from nubemox_bot.operations.phrases import Phrases
from nubemox_bot.operations.service import OperationService
from nubemox_bot.operations.store import OperationStore
from nubemox_bot.operations.views import render
from nubemox_bot.oversight import views as oversight_views
from nubemox_bot.oversight.service import OversightService
from nubemox_bot.pve.access import PveAccess
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.cluster import PveCluster
from nubemox_bot.pve.guests import PveGuests
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import Credential
from nubemox_bot.pve.pools import PvePools
from nubemox_bot.pve.storage import PveStorages
from nubemox_bot.pve.tasks import PveTasks
from nubemox_bot.pve.templates import PveTemplates
from nubemox_bot.pve.translation import task_error
from nubemox_bot.pve.usercfg import UserCfgWriter
from nubemox_bot.settings import Settings
from nubemox_bot.store.engine import Database
from nubemox_bot.store.flags import FlagStore
from nubemox_bot.store.people import PeopleStore
from nubemox_bot.store.secretbox import SecretBox
from nubemox_bot.store.turns import TurnStore
from nubemox_bot.tenancy import views as tenancy_views
from nubemox_bot.tenancy.clients import TenantClients
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.drift import DriftWatch
from nubemox_bot.tenancy.model import ADMIT_PERSON, DISMISS_PERSON, Quota
from nubemox_bot.tenancy.onboarding import (
    AdmitPersonWork,
    CreatePoolWork,
    CreateTenantWork,
    DismissPersonWork,
    RepairTenantWork,
    TenantPve,
)
from nubemox_bot.tenancy.plans import TenantPlans
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.tenancy.service import TenantService
from nubemox_bot.tenancy.store import TenantStore

log = logging.getLogger("nubemox")

PHRASES: Mapping[str, Phrases] = {
    **guest_views.PHRASES,
    **tenancy_views.PHRASES,
    **cluster_views.PHRASES,
}
_ENGINE_STOP_S = 1.5
_DEAF_WORTH_TELLING_S = 60.0


@dataclass(frozen=True, slots=True)
class Services:
    """What a command may use."""

    guests: GuestService
    cluster: ClusterService
    tenants: TenantService
    oversight: OversightService
    default_quota: Quota
    admins: tuple[str, ...]

    def is_admin(self, actor: Actor) -> bool:
        """Whether to offer what only platform admins may do; what is pressed is asked again."""
        return actor.is_active and actor.user_id in self.admins


class Messenger(teller.Messenger, Protocol):
    """The way to people, behind an edge's outbound gateway."""

    def post(self, channel: str, reply: Reply) -> object:
        """Post to a channel that nobody asked in."""
        ...


class _Later:
    """Stands in for an edge until there is one."""

    def __init__(self) -> None:
        self.messenger: Messenger | None = None
        self.members_of: Callable[[str], frozenset[str]] | None = None

    def members(self, team_id: str, usergroup_id: str) -> frozenset[str] | None:
        """Who is in a Slack usergroup; None when that cannot be known now."""
        del team_id  # usergroups are the own workspace's alone
        if self.members_of is None:
            return None
        try:
            return self.members_of(usergroup_id)
        except NubemoxError as error:
            log.warning("a usergroup cannot be read, so it counts as empty: %s", error)
            return None

    def deliver(
        self, turn: Turn, reply: Reply, at: tuple[str, str] | None, *, final: bool
    ) -> tuple[str, str] | None:
        """Hand a turn's message to the edge."""
        if self.messenger is None:
            raise _NotConnected
        return self.messenger.deliver(turn, reply, at, final=final)


class _NotConnected(NubemoxError):
    """There is no edge yet; told again later."""


class _TaskEnds:
    """PVE's tasks as the follower wants them."""

    def __init__(self, tasks: PveTasks) -> None:
        self._tasks = tasks

    def end_of(self, upid: str) -> TaskEnd | None:
        """How the task ended, or None while it runs."""
        status = self._tasks.status(upid)
        if status.is_running:
            return None
        return TaskEnd(None if status.succeeded else task_error(status))


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
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._edge = _Later()
        box = SecretBox(key)
        audit = AuditLog(database, box.derived("audit"), clock)
        self.turns = TurnStore(database, box, clock, replica)
        self.people = PeopleStore(database)
        self._freeze = FreezeSwitch(database, FlagStore(database), audit, clock)
        self._tenants = TenantStore(database, box, clock)
        self._operations = OperationStore(database, audit, clock, replica)
        directory = Directory(self._tenants, self._edge, audit, settings.nubemox_admins)

        client = self._make_client()
        self._inventory = Inventory(client, clock, metrics)
        self._pve_cluster = PveCluster(client, self._inventory, clock)
        guests = PveGuests(self._pve_cluster)
        tasks = PveTasks(client)
        clients = TenantClients(client, self._tenants)
        self._access = GuestAccess(directory, self._tenants, clients, self._inventory)
        writer = UserCfgWriter(client)
        access, pools = PveAccess(client, writer), PvePools(client, writer)
        role = settings.nubemox_pve_role
        tenant_pve = TenantPve(
            self._tenants, access, pools, group=settings.nubemox_pve_group, role=role
        )
        power = PowerWork(
            self._tenants, clients, self._inventory, guests, tasks, self._operations.upids_of
        )
        works: dict[str, Work] = {
            Action.GUEST_START: power,
            Action.GUEST_STOP: power,
            Action.GUEST_FORCE_STOP: power,
            Action.GUEST_REBOOT: power,
            Action.TENANT_CREATE: CreateTenantWork(self._tenants, tenant_pve),
            Action.TENANT_REPAIR: RepairTenantWork(self._tenants, tenant_pve),
            ADMIT_PERSON: AdmitPersonWork(self._tenants, tenant_pve),
            DISMISS_PERSON: DismissPersonWork(self._tenants, tenant_pve),
            Action.POOL_CREATE: CreatePoolWork(pools),
        }
        self._engine = OperationEngine(
            self._operations,
            works,
            self._freeze,
            clock,
            metrics,
            database_url=settings.database_url,
            executor_id=replica,
            on_running=lambda: self._follower.wake(),
            on_ended=lambda _operation: self._teller.wake(),
        )
        self._follower = Follower(
            self._operations,
            _TaskEnds(tasks),
            works,
            clock,
            ways=self._engine,
            patience_s=settings.proxmox_task_timeout_s,
        )
        self._teller = teller.Teller(
            self.turns,
            self._operations,
            self._edge,
            clock,
            render=_rendered,
            locale_of=self._locale_of,
        )
        begun = OperationService(
            self._operations, self._engine, self._freeze, tell=self._teller.wake
        )
        self._drift = DriftWatch(self._tenants, access, self._inventory, database, clock, role=role)
        quota = settings.nubemox_default_quota
        self._services = Services(
            guests=GuestService(self._access, guests, begun),
            cluster=ClusterService(
                directory,
                self._tenants,
                self._inventory,
                self._pve_cluster,
                PveTemplates(PveStorages(client, self._inventory), self._inventory, clock),
                begun,
            ),
            tenants=TenantService(
                directory,
                self._tenants,
                begun,
                self._freeze,
                database,
                audit,
                clock,
                TenantPlans(group=settings.nubemox_pve_group, role=role),
            ),
            oversight=OversightService(directory, audit, self._freeze),
            default_quota=Quota(quota.guests, quota.cores, quota.memory, quota.disk),
            admins=tuple(settings.nubemox_admins),
        )

    def _make_client(self) -> PveClient:
        settings = self._settings
        if not settings.proxmox_verify_ssl:
            log.warning("PROXMOX_VERIFY_SSL is false: any certificate of Proxmox VE is accepted")
        return PveClient(
            settings.proxmox_host,
            Credential(
                settings.proxmox_user,
                settings.proxmox_api_token_name,
                settings.proxmox_api_token_value.get_secret_value(),
            ),
            verify=settings.proxmox_verify_ssl and (settings.proxmox_ca_file or True),
            timeout_s=settings.proxmox_timeout_s,
            metrics=self._metrics,
            clock=self._clock,
            before_mutation=self._freeze.check,
        )

    def services(self) -> Services:
        """What commands use."""
        return self._services

    def connect(self, messenger: Messenger, members_of: Callable[[str], frozenset[str]]) -> None:
        """Hand in the way to people, and Slack's word on usergroups."""
        self._edge.messenger = messenger
        self._edge.members_of = members_of

    def start(self) -> None:
        """Go on with what an earlier process left, and take new work."""
        self._engine.start()
        self._follower.start()
        self._teller.start()

    def stop(self) -> None:
        """Begin nothing further; what is under way is found by the next start."""
        self._teller.stop()
        self._follower.stop()
        self._engine.stop(_ENGINE_STOP_S)

    def take_over(self, replica: str) -> None:
        """Go on with what a dead replica left."""
        taken = self._operations.take_over(replica)
        self._engine.recover(replica)
        self._follower.wake()
        log.warning("replica %s is dead; %s of its operations go on here", replica, taken)

    def ask_pve(self) -> object:
        """Whether Proxmox VE answers at all."""
        return self._pve_cluster.test()

    def look_for_drift(self) -> None:
        """Compare with PVE and tell the ops channel what is new."""
        found, untold = self._drift.look()
        self._metrics.drift.set(len(found))
        for one in untold:
            log.warning("drift: %s", one.key)
        if untold and self._tell_ops(oversight_views.drift(untold)):
            self._drift.told(untold)

    def tell_deafness(self, seconds: float) -> None:
        """Tell the ops channel that Slack was not heard for a while."""
        log.warning("slack was not heard for %.0f s", seconds)
        if seconds >= _DEAF_WORTH_TELLING_S:
            self._tell_ops(oversight_views.deaf(seconds))

    def forget_old(self) -> None:
        """Drop what nobody needs any more."""
        log.info("%s old turns forgotten", self.turns.forget_old())

    def _tell_ops(self, reply: Reply) -> bool:
        channel = self._settings.nubemox_ops_channel
        if not channel or self._edge.messenger is None:
            return False
        try:
            self._edge.messenger.post(channel, reply)
        except NubemoxError as error:
            log.warning("the ops channel was not told: %s", error)
            return False
        return True

    def _locale_of(self, team_id: str, user_id: str) -> str:
        person = self.people.get(team_id, user_id)
        return person.locale if person else "en"


def _rendered(turn: Turn, operations: Sequence[Operation], as_asked: bool) -> teller.Told:
    del turn  # what it began tells all
    ended = all(operation.state.is_end for operation in operations)
    return teller.Told(render(operations, PHRASES, as_asked=as_asked), ended)
