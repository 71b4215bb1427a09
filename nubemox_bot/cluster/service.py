"""Nodes, pools, figures, and whether PVE answers; each asked for by an actor."""

from __future__ import annotations

from collections.abc import Sequence

from nubemox_bot.cluster.model import PoolUse
from nubemox_bot.core.actor import Actor
from nubemox_bot.operations.model import Operation, Wish
from nubemox_bot.operations.service import OperationService
from nubemox_bot.pve.cluster import PveCluster
from nubemox_bot.pve.figures import ClusterSummary, Reach, TemplateList
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import Node, Storage
from nubemox_bot.pve.templates import PveTemplates
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.model import PveCall
from nubemox_bot.tenancy.plans import TenantPlans
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.tenancy.store import TenantStore


class ClusterService:
    """What `node`, `pool`, `storage`, `template` and `cluster` mean."""

    def __init__(
        self,
        directory: Directory,
        tenants: TenantStore,
        inventory: Inventory,
        cluster: PveCluster,
        templates: PveTemplates,
        operations: OperationService,
    ) -> None:
        self._directory = directory
        self._tenants = tenants
        self._inventory = inventory
        self._cluster = cluster
        self._templates = templates
        self._operations = operations

    def nodes(self, actor: Actor, turn_id: str | None = None) -> list[Node]:
        """Every node of the cluster, by name."""
        caller = self._directory.caller(actor)
        verdict = self._directory.allow(caller, Action.NODE_LIST, turn_id=turn_id)
        nodes = sorted(self._inventory.recent().nodes, key=lambda node: node.name)
        self._directory.record_read(actor, verdict, turn_id=turn_id)
        return nodes

    def pools(self, actor: Actor, turn_id: str | None = None) -> list[PoolUse]:
        """The actor's pools, or every pool for platform admins."""
        caller = self._directory.caller(actor)
        verdict = self._directory.allow(caller, Action.POOL_LIST, turn_id=turn_id)
        snapshot = self._inventory.recent()
        owners = {tenant.poolid: tenant for tenant in self._tenants.list_tenants()}
        poolids = {pool.poolid for pool in snapshot.pools} if caller.is_admin else caller.poolids
        uses = []
        for poolid in sorted(poolids):
            guests = [guest for guest in snapshot.in_pool(poolid) if not guest.is_template]
            running = sum(guest.is_running for guest in guests)
            uses.append(PoolUse(poolid, owners.get(poolid), len(guests), running))
        self._directory.record_read(actor, verdict, turn_id=turn_id)
        return uses

    def create_pool(self, actor: Actor, poolid: str, comment: str, turn_id: str) -> Operation:
        """Make a pool that no tenant owns yet."""
        caller = self._directory.caller(actor)
        verdict = self._directory.allow(caller, Action.POOL_CREATE, turn_id=turn_id)
        wish = Wish(
            Action.POOL_CREATE,
            f"pool:{poolid}",
            verdict.reason,
            name=poolid,
            poolid=poolid,
            parameters={"comment": comment},
        )
        return self._operations.begin(actor, turn_id, [wish])[0]

    def plan_pool(self, actor: Actor, poolid: str, comment: str) -> Sequence[PveCall]:
        """The call that `create_pool` would make."""
        self._directory.allow(self._directory.caller(actor), Action.POOL_CREATE)
        return TenantPlans.pool(poolid, comment)

    def storages(self, actor: Actor, turn_id: str | None = None) -> list[Storage]:
        """Every storage once, a shared one with all its nodes, by name."""
        caller = self._directory.caller(actor)
        verdict = self._directory.allow(caller, Action.STORAGE_LIST, turn_id=turn_id)
        storages = self._inventory.recent().merged_storages
        self._directory.record_read(actor, verdict, turn_id=turn_id)
        return sorted(storages, key=lambda storage: (storage.storageid, storage.nodes))

    def templates(self, actor: Actor, turn_id: str | None = None) -> TemplateList:
        """What guests can be made from: the files and guests of the cluster, and of one's pools."""
        caller = self._directory.caller(actor)
        verdict = self._directory.allow(caller, Action.TEMPLATE_LIST, turn_id=turn_id)
        tenants_pools = {tenant.poolid for tenant in self._tenants.list_tenants()}
        there = self._templates.look()
        seen = tuple(
            template
            for template in there.templates
            # A tenant keeps its own templates to itself.
            if caller.is_admin
            or template.poolid in caller.poolids
            or template.poolid not in tenants_pools
        )
        self._directory.record_read(actor, verdict, turn_id=turn_id)
        return TemplateList(seen, there.silent)

    def summary(self, actor: Actor, turn_id: str | None = None) -> ClusterSummary:
        """The cluster in figures, in at most two PVE calls."""
        caller = self._directory.caller(actor)
        verdict = self._directory.allow(caller, Action.CLUSTER_SUMMARY, turn_id=turn_id)
        summary = self._cluster.summary()
        self._directory.record_read(actor, verdict, turn_id=turn_id)
        return summary

    def test(self, actor: Actor, turn_id: str | None = None) -> Reach:
        """Reach PVE now: its version and how long that took."""
        caller = self._directory.caller(actor)
        verdict = self._directory.allow(caller, Action.CLUSTER_TEST, turn_id=turn_id)
        reach = self._cluster.test()
        self._directory.record_read(actor, verdict, turn_id=turn_id)
        return reach
