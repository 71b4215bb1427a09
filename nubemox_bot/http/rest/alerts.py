"""`/alerts`: what is wrong now, and who is on it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from nubemox_bot.alerts.model import AlertView
from nubemox_bot.alerts.rules import RULES
from nubemox_bot.http.rest.call import Call
from nubemox_bot.http.rest.edge import RestEdge
from nubemox_bot.http.rest.models import AlertAnswer, AlertList, SilenceWanted
from nubemox_bot.http.rest.route import LOOKS, SETTLES, CallNow, Cursor, Limit, router_for
from nubemox_bot.http.rest.shapes import listed

AlertId = Annotated[
    str, Path(pattern=r"^[0-9a-z]{1,64}$", description="Its id.", examples=["7k2m9x4p"])
]


def alerts_router(edge: RestEdge) -> APIRouter:
    """`/alerts` and what is done to one."""
    router = router_for(edge, "alerts")

    @router.get("/alerts", response_model=AlertList, responses=LOOKS)
    async def list_alerts(call: CallNow, limit: Limit = None, cursor: Cursor = None) -> Response:
        """What is firing: of your guests; for platform admins, everything."""
        alerts = call.services.alerts
        return await call.look(
            lambda: listed(
                alerts.list_firing(call.actor, call.turn_id),
                lambda one: one.alert.id,
                lambda one: _row(call, one),
                limit,
                cursor,
            )
        )

    @router.post("/alerts/{id}/acknowledge", response_model=AlertAnswer, responses=SETTLES)
    async def acknowledge_alert(call: CallNow, id: AlertId) -> Response:
        """Say that you are on it; its message in Slack shows so."""
        alerts = call.services.alerts
        return await call.settle(
            lambda: {"data": _row(call, alerts.acknowledge(call.actor, id, call.turn_id)[0])}
        )

    @router.post("/alerts/{id}/silence", response_model=AlertAnswer, responses=SETTLES)
    async def silence_alert(call: CallNow, id: AlertId, wanted: SilenceWanted) -> Response:
        """Tell nobody of it for so many hours."""
        alerts = call.services.alerts
        return await call.settle(
            lambda: {
                "data": _row(
                    call,
                    alerts.silence(call.actor, id, wanted.hours, wanted.reason, call.turn_id)[0],
                )
            }
        )

    return router


def _row(call: Call, found: AlertView) -> dict[str, Any]:
    alert, rule = found.alert, RULES.get(found.alert.rule)
    acked_by = alert.acked_by
    return {
        "id": alert.id,
        "rule": alert.rule,
        "subject": alert.subject,
        "severity": rule.severity.value if rule else "warning",
        "value": alert.value,
        "vmid": alert.vmid,
        "began_at": alert.began_at.isoformat(),
        "times": alert.times,
        "acked_by": call.parts.name_of(call.actor.team_id, acked_by) if acked_by else None,
        "silenced_until": found.silence.until.isoformat() if found.silence else None,
        "changeable": found.may_change,
    }
