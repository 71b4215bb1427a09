"""Everything that makes guests, on a simulated cluster, with nobody to ask for an approval."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, update

from nubemox_bot.approvals.model import Plan, Proposal, Submitted
from nubemox_bot.audit.log import AuditLog
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import SystemClock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.creation.drafting import Drafting
from nubemox_bot.creation.model import Blueprint, Order
from nubemox_bot.creation.numbers import Numbers
from nubemox_bot.creation.planner import CreationPlanner
from nubemox_bot.creation.pools import PoolChoice
from nubemox_bot.creation.service import CreationService
from nubemox_bot.creation.sources import Sources
from nubemox_bot.creation.store import KeyStore
from nubemox_bot.creation.work import CreationWork
from nubemox_bot.operations.engine import OperationEngine
from nubemox_bot.operations.follower import Follower
from nubemox_bot.operations.freeze import FreezeSwitch
from nubemox_bot.operations.model import Operation, State
from nubemox_bot.operations.store import OperationStore
from nubemox_bot.pve import provisioning
from nubemox_bot.pve.access import PveAccess
from nubemox_bot.pve.cluster import PveCluster
from nubemox_bot.pve.grounds import PveGrounds
from nubemox_bot.pve.guests import PveGuests
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import GuestKind
from nubemox_bot.pve.storage import PveStorages
from nubemox_bot.pve.tasks import PveTasks
from nubemox_bot.pve.templates import PveTemplates
from nubemox_bot.services import _TaskEnds
from nubemox_bot.store.engine import Database
from nubemox_bot.store.flags import FlagStore
from nubemox_bot.store.tables import tenants
from nubemox_bot.store.vmids import VmidStore
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.model import Member, Role, TenantState
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.tenancy.store import TenantStore
from playground.cluster import SimulatedCluster
from tests.clusters import client_of
from tests.databases import BOX
from tests.operations.bench import until

ANA = Actor("T1", "U0ANA", name="ana")
VIC = Actor("T1", "U0VIC", name="vic")
OLGA = Actor("T1", "U0OLGA", name="olga")
BRUNO = Actor("T1", "U0BRUNO", name="bruno")
CARLA = Actor("T1", "U0CARLA", name="carla")


class NoUsergroups:
    def members(self, team_id: str, usergroup_id: str) -> frozenset[str] | None:
        return None


class AtOnce:
    """Stands in for requests: whatever is asked for runs, and quotas are no matter."""

    def __init__(self, planner: CreationPlanner, workshop: Workshop) -> None:
        self._planner = planner
        self._workshop = workshop

    def earlier(self, actor: Actor, turn_id: str) -> Submitted | None:
        self._workshop.freeze.check()
        return None

    def submit(
        self,
        actor: Actor,
        turn_id: str,
        action: str,
        spec: Mapping[str, Any],
        reason: str = "",
        also: Callable[[Connection], None] | None = None,
    ) -> Submitted:
        proposal = self._planner.propose(actor, spec)
        self._workshop.proposals.append(proposal)
        (operation,) = self._workshop.operations.begin(actor, turn_id, [proposal.wish], also)
        self._workshop.engine.submit(operation)
        return Submitted(None, operation)  # type: ignore[arg-type]

    def dry_run(self, actor: Actor, action: str, spec: Mapping[str, Any]) -> Plan:
        return self._planner.propose(actor, spec).plan


class Workshop:
    """The parts, and how to ask for a guest."""

    def __init__(
        self, cluster: SimulatedCluster, database: Database, *, default_node: str = ""
    ) -> None:
        self.cluster, self.database = cluster, database
        clock, metrics = SystemClock(), Metrics()
        self.audit = AuditLog(database, BOX.derived("audit"), clock)
        self.freeze = FreezeSwitch(database, FlagStore(database), self.audit, clock)
        self.client = client_of(
            cluster,
            timeout_s=2,
            metrics=metrics,
            clock=clock,
            before_mutation=self.freeze.check,
        )
        self.inventory = Inventory(self.client, clock, metrics)
        self.tenants = TenantStore(database, BOX, clock)
        self.directory = Directory(self.tenants, NoUsergroups(), self.audit, [CARLA.user_id])
        self.operations = OperationStore(database, self.audit, clock, "local")
        pve_cluster = PveCluster(self.client, self.inventory, clock)
        storages = PveStorages(self.client, self.inventory)
        self.numbers = Numbers(VmidStore(database, clock), self.inventory, storages, 10_000)
        self.sources = Sources(
            self.client, PveTemplates(storages, self.inventory, clock), storages, self.tenants
        )
        grounds = PveGrounds(self.client, PveAccess(self.client), pve_cluster, clock)
        self.drafting = Drafting(
            self.inventory, self.sources, grounds, default_node=default_node, lease_days=30
        )
        self.planner = CreationPlanner(
            self.directory, self.tenants, self.drafting, self.inventory, self.client
        )
        self.pools = PoolChoice(self.directory, self.tenants, self.inventory)
        self.keys = KeyStore(database, clock)
        tasks = PveTasks(self.client)
        self.work = CreationWork(
            self.client,
            self.inventory,
            self.numbers,
            PveGuests(pve_cluster),
            tasks,
            clock,
            address_patience_s=0.3,
        )
        self.ended: list[Operation] = []
        self.engine = OperationEngine(
            self.operations,
            {Action.GUEST_CREATE: self.work},
            self.freeze,
            clock,
            metrics,
            database_url=database.url,
            executor_id="local",
            on_running=self._task_began,
            on_ended=self.ended.append,
        )
        self.follower = Follower(
            self.operations,
            _TaskEnds(tasks),
            {Action.GUEST_CREATE: self.work},
            clock,
            ways=self.engine,
            patience_s=60,
        )
        self.proposals: list[Proposal] = []
        self.service = CreationService(
            self.directory,
            self.pools,
            self.drafting,
            self.planner,
            self.numbers,
            self.keys,
            AtOnce(self.planner, self),
        )
        self._turns = 0

    def _task_began(self) -> None:
        self.follower.wake()

    def start(self) -> None:
        self.engine.start()
        self.follower.start()

    def stop(self) -> None:
        self.follower.stop()
        self.engine.stop(5)
        self.client.close()

    def add_tenant(self, name: str, *people: tuple[Actor, Role]) -> str:
        tenant_id = f"ten_{name}"
        with self.database.write() as connection:
            self.tenants.add(
                connection,
                tenant_id=tenant_id,
                name=name,
                poolid=name,
                channel_id=None,
                pve_userid=f"t-{name}@pve",
                pve_tokenid="nubemox",
                created_by=CARLA.user_id,
            )
            connection.execute(
                update(tenants)
                .where(tenants.c.id == tenant_id)
                .values(state=TenantState.READY.value)
            )
            for actor, role in people:
                self.tenants.put_member(
                    connection,
                    SystemClock(),
                    Member(tenant_id, actor.team_id, actor.user_id, role),
                    CARLA.user_id,
                )
        return tenant_id

    # ------------------------------------------------------------------ asking

    def asks(self, actor: Actor = ANA, **order: Any) -> Operation:
        """Somebody asks for a container; the operation that began."""
        self._turns += 1
        submitted = self.service.create(actor, ct(**order), f"turn_{self._turns}")
        assert submitted.operation is not None
        return submitted.operation

    def gets(self, actor: Actor = ANA, **order: Any) -> Operation:
        """... and waits for its end."""
        return self.end_of(self.asks(actor, **order))

    def end_of(self, operation: Operation) -> Operation:
        def ended() -> Operation | None:
            found = self.operations.get(operation.id)
            assert found is not None
            return found if found.state.is_end else None

        found = until(ended)
        assert found is not None
        return found

    def made(self, **order: Any) -> Operation:
        """... and it ends well."""
        operation = self.gets(**order)
        assert operation.state is State.DONE, (operation.error_code, operation.error_data)
        return operation

    def state_of(self, operation: Operation) -> State:
        found = self.operations.get(operation.id)
        assert found is not None
        return found.state

    def until_called(self, operation: Operation, task: str = "") -> None:
        """Until Proxmox VE has begun the first task of an operation, or one of this type."""

        def called() -> bool:
            found = self.operations.get(operation.id)
            assert found is not None
            return (bool(found.upid) and f":{task}" in (found.upid or "")) or any(
                f":{task}:" in str(found.results.get(key, "")) for key in ("start_upid",) if task
            )

        until(called)

    def before_creating(self, happens: Callable[[], object]) -> None:
        """Something that somebody does right before the first call to Proxmox VE."""
        making = self.work._making
        first = making.create

        def create(operation: Operation, blueprint: Blueprint, *, again: bool) -> Any:
            making.create = first  # type: ignore[method-assign]
            happens()
            return first(operation, blueprint, again=again)

        making.create = create  # type: ignore[method-assign]

    def config(self, vmid: int) -> Mapping[str, Any]:
        """A guest's configuration as PVE has it."""
        guest = self.inventory.fresh().by_vmid(vmid)
        assert guest is not None
        return provisioning.config(self.client, guest).raw


def ct(**said: Any) -> Order:
    """An order for a small Debian container, but for what is said."""
    given = {"kind": GuestKind.LXC, "name": "web-7", "template": "debian-12"}
    return Order(**{**given, **said})


def vm(**said: Any) -> dict[str, Any]:
    """An order for a virtual machine, in words for `asks`."""
    return {"kind": GuestKind.QEMU, "name": "vm-7", "template": "debian-12", **said}


def refusal(workshop: Workshop, actor: Actor = ANA, **order: Any) -> NubemoxError:
    """Why somebody gets none."""
    try:
        workshop.asks(actor, **order)
    except NubemoxError as error:
        return error
    raise AssertionError("it was taken")
