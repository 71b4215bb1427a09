"""How tenants and their people look in Slack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from nubemox_bot.blockkit.builders import actions, fields, section, sections
from nubemox_bot.blockkit.lists import listed
from nubemox_bot.blockkit.reply import Block, Reply
from nubemox_bot.blockkit.text import channel, code, mrkdwn, user
from nubemox_bot.blockkit.words import run_button
from nubemox_bot.core.i18n import N_, _, ngettext
from nubemox_bot.operations.phrases import Button, Phrases
from nubemox_bot.tenancy.model import (
    ADMIT_PERSON,
    DISMISS_PERSON,
    Caller,
    Member,
    PveCall,
    Quota,
    Role,
    Tenant,
    TenantState,
    TenantView,
)
from nubemox_bot.tenancy.policy import Action

_SHOW = Button(N_("Show it"), "tenant show {name}")
_REPAIR = Button(N_("Repair"), "tenant repair {name}")

PHRASES: Final[Mapping[str, Phrases]] = {
    Action.TENANT_CREATE: Phrases(
        asked=N_("The tenant {target} is being made, asked by {who}."),
        done=N_("The tenant {target} is ready. Made by {who} in {took}."),
        failed=N_("The tenant {target} was not made for {who}."),
        still_running=N_("The tenant {target} is still being made after {took}."),
        left=N_(
            "Not all of it could be taken back. When Proxmox VE answers again, "
            "`/nubemox tenant repair {name}` finishes it."
        ),
        after_left=(_REPAIR,),
        after_done=(_SHOW,),
    ),
    Action.TENANT_REPAIR: Phrases(
        asked=N_("The tenant {target} is being repaired, asked by {who}."),
        done=N_("The tenant {target} is ready again. Repaired by {who} in {took}."),
        failed=N_("The tenant {target} could not be repaired for {who}."),
        still_running=N_("The tenant {target} is still being repaired after {took}."),
        after_done=(_SHOW,),
    ),
    ADMIT_PERSON: Phrases(
        asked=N_("Somebody gets their own Proxmox VE user in {target}, asked by {who}."),
        done=N_(
            "The member of {target} is added, with a Proxmox VE user of their own, {what}, "
            "by {who}."
        ),
        failed=N_("The member of {target} is added, but has no Proxmox VE user of their own."),
        still_running=N_("The Proxmox VE user for {target} is still being made."),
        after_done=(_SHOW,),
    ),
    DISMISS_PERSON: Phrases(
        asked=N_("A Proxmox VE user loses its role in {target}, asked by {who}."),
        done=N_("The member of {target} is removed, in Proxmox VE too ({what}), by {who}."),
        failed=N_("The member of {target} is removed, but their Proxmox VE user keeps its role."),
        still_running=N_("A Proxmox VE user is still losing its role in {target}."),
        after_done=(_SHOW,),
    ),
}

_ROLES: Final = {
    Role.VIEWER: N_("viewer"),
    Role.OPERATOR: N_("operator"),
    Role.OWNER: N_("owner"),
}
_TENANT_STATES: Final = {
    TenantState.MAKING: N_("being made"),
    TenantState.READY: N_("ready"),
}


def role_word(role: Role) -> str:
    """A role in the reader's language."""
    return _(_ROLES[role])


def tenants(found: Sequence[TenantView], page: int = 1) -> Reply:
    """Every tenant, with a button that shows it, or repairs it where it is not ready."""
    if not found:
        text = _("There is no tenant yet. `/nubemox tenant create NAME` makes one.")
        return Reply(text, [section(text, "tenants-none")])
    title = ngettext("{n} tenant", "{n} tenants", len(found)).format(n=len(found))
    shown, blocks = listed(title, found, _tenant_row, "tenant list", page, name="tenants")
    named = ", ".join(mrkdwn(view.tenant.name) for view in shown.items)
    return Reply(f"{title}: {named}", blocks)


def _tenant_row(view: TenantView) -> Block:
    one = view.tenant
    members = ngettext("{n} member", "{n} members", len(view.members))
    parts = (
        f"*{mrkdwn(one.name)}*",
        _("pool {poolid}").format(poolid=mrkdwn(one.poolid)),
        _(_TENANT_STATES[one.state]),
        members.format(n=len(view.members)),
    )
    each = _SHOW if one.is_ready and one.has_token else _REPAIR
    said = each.words.format(name=one.name)
    pressed = run_button(said, _(each.label), reads_as=f"{_(each.label)} {one.name}")
    return section(" · ".join(parts), f"tenant-{one.name}", accessory=pressed)


def tenant(view: TenantView, default: Quota, used: Quota | None, *, may_repair: bool) -> Reply:
    """One tenant with its people and ceilings, and what it uses, as far as that is known."""
    one = view.tenant
    text = _("The tenant {name} has the pool {poolid} and is {state}.").format(
        name=f"*{mrkdwn(one.name)}*",
        poolid=f"*{mrkdwn(one.poolid)}*",
        state=_(_TENANT_STATES[one.state]),
    )
    facts = [
        (_("Channel"), channel(one.channel_id) if one.channel_id else "–"),
        (_("Proxmox VE user"), code(one.pve_userid)),
        (_("Quota"), quota_words(one.quota, default)),
    ]
    if used is not None:
        facts.append((_("Used or held by requests"), quota_words(used, default)))
    facts += [
        (_("Quota of {person}").format(person=user(person)), own_quota_words(quota))
        for person, quota in view.own_quotas.items()
    ][:6]
    blocks: list[Block] = [
        section(text, "tenant"),
        fields([f"*{name}*\n{value}" for name, value in facts], "tenant-facts"),
    ]
    people = [_member(member) for member in view.members] or [_("It has no members yet.")]
    blocks += sections(people, "members")
    if may_repair:
        said = _REPAIR.words.format(name=one.name)
        blocks.append(actions([run_button(said, _(_REPAIR.label))], "tenant-next"))
    return Reply(f"{text} {' '.join(people[:40])}", blocks)


def _member(member: Member) -> str:
    words = f"{user(member.subject)} · {role_word(member.role)}"
    return f"{words} · {code(member.pve_userid)}" if member.pve_userid else words


def quota_words(quota: Quota, default: Quota) -> str:
    """Ceilings in words; the platform's where a tenant has none of its own."""
    return _("{guests} guests, {cores} cores, {memory} MiB memory, {disk} GiB disk").format(
        guests=default.guests if quota.guests is None else quota.guests,
        cores=default.cores if quota.cores is None else quota.cores,
        memory=default.memory_mib if quota.memory_mib is None else quota.memory_mib,
        disk=default.disk_gib if quota.disk_gib is None else quota.disk_gib,
    )


def own_quota_words(quota: Quota) -> str:
    """The ceilings of one person; what is not limited is left out."""
    said = [
        (_("{n} guests"), quota.guests),
        (_("{n} cores"), quota.cores),
        (_("{n} MiB memory"), quota.memory_mib),
        (_("{n} GiB disk"), quota.disk_gib),
    ]
    return ", ".join(words.format(n=n) for words, n in said if n is not None)


def member_quota_set(view: TenantView, person: str, quota: Quota, who: str) -> Reply:
    """New ceilings of one person, or none of their own any more."""
    if quota.is_empty:
        text = _("{person} has no quota of their own in {tenant} any more, by {who}.")
    else:
        text = _("{person} may use this much of {tenant}: {quota}. Set by {who}.")
    said = text.format(
        person=user(person),
        tenant=f"*{mrkdwn(view.tenant.name)}*",
        quota=own_quota_words(quota),
        who=user(who),
    )
    return Reply(said, [section(said, "quota")], in_channel=True)


def member_added(member: Member, name: str, who: str) -> Reply:
    """A membership began, or its role changed."""
    text = _("{person} is {role} of {tenant} now, added by {who}.").format(
        person=user(member.subject),
        role=role_word(member.role),
        tenant=f"*{mrkdwn(name)}*",
        who=user(who),
    )
    return Reply(text, [section(text, "member")], in_channel=True)


def member_removed(member: Member, name: str, who: str) -> Reply:
    """A membership ended."""
    text = _("{person} is no member of {tenant} any more, removed by {who}.").format(
        person=user(member.subject), tenant=f"*{mrkdwn(name)}*", who=user(who)
    )
    return Reply(text, [section(text, "member")], in_channel=True)


def quota_set(view: TenantView, default: Quota, who: str) -> Reply:
    """New ceilings."""
    text = _("The quota of {tenant} is {quota} now, set by {who}.").format(
        tenant=f"*{mrkdwn(view.tenant.name)}*",
        quota=quota_words(view.tenant.quota, default),
        who=user(who),
    )
    return Reply(text, [section(text, "quota")], in_channel=True)


def plan(calls: Sequence[PveCall]) -> Reply:
    """The calls that a change would make, for a dry run."""
    if not calls:
        text = _("Nothing was changed. It would change only what the bot itself keeps: nothing is "
                 "sent to Proxmox VE.")  # fmt: skip
    else:
        intro = _("Nothing was changed. This is what would be sent to Proxmox VE:")
        text = "\n".join([intro, *map(_planned, calls)])
    return Reply(text, [section(text, "plan")])


def _planned(call: PveCall) -> str:
    given = "".join(f" {name}={value}" for name, value in call.parameters.items())
    said = code(f"{call.method} {call.path}{given}", 500)
    return f"{said} ({_('unless it is there')})" if call.unless_there else said


def whoami(caller: Caller) -> Reply:
    """What the bot knows of the asker."""
    text = _("You are {person}.").format(person=user(caller.actor.user_id))
    lines = []
    if caller.is_admin:
        lines.append(_("You are a platform admin: every pool, and every tenant."))
    if caller.is_approver:
        lines.append(_("You decide what others ask for: `/nubemox request list`."))
    mine = sorted(caller.tenants.values(), key=lambda each: each.name)
    lines += [_membership(one, caller.roles[one.id]) for one in mine]
    if not caller.actor.is_active:
        lines = [_("Your Slack account cannot be used here: it is no full member's.")]
    elif not lines:
        lines.append(_("You belong to no tenant yet; a platform admin can add you."))
    lines.append(
        _("I speak {locale} with you and use the time zone {timezone}.").format(
            locale=code(caller.actor.locale), timezone=code(caller.actor.timezone)
        )
    )
    return Reply(
        f"{text} {' '.join(lines)}",
        [section(text, "whoami"), section("\n".join(lines), "whoami-roles")],
    )


def _membership(one: Tenant, role: Role) -> str:
    return _("You are {role} of {tenant}, which has the pool {poolid}.").format(
        role=role_word(role), tenant=f"*{mrkdwn(one.name)}*", poolid=f"*{mrkdwn(one.poolid)}*"
    )
