"""`/schedules`: guests that start and stop by the clock."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from starlette.responses import Response

from nubemox_bot.http.rest.call import Call
from nubemox_bot.http.rest.edge import RestEdge
from nubemox_bot.http.rest.models import ScheduleAnswer, ScheduleList, ScheduleWanted
from nubemox_bot.http.rest.route import LOOKS, SETTLES, CallNow, Cursor, Limit, router_for
from nubemox_bot.http.rest.shapes import listed
from nubemox_bot.schedules.model import Schedule, Wanted

_WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ScheduleId = Annotated[
    str, Path(pattern=r"^[0-9a-z]{1,64}$", description="Its id.", examples=["3f9k2m7q"])
]


def schedules_router(edge: RestEdge) -> APIRouter:
    """`/schedules` and `/schedules/{id}`."""
    router = router_for(edge, "schedules")

    @router.get("/schedules", response_model=ScheduleList, responses=LOOKS)
    async def list_schedules(call: CallNow, limit: Limit = None, cursor: Cursor = None) -> Response:
        """The schedules of your tenants' guests, by id."""
        schedules = call.services.schedules
        return await call.look(
            lambda: listed(
                schedules.list_schedules(call.actor, call.turn_id),
                lambda one: one.id,
                lambda one: _row(call, one),
                limit,
                cursor,
            )
        )

    @router.post("/schedules", response_model=ScheduleAnswer, responses=SETTLES)
    async def add_schedule(call: CallNow, wanted: ScheduleWanted) -> Response:
        """Start and stop a guest by the clock, in the time zone of your Slack profile. For owners.

        It acts as you, with the role that you have then.
        """
        schedules = call.services.schedules
        asked = _wanted(wanted, call.actor.timezone)
        return await call.settle(
            lambda: {
                "data": _row(call, schedules.add(call.actor, str(wanted.vmid), asked, call.turn_id))
            }
        )

    @router.delete("/schedules/{id}", response_model=ScheduleAnswer, responses=SETTLES)
    async def remove_schedule(call: CallNow, id: ScheduleId) -> Response:
        """Forget a schedule; the answer is what it was. For owners."""
        schedules = call.services.schedules
        return await call.settle(
            lambda: {"data": _row(call, schedules.remove(call.actor, id, call.turn_id))}
        )

    @router.post("/schedules/{id}/skip", response_model=ScheduleAnswer, responses=SETTLES)
    async def skip_stop(call: CallNow, id: ScheduleId) -> Response:
        """Keep its guest on at the next stop, once. For owners."""
        schedules = call.services.schedules
        return await call.settle(
            lambda: {"data": _row(call, schedules.skip(call.actor, id, call.turn_id))}
        )

    return router


def _wanted(wanted: ScheduleWanted, timezone: str) -> Wanted:
    days = wanted.days or _WEEK
    return Wanted(
        time.fromisoformat(wanted.start) if wanted.start else None,
        time.fromisoformat(wanted.stop) if wanted.stop else None,
        frozenset(_WEEK.index(day) for day in days),
        timezone,
    )


def _row(call: Call, schedule: Schedule) -> dict[str, Any]:
    wanted = schedule.wanted
    return {
        "id": schedule.id,
        "vmid": schedule.vmid,
        "type": schedule.kind,
        "name": schedule.name,
        "start": wanted.start_at.strftime("%H:%M") if wanted.start_at else None,
        "stop": wanted.stop_at.strftime("%H:%M") if wanted.stop_at else None,
        "days": [_WEEK[day] for day in sorted(wanted.days)],
        "timezone": wanted.timezone,
        "next_start": _at(schedule.next_start),
        "next_stop": _at(schedule.next_stop),
        "skipped_stop": _at(schedule.skipped_stop),
        "made_by": call.parts.name_of(schedule.team_id, schedule.user_id),
    }


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
