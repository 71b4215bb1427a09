"""`pool`, `node` and `cluster`."""

from __future__ import annotations

from commands.grammar import PAGE, POOL, TEXT, Context, Registry, argument, flag, option
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.cluster import views
from nubemox_bot.core.i18n import N_
from nubemox_bot.reports import views as report_views
from nubemox_bot.tenancy import views as tenancy_views


def add_cluster(registry: Registry) -> None:
    """Sign the verbs about the cluster and its parts."""
    pool = registry.noun("pool", N_("Pools"), plurals=("pools",))
    node = registry.noun("node", N_("Nodes"), plurals=("nodes",))
    storage = registry.noun("storage", N_("Storages"), plurals=("storages",))
    template = registry.noun("template", N_("What guests can be made from"), plurals=("templates",))
    cluster = registry.noun("cluster", N_("The whole cluster"))

    @pool.verb(
        "list", aliases=("ls",), options=[PAGE], summary=N_("List the pools that you may see")
    )
    def pools(context: Context, page: int | None) -> Reply:
        found = context.services.cluster.pools(context.actor, context.turn.id)
        return views.pools(found, page or 1)

    @pool.verb(
        "create",
        needs=argument("poolid", POOL),
        options=[option("--comment", TEXT, N_("What it is for"))],
        mutates=True,
        dry_run=True,
        examples=("lab", 'lab --comment "For tests"'),
        summary=N_("Make a pool that no tenant owns yet"),
    )
    def create(context: Context, poolid: str, comment: str | None, dry_run: bool) -> Reply:
        if dry_run:
            plan = context.services.cluster.plan_pool(context.actor, poolid, comment or "")
            return tenancy_views.plan(plan)
        context.services.cluster.create_pool(context.actor, poolid, comment or "", context.turn.id)
        return Reply(text="", following=True)

    @node.verb("list", aliases=("ls",), options=[PAGE], summary=N_("List the nodes and their load"))
    def nodes(context: Context, page: int | None) -> Reply:
        found = context.services.cluster.nodes(context.actor, context.turn.id)
        return views.nodes(found, page or 1)

    @storage.verb(
        "list",
        aliases=("ls",),
        options=[PAGE],
        summary=N_("List the storages and how full they are"),
    )
    def storages(context: Context, page: int | None) -> Reply:
        found = context.services.cluster.storages(context.actor, context.turn.id)
        return views.storages(found, page or 1)

    @template.verb(
        "list", aliases=("ls",), options=[PAGE], summary=N_("List what guests can be made from")
    )
    def templates(context: Context, page: int | None) -> Reply:
        found = context.services.cluster.templates(context.actor, context.turn.id)
        return views.templates(found, page or 1)

    @cluster.verb(
        "summary",
        aliases=("status",),
        options=[flag("--public", N_("Show it to everybody in the channel"))],
        examples=("", "--public"),
        summary=N_("The cluster in figures"),
    )
    def summary(context: Context, public: bool) -> Reply:
        found = context.services.reports.summary(context.actor, context.turn.id)
        return report_views.summary(found, in_channel=public)

    @cluster.verb("test", aliases=("ping",), summary=N_("Does Proxmox VE answer, and how fast?"))
    def test(context: Context) -> Reply:
        return views.reach(context.services.cluster.test(context.actor, context.turn.id))
