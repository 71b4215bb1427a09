"""The words that stand alone: who am I, why not, who did what, and the emergency brake."""

from __future__ import annotations

from commands.grammar import GUEST, PAGE, TEXT, Context, Registry, argument, flag
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.i18n import N_
from nubemox_bot.oversight import views
from nubemox_bot.tenancy import views as tenancy_views


def add_control(registry: Registry) -> None:
    """Sign the verbs that stand alone."""

    @registry.verb("whoami", summary=N_("What you are here, and what you may do"))
    def whoami(context: Context) -> Reply:
        return tenancy_views.whoami(context.services.tenants.whoami(context.actor))

    @registry.verb("why", summary=N_("Explain your last refusal"))
    def why(context: Context) -> Reply:
        return views.why(context.services.oversight.last_refusal(context.actor))

    @registry.verb(
        "audit",
        needs=argument("guest", GUEST, required=False),
        options=[flag("--verify", N_("Check that nobody changed the audit")), PAGE],
        examples=("", "105", "--verify"),
        summary=N_("Who did what"),
    )
    def audit(context: Context, guest: str | None, verify: bool, page: int | None) -> Reply:
        oversight = context.services.oversight
        if verify:
            return views.verification(oversight.verify(context.actor, context.turn.id))
        vmid = context.services.guests.vmid_of(context.actor, guest) if guest else None
        found = oversight.audit(context.actor, vmid, context.turn.id, page or 1)
        return views.audit(found, f"audit {vmid}" if vmid else "audit")

    @registry.verb("doctor", summary=N_("Check what the bot depends on, and say what mends it"))
    def doctor(context: Context) -> Reply:
        return views.checkup(context.services.checkup.examine(context.actor, context.turn.id))

    @registry.verb(
        "freeze",
        needs=argument("reason", TEXT, required=False, many=True),
        mutates=True,
        dry_run=True,
        examples=("", "Storage is being moved"),
        summary=N_("Stop every change, for everybody"),
    )
    def freeze(context: Context, reason: tuple[str, ...], dry_run: bool) -> Reply:
        if dry_run:
            context.services.oversight.plan_freeze(context.actor)
            return tenancy_views.plan(())
        why = " ".join(reason)
        context.services.oversight.freeze(context.actor, why, context.turn.id)
        return views.frozen(context.actor.user_id, why)

    @registry.verb("unfreeze", mutates=True, dry_run=True, summary=N_("Let changes go on"))
    def unfreeze(context: Context, dry_run: bool) -> Reply:
        if dry_run:
            context.services.oversight.plan_unfreeze(context.actor)
            return tenancy_views.plan(())
        context.services.oversight.unfreeze(context.actor, context.turn.id)
        return views.thawed(context.actor.user_id)
