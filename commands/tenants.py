"""`tenant`: who owns which pool, who belongs to it, and how much it may use."""

from __future__ import annotations

from commands.grammar import (
    CHANNEL,
    PAGE,
    POOL,
    USER,
    Context,
    Noun,
    Registry,
    argument,
    choice,
    option,
    pattern,
    whole,
)
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.i18n import N_
from nubemox_bot.tenancy import views
from nubemox_bot.tenancy.model import Member, Quota, Role

NAME = pattern(
    r"[A-Za-z][A-Za-z0-9-]{0,29}",
    label="NAME",
    example="acme",
    expected=N_("Give a tenant's name of letters, digits and '-', such as `{example}`."),
)
ROLE = choice("viewer", "operator", "owner", label="ROLE")
PVE_USER = pattern(
    r"[^\s:/@!]{1,50}@[A-Za-z][A-Za-z0-9.\-_]{1,31}",
    label="USERID",
    example="ana@pve",
    expected=N_("Give a Proxmox VE user with its realm, such as `{example}`."),
)
FOLLOWING = Reply(text="", following=True)


def add_tenants(registry: Registry) -> None:
    """Sign the verbs of `tenant`."""
    tenant = registry.noun("tenant", N_("Tenants and their people"), plurals=("tenants",))

    @tenant.verb("list", aliases=("ls",), options=[PAGE], summary=N_("List every tenant"))
    def list_(context: Context, page: int | None) -> Reply:
        found = context.services.tenants.list_tenants(context.actor, context.turn.id)
        return views.tenants(found, page or 1)

    @tenant.verb(
        "show",
        needs=argument("name", NAME),
        examples=("acme",),
        summary=N_("Show a tenant, its people and its quota"),
    )
    def show(context: Context, name: str) -> Reply:
        tenants = context.services.tenants
        view = tenants.show(context.actor, name, context.turn.id)
        return views.tenant(
            view,
            context.services.default_quota,
            context.services.requests.used(context.actor, name),
            may_repair=context.services.is_admin(context.actor),
        )

    @tenant.verb(
        "create",
        needs=argument("name", NAME),
        options=[
            option("--pool", POOL, N_("The pool it owns; its own name when not given")),
            option("--channel", CHANNEL, N_("The channel that hears of its guests")),
        ],
        mutates=True,
        dry_run=True,
        examples=("acme", "acme --pool lab --channel #acme"),
        summary=N_("Make a tenant with its pool and its own access to Proxmox VE"),
    )
    def create(
        context: Context, name: str, pool: str | None, channel: str | None, dry_run: bool
    ) -> Reply:
        tenants = context.services.tenants
        if dry_run:
            return views.plan(tenants.plan_create(context.actor, name, pool))
        tenants.create(context.actor, name, pool, channel, context.turn.id)
        return FOLLOWING

    @tenant.verb(
        "repair",
        needs=argument("name", NAME),
        mutates=True,
        dry_run=True,
        examples=("acme",),
        summary=N_("Make a tenant's access to Proxmox VE anew"),
    )
    def repair(context: Context, name: str, dry_run: bool) -> Reply:
        if dry_run:
            return views.plan(context.services.tenants.plan_repair(context.actor, name))
        context.services.tenants.repair(context.actor, name, context.turn.id)
        return FOLLOWING

    _add_people(tenant)


def _add_people(tenant: Noun) -> None:
    @tenant.verb(
        "add",
        needs=[argument("name", NAME), argument("person", USER)],
        options=[
            option("--role", ROLE, N_("What they may do; operator when not given")),
            option("--pve-user", PVE_USER, N_("Also give them this Proxmox VE user of their own")),
        ],
        mutates=True,
        dry_run=True,
        examples=("acme @ana", "acme @ana --role owner", "acme @acme-ops --role viewer"),
        summary=N_("Add a person or a user group, or change their role"),
    )
    def add(
        context: Context,
        name: str,
        person: str,
        role: str | None,
        pve_user: str | None,
        dry_run: bool,
    ) -> Reply:
        if dry_run:
            return views.plan(context.services.tenants.plan_add(context.actor, name, pve_user))
        added = context.services.tenants.add_member(
            context.actor, name, person, Role.of(role or "operator"), pve_user, context.turn.id
        )
        if isinstance(added, Member):
            return views.member_added(added, name, context.actor.user_id)
        return FOLLOWING

    @tenant.verb(
        "remove",
        needs=[argument("name", NAME), argument("person", USER)],
        mutates=True,
        dry_run=True,
        examples=("acme @ana",),
        summary=N_("Remove a person or a user group at once"),
    )
    def remove(context: Context, name: str, person: str, dry_run: bool) -> Reply:
        if dry_run:
            return views.plan(context.services.tenants.plan_remove(context.actor, name, person))
        gone = context.services.tenants.remove_member(context.actor, name, person, context.turn.id)
        if isinstance(gone, Member):
            return views.member_removed(gone, name, context.actor.user_id)
        return FOLLOWING

    @tenant.verb(
        "quota",
        needs=argument("name", NAME),
        options=[
            option("--member", USER, N_("Of this person alone; without numbers: no more of it")),
            option("--guests", whole(0, 100_000), N_("How many guests")),
            option("--cores", whole(0, 100_000), N_("How many cores in all")),
            option("--memory", whole(0, 100_000_000, unit="MiB"), N_("How much memory in all")),
            option("--disk", whole(0, 10_000_000, unit="GiB"), N_("How much disk in all")),
        ],
        mutates=True,
        dry_run=True,
        examples=("acme --guests 20 --memory 65536", "acme --member @ana --guests 3"),
        summary=N_("Set how much a tenant may use"),
    )
    def quota(
        context: Context,
        name: str,
        member: str | None,
        guests: int | None,
        cores: int | None,
        memory: int | None,
        disk: int | None,
        dry_run: bool,
    ) -> Reply:
        if dry_run:
            return views.plan(context.services.tenants.plan_quota(context.actor, name))
        wanted, tenants = Quota(guests, cores, memory, disk), context.services.tenants
        if member:
            view = tenants.set_member_quota(context.actor, name, member, wanted, context.turn.id)
            return views.member_quota_set(view, member, wanted, context.actor.user_id)
        view = tenants.set_quota(context.actor, name, wanted, context.turn.id)
        return views.quota_set(view, context.services.default_quota, context.actor.user_id)
