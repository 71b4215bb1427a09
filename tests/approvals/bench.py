"""Requests over a store of their own, a cluster of words, and a planner that a test steers."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import update

from nubemox_bot.approvals.deciders import Deciders
from nubemox_bot.approvals.increase import IncreasePlanner
from nubemox_bot.approvals.model import Amounts, Plan, Proposal, Request, Submitted
from nubemox_bot.approvals.parts import Parts
from nubemox_bot.approvals.quota import QuotaBook
from nubemox_bot.approvals.service import RequestService
from nubemox_bot.approvals.sizes import SizeBook
from nubemox_bot.approvals.store import RequestStore
from nubemox_bot.approvals.telling import Telling
from nubemox_bot.approvals.upkeep import RequestUpkeep
from nubemox_bot.audit.log import AuditLog
from nubemox_bot.core.actor import Actor, Origin, Standing
from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.notices.store import NoticeStore
from nubemox_bot.operations.freeze import FreezeSwitch
from nubemox_bot.operations.model import Operation, State, Wish
from nubemox_bot.operations.service import OperationService
from nubemox_bot.operations.store import OperationStore
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import Guest
from nubemox_bot.pve.paths import PvePath
from nubemox_bot.store.engine import Database
from nubemox_bot.store.flags import FlagStore
from nubemox_bot.store.tables import notices, operations, tenants
from nubemox_bot.store.turns import TurnStore
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.model import Member, PveCall, Quota, Role, TenantState
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.tenancy.store import TenantStore
from tests.databases import BOX, HeldClock, a_turn

GIB, MIB = 1024**3, 1024**2
CREATE = Action.GUEST_CREATE
TEAM = "T1"
ANA, BRUNO, CARLA, DORA, EVA = "U0ANA", "U0BRUNO", "U0CARLA", "U0DORA", "U0EVA"


class CannotPlan(NubemoxError):
    """The planner's no."""

    kind = Kind.CONFLICT
    text = "It cannot be."


class Cluster:
    """What `/cluster/resources` says, and what each guest's configuration says."""

    def __init__(self) -> None:
        self.guests: dict[int, dict[str, Any]] = {}
        self.disks: dict[int, int] = {}
        self.storage_free = 1000 * GIB
        self.node_free = 64 * GIB
        self.unreadable: set[int] = set()
        self.read: list[int] = []

    def add(
        self, vmid: int, *, cores: int = 1, memory: int = 1024, disk: int = 8, more_disk: int = 0,
        pool: str = "acme", has_figures: bool = True,
    ) -> None:  # fmt: skip
        row: dict[str, Any] = {"vmid": vmid, "type": "lxc", "node": "pve1", "pool": pool,
                               "name": f"guest-{vmid}"}  # fmt: skip
        if has_figures:
            row |= {"maxcpu": cores, "maxmem": memory * MIB, "maxdisk": disk * GIB}
        self.guests[vmid] = row | {"cores": cores, "memory": memory}
        self.disks[vmid] = disk + more_disk

    def get(self, path: PvePath, /, **params: object) -> Any:
        del path, params
        return [
            *self.guests.values(),
            {"type": "node", "node": "pve1", "status": "online", "maxcpu": 16,
             "maxmem": 128 * GIB, "mem": 128 * GIB - self.node_free},
            {"type": "storage", "storage": "ceph", "node": "pve1", "status": "available",
             "shared": 1, "maxdisk": 2000 * GIB, "disk": 2000 * GIB - self.storage_free},
        ]  # fmt: skip

    def figures(self, guest: Guest) -> Amounts:
        self.read.append(guest.vmid)
        if guest.vmid in self.unreadable:
            raise CannotPlan
        row = self.guests[guest.vmid]
        return Amounts(1, row["cores"], row["memory"], self.disks[guest.vmid])


@dataclass
class TestPlanner:
    """Plans a guest of the asked size; a test turns the world around it."""

    __test__ = False

    directory: Directory
    store: TenantStore
    node: str = "pve1"
    template: str = "debian-12"
    refuses: NubemoxError | None = None
    poolid: str | None = "acme"
    asked: list[Actor] = field(default_factory=list)

    def propose(self, actor: Actor, spec: Mapping[str, Any]) -> Proposal:
        self.asked.append(actor)
        if self.refuses:
            raise self.refuses
        tenant = self.store.find(str(spec.get("tenant", "acme")))
        assert tenant is not None
        verdict = self.directory.allow(self.directory.caller(actor), CREATE, tenant)
        vmid, cores = int(spec.get("vmid", 0)), int(spec["cores"])
        size = Amounts(1, cores, int(spec["memory_mib"]), int(spec["disk_gib"]))
        stable = {"node": self.node, "template": self.template, "poolid": tenant.poolid,
                  "cores": cores, "memory_mib": size.memory_mib, "disk_gib": size.disk_gib,
                  "unprivileged": 1}  # fmt: skip
        call = PveCall("POST", f"/nodes/{self.node}/lxc", {"cores": cores, "unprivileged": 1})
        return Proposal(
            wish=Wish(CREATE, f"guest:{spec.get('name')}:{vmid}", verdict.reason, kind="lxc",
                      vmid=vmid or None, name=str(spec.get("name", "web-7")), node=self.node,
                      poolid=self.poolid, tenant_id=tenant.id, parameters={"cores": cores}),
            plan=Plan((call,), stable),
            adds=size,
            spec=dict(spec),
            size=size,
            node=self.node,
            storage="ceph",
            days=spec.get("days"),
        )  # fmt: skip


class Engine:
    """Remembers what it was given to drive."""

    def __init__(self) -> None:
        self.driven: list[str] = []

    def submit(self, *begun: Operation) -> None:
        self.driven += [one.id for one in begun if one.state is State.QUEUED]


class Groups:
    """Slack's usergroups."""

    def __init__(self) -> None:
        self.people: dict[str, frozenset[str] | None] = {}

    def members(self, team_id: str, usergroup_id: str) -> frozenset[str] | None:
        del team_id
        return self.people.get(usergroup_id, frozenset())


class Bench:
    """Two tenants, five people: ana owns acme, carla runs the platform, dora approves too."""

    def __init__(self, database: Database, clock: HeldClock) -> None:
        self.database, self.clock = database, clock
        self.cluster, self.engine, self.groups = Cluster(), Engine(), Groups()
        self.standings: dict[str, Standing] = {}
        self.approvers: tuple[str, ...] = (CARLA, DORA)
        self.limits: dict[str, int] = {}
        self.channel, self.hours, self.replica = "C0APPROVE", 24.0, "r1"
        self._numbers = itertools.count(1)
        self._prepared = False
        self.start()
        self.add_tenant("acme", {ANA: Role.OWNER, EVA: Role.OPERATOR})
        self.add_tenant("globex", {BRUNO: Role.OWNER})

    def start(self, **changed: Any) -> None:
        """A process begins, with the settings that it is given; what was stored stays."""
        for name, value in changed.items():
            setattr(self, name, value)
        database, clock = self.database, self.clock
        self.log = AuditLog(database, [b"key"], clock)
        self.turns = TurnStore(database, BOX, clock, self.replica)
        self.tenants = TenantStore(database, BOX, clock)
        self.directory = Directory(self.tenants, self.groups, self.log, [CARLA], self.approvers)
        self.begun = OperationStore(database, self.log, clock, self.replica)
        self.freeze = FreezeSwitch(database, FlagStore(database), self.log, clock)
        inventory = Inventory(self.cluster, clock, Metrics())
        self.store = RequestStore(database, clock, self.replica)
        self.sizes = SizeBook(database, inventory, self.cluster.figures, clock)
        self.quota = QuotaBook(inventory, self.sizes, Quota(10, 20, 40960, 500))
        self.notices = NoticeStore(database, clock, self.replica)
        telling = Telling(self.notices, self.store, self.channel)
        deciders = Deciders(self.directory, self._actor_of)
        self.planner = TestPlanner(self.directory, self.tenants)
        raising = IncreasePlanner(self.directory, self.tenants, self.quota)
        self.parts = Parts(
            database=database,
            store=self.store,
            quota=self.quota,
            inventory=inventory,
            directory=self.directory,
            deciders=deciders,
            tenants=self.tenants,
            operations=OperationService(self.begun, self.engine, self.freeze, tell=lambda: None),  # type: ignore[arg-type]
            begun=self.begun,
            freeze=self.freeze,
            log=self.log,
            telling=telling,
            clock=clock,
            actor_of=self._actor_of,
            planners={CREATE: self.planner, Action.TENANT_QUOTA: raising},
            limits=self.limits,
            hours=self.hours,
            tell=lambda: None,
            look_anew=lambda: None,
        )
        self.service = RequestService(self.parts)
        self.upkeep = RequestUpkeep(database, self.store, telling, deciders, self.log, clock,
                                    self.sizes, self.tenants)  # fmt: skip
        self.begun.when_ended(self.upkeep.ended)

    def _actor_of(self, team_id: str, user_id: str, origin: Origin) -> Actor:
        standing = self.standings.get(user_id, Standing.ACTIVE)
        return Actor(team_id, user_id, standing=standing, origin=origin)

    def add_tenant(self, name: str, people: Mapping[str, Role]) -> None:
        with self.database.write() as connection:
            self.tenants.add(connection, tenant_id=f"ten_{name}", name=name, poolid=name,
                             channel_id=None, pve_userid=f"t-{name}@pve", pve_tokenid="nubemox",
                             created_by=CARLA)  # fmt: skip
            connection.execute(update(tenants).values(state=TenantState.READY.value))
            for person, role in people.items():
                member = Member(f"ten_{name}", TEAM, person, role)
                TenantStore.put_member(connection, self.clock, member, CARLA)

    def set_quota(self, **quota: int) -> None:
        with self.database.write() as connection:
            TenantStore.put_quota(connection, "ten_acme", Quota(**quota))

    # ------------------------------------------------------------------ people

    def person(self, user_id: str) -> Actor:
        return self._actor_of(TEAM, user_id, Origin.SLASH)

    def turn(self, user_id: str = ANA) -> str:
        turn = a_turn(f"k{next(self._numbers)}", self.clock.now(), user=user_id)
        self.turns.put(turn, mutates=True)
        self.turns.begin(turn.id)
        return turn.id

    def ask(self, user_id: str = ANA, reason: str = "for the shop", **spec: Any) -> Submitted:
        wanted = {"name": "web-7", "cores": 2, "memory_mib": 2048, "disk_gib": 8, **spec}
        return self.service.submit(self.person(user_id), self.turn(user_id), CREATE, wanted, reason)

    def waiting(self, user_id: str = ANA, **spec: Any) -> Request:
        request = self.ask(user_id, **spec).request
        assert request.is_open
        return request

    def approve(self, request: Request, user_id: str = CARLA, **how: Any) -> Request:
        turn_id = how.pop("turn_id", None) or self.turn(user_id)
        return self.service.approve(self.person(user_id), request.id, turn_id, **how)

    # -------------------------------------------------------------- what there is

    def now(self, request: Request) -> Request:
        found = self.store.get(request.id)
        assert found is not None
        return found

    def operation(self, request: Request) -> Operation:
        (found,) = self.begun.of_turn(request.turn_id)
        return found

    def end(self, request: Request, state: State = State.DONE, vmid: int | None = None) -> None:
        """Its operation comes to an end."""
        operation = self.operation(request)
        if vmid:
            with self.database.write() as connection:
                connection.execute(update(operations).values(vmid=vmid).where(
                    operations.c.id == operation.id))  # fmt: skip
        assert self.begun.end(operation, state, CannotPlan() if state is State.FAILED else None)

    def used(self, name: str = "acme", user_id: str = ANA) -> Amounts:
        tenant = self.tenants.find(name)
        assert tenant is not None
        look = self.quota.look(tenant)
        with self.database.read() as connection:
            ceiling = self.quota.ceiling(tenant)
            found = self.quota.standings(connection, look, tenant.id, (TEAM, user_id), ceiling)
        return found[0][0].used

    def topics(self, prefix: str = "") -> list[tuple[str, str]]:
        with self.database.read() as connection:
            rows = connection.execute(notices.select().order_by(notices.c.created_at)).all()
        return [(row.topic, row.target) for row in rows if row.topic.startswith(prefix)]
