"""What happens by the clock, and what is wrong: schedules and alerts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

from nubemox_bot.alerts.rules import RULES
from nubemox_bot.http.rest.models._shared import Sent

_TIME: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class ScheduleRow(BaseModel):
    """When a guest starts and stops by itself."""

    id: str = Field(examples=["3f9k2m7q"])
    vmid: int = Field(examples=[105])
    type: Literal["qemu", "lxc"] = Field(examples=["lxc"])
    name: str = Field(examples=["web-1"])
    start: str | None = Field(description="HH:MM on the clocks of `timezone`.", examples=["08:00"])
    stop: str | None = Field(description="HH:MM on the clocks of `timezone`.", examples=["18:00"])
    days: list[Weekday] = Field(examples=[["mon", "tue", "wed", "thu", "fri"]])
    timezone: str = Field(examples=["America/Sao_Paulo"])
    next_start: datetime | None = Field(examples=["2026-06-01T11:00:00+00:00"])
    next_stop: datetime | None = Field(examples=["2026-06-01T21:00:00+00:00"])
    skipped_stop: datetime | None = Field(
        description="The stop that somebody called off.", examples=[None]
    )
    made_by: str = Field(description="It acts as them, with their role then.", examples=["ana"])


class ScheduleList(BaseModel):
    """Schedules of the guests of your tenants, by id."""

    data: list[ScheduleRow]
    next: str | None = Field(
        description="The cursor of the next page; null at the end.", examples=[None]
    )


class ScheduleAnswer(BaseModel):
    """One schedule."""

    data: ScheduleRow


class ScheduleWanted(Sent):
    """A schedule to be kept; at least one of `start` and `stop`."""

    vmid: int = Field(ge=100, le=999_999_999, description="The guest's number.", examples=[105])
    start: str | None = Field(
        None, pattern=_TIME, description="HH:MM, in your own time zone.", examples=["08:00"]
    )
    stop: str | None = Field(
        None, pattern=_TIME, description="HH:MM, in your own time zone.", examples=["18:00"]
    )
    days: Annotated[list[Weekday], Field(min_length=1, max_length=7)] | None = Field(
        None, description="Every day when left out.", examples=[["mon", "tue"]]
    )


class AlertRow(BaseModel):
    """Something that is wrong now."""

    id: str = Field(examples=["7k2m9x4p"])
    rule: str = Field(
        description=f"What is wrong: {', '.join(f'`{name}`' for name in RULES)}.",
        examples=["guest_down"],
    )
    subject: str = Field(description="What it is about.", examples=["guest/105"])
    severity: Literal["critical", "warning"]
    value: float = Field(description="What was seen; its unit is the rule's.", examples=[1])
    vmid: int | None = Field(description="The guest it is about, if any.", examples=[105])
    began_at: datetime = Field(examples=["2026-06-01T09:30:00+00:00"])
    times: int = Field(description="How often it fired in a row.", examples=[1])
    acked_by: str | None = Field(description="Who is on it.", examples=[None])
    silenced_until: datetime | None = Field(examples=[None])
    changeable: bool = Field(description="Whether you may acknowledge and silence it.")


class AlertList(BaseModel):
    """What is firing and concerns you, by id."""

    data: list[AlertRow]
    next: str | None = Field(
        description="The cursor of the next page; null at the end.", examples=[None]
    )


class AlertAnswer(BaseModel):
    """One alert."""

    data: AlertRow


class SilenceWanted(Sent):
    """For how long nobody is told, and why."""

    hours: int = Field(ge=1, le=720, examples=[4])
    reason: str = Field(min_length=1, max_length=500, examples=["Being rebuilt"])
