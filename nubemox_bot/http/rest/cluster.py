"""The cluster and its parts."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from nubemox_bot.http.rest import rows
from nubemox_bot.http.rest.edge import RestEdge
from nubemox_bot.http.rest.models import (
    NodeList,
    OperationBegun,
    PoolList,
    PoolWanted,
    ReachAnswer,
    StorageList,
    SummaryAnswer,
    TemplateList,
)
from nubemox_bot.http.rest.route import (
    CHANGES,
    LOOKS,
    READS,
    CallNow,
    Cursor,
    Limit,
    router_for,
)
from nubemox_bot.http.rest.shapes import listed


def cluster_router(edge: RestEdge) -> APIRouter:
    """`/test`, `/nodes`, `/cluster/summary`, `/storages`, `/templates` and `/pools`."""
    router = router_for(edge, "cluster")

    @router.get("/test", response_model=ReachAnswer, responses=LOOKS)
    async def test(call: CallNow) -> Response:
        """Reach Proxmox VE now: its version, and how long one call took."""
        cluster = call.services.cluster
        return await call.look(lambda: {"data": rows.reach(cluster.test(call.actor, call.turn_id))})

    @router.get("/nodes", response_model=NodeList, responses=READS)
    async def list_nodes(call: CallNow, limit: Limit = None, cursor: Cursor = None) -> Response:
        """The nodes of the cluster and their load, by name; at most 10 seconds old."""
        cluster = call.services.cluster
        return await call.read(
            lambda: listed(
                cluster.nodes(call.actor, call.turn_id),
                lambda node: node.name,
                rows.node_row,
                limit,
                cursor,
            )
        )

    @router.get("/cluster/summary", response_model=SummaryAnswer, responses=READS)
    async def summary(call: CallNow) -> Response:
        """The cluster in figures: nodes, guests, processors, memory, storage, quorum."""
        cluster = call.services.cluster
        return await call.read(
            lambda: {"data": rows.summary(cluster.summary(call.actor, call.turn_id))}
        )

    @router.get("/storages", response_model=StorageList, responses=READS)
    async def list_storages(call: CallNow, limit: Limit = None, cursor: Cursor = None) -> Response:
        """The storages of the cluster, by name; at most 10 seconds old.

        A shared one is listed once; one of each node's own is listed for each of them.
        """
        cluster = call.services.cluster
        return await call.read(
            lambda: listed(
                cluster.storages(call.actor, call.turn_id),
                lambda storage: f"{storage.storageid}/{storage.node}",
                rows.storage_row,
                limit,
                cursor,
            )
        )

    @router.get("/templates", response_model=TemplateList, responses=READS)
    async def list_templates(call: CallNow, limit: Limit = None, cursor: Cursor = None) -> Response:
        """What guests can be made from: `template` of a creation takes `name` or `reference`."""
        cluster = call.services.cluster
        return await call.read(
            lambda: rows.templates(cluster.templates(call.actor, call.turn_id), limit, cursor)
        )

    @router.get("/pools", response_model=PoolList, responses=READS)
    async def list_pools(call: CallNow, limit: Limit = None, cursor: Cursor = None) -> Response:
        """The pools that you may see, by name."""
        cluster = call.services.cluster
        return await call.read(
            lambda: listed(
                cluster.pools(call.actor, call.turn_id),
                lambda use: use.poolid,
                rows.pool_row,
                limit,
                cursor,
            )
        )

    @router.post("/pools", response_model=OperationBegun, responses=CHANGES, status_code=202)
    async def create_pool(call: CallNow, wanted: PoolWanted) -> Response:
        """Make a pool that no tenant owns yet. For platform admins."""
        cluster = call.services.cluster
        return await call.change(
            lambda: cluster.create_pool(call.actor, wanted.poolid, wanted.comment, call.turn_id)
        )

    return router
