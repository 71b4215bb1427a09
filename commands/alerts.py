"""`alert`: what is wrong, who is on it, and making it quiet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from commands.grammar import (
    PAGE,
    TEXT,
    Context,
    Form,
    FormState,
    Invocation,
    Registry,
    argument,
    line,
    option,
    pattern,
    whole,
)
from nubemox_bot.alerts import views
from nubemox_bot.alerts.model import AlertView
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.blockkit.views import View
from nubemox_bot.core.actor import Origin
from nubemox_bot.core.i18n import N_
from nubemox_bot.tenancy import views as tenancy_views
from nubemox_bot.tenancy.policy import Action

ALERT: Final = pattern(
    r"[0-9A-Za-z]{4,40}",
    label="ID",
    example="7k2m9x4p",
    expected=N_("Give an alert's id as the list shows it, such as `{example}`."),
)
HOURS: Final = whole(1, 720, example=4)


class SilenceForm(Form):
    """For how long, and why."""

    name = "alert.silence"

    def loading(self) -> str:
        """The title."""
        return views.silence_title()

    def view(self, context: Context, asked: Invocation, state: FormState) -> View:
        """What is to be silenced, with two fields."""
        del state
        meant = context.services.alerts.plan(
            context.actor, asked.arguments["alert"], Action.ALERT_SILENCE
        )
        return views.silence_form([alert for alert in meant if alert.is_firing])

    def words(self, asked: Invocation, values: Mapping[str, str]) -> str | Mapping[str, str]:
        """The same verb with everything filled in."""
        return line(
            "alert silence",
            asked.arguments["alert"],
            hours=values.get("hours", ""),
            reason=values.get("reason", ""),
        )


def add_alerts(registry: Registry) -> None:
    """Sign the verbs of `alert`."""
    alert = registry.noun("alert", N_("What is wrong in the cluster"), plurals=("alerts",))

    @alert.verb("list", aliases=("ls",), options=[PAGE], summary=N_("List what is firing"))
    def list_(context: Context, page: int | None) -> Reply:
        alerts = context.services.alerts
        found = alerts.list_firing(context.actor, context.turn.id)
        return views.listing(found, alerts.list_quiet(context.actor), page or 1)

    @alert.verb(
        "ack",
        aliases=("acknowledge",),
        needs=argument("alert", ALERT),
        mutates=True,
        dry_run=True,
        examples=("7k2m9x4p",),
        summary=N_("Say that you are on it"),
    )
    def ack(context: Context, alert: str, dry_run: bool) -> Reply:
        alerts = context.services.alerts
        if dry_run:
            alerts.plan(context.actor, alert, Action.ALERT_ACK)
            return tenancy_views.plan(())
        found = alerts.acknowledge(context.actor, alert, context.turn.id)
        in_channel = not _is_told_there(context, found)
        return views.acknowledged(found, context.actor.user_id, in_channel=in_channel)

    @alert.verb(
        "silence",
        aliases=("mute",),
        needs=argument("alert", ALERT),
        options=[
            option("--hours", HOURS, N_("For how many hours")),
            option("--reason", TEXT, N_("Why")),
        ],
        mutates=True,
        dry_run=True,
        opens_modal=lambda said: not (said.get("hours") and said.get("reason")),
        form=SilenceForm(),
        examples=('7k2m9x4p --hours 4 --reason "The node gets new memory"',),
        summary=N_("Hear nothing of it for some hours"),
    )
    def silence(
        context: Context, alert: str, hours: int | None, reason: str | None, dry_run: bool
    ) -> Reply:
        alerts = context.services.alerts
        if dry_run or hours is None or reason is None:
            alerts.plan(context.actor, alert, Action.ALERT_SILENCE)
            return tenancy_views.plan(())
        found = alerts.silence(context.actor, alert, hours, reason, context.turn.id)
        return views.silenced(found, in_channel=not _is_told_there(context, found))

    @alert.verb(
        "unsilence",
        aliases=("unmute",),
        needs=argument("alert", ALERT),
        mutates=True,
        dry_run=True,
        examples=("7k2m9x4p",),
        summary=N_("Hear of it again"),
    )
    def unsilence(context: Context, alert: str, dry_run: bool) -> Reply:
        alerts = context.services.alerts
        if dry_run:
            alerts.plan(context.actor, alert, Action.ALERT_SILENCE, also_over=True)
            return tenancy_views.plan(())
        found = alerts.unsilence(context.actor, alert, context.turn.id)
        in_channel = not _is_told_there(context, found)
        return views.unsilenced(found, context.actor.user_id, in_channel=in_channel)


def _is_told_there(context: Context, found: Sequence[AlertView]) -> bool:
    """Whether a button was pressed, and everybody reads the same in the alert's own message."""
    is_pressed = context.turn.origin in (Origin.BUTTON, Origin.VIEW)
    return is_pressed and all(one.alert.told_at is not None for one in found)
