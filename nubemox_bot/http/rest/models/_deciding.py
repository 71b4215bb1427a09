"""What is said of a request: yes, no, a question, an answer."""

from __future__ import annotations

from pydantic import BaseModel, Field

from nubemox_bot.http.rest.models._shared import RequestLink, Sent


class RequestRow(RequestLink):
    """A request, in a list."""

    action: str = Field(examples=["guest.create"])
    poolid: str | None = Field(examples=["acme"])
    name: str = Field(examples=["web-7"])
    asked_by: str = Field(examples=["ana"])
    decidable: bool = Field(description="Whether it waits for a decision that you may make.")
    created_at: str = Field(examples=["2026-06-01T09:30:00+00:00"])
    expires_at: str = Field(examples=["2026-06-02T09:30:00+00:00"])


class RequestList(BaseModel):
    """What waits for your decision, and your own requests, by id, which is by age."""

    data: list[RequestRow]
    next: str | None = Field(
        description="The cursor of the next page; null at the end.", examples=[None]
    )


class _RequestNow(BaseModel):
    """A request that was changed."""

    request: RequestLink


class RequestChanged(BaseModel):
    """Where a request stands now; ask its `href` for all of it."""

    data: _RequestNow


class Approval(Sent):
    """A yes; sizes may be made smaller, never larger."""

    plan_hash: str = Field(
        min_length=8,
        max_length=64,
        pattern=r"^[0-9a-f]+$",
        description="The `plan_hash` of the request that you were shown: if the plan has changed"
        " since, nothing runs and the answer is 409.",
        examples=["9f86d081884c7d65"],
    )
    cores: int | None = Field(None, ge=1, le=100_000, description="Fewer cores.", examples=[2])
    memory: int | None = Field(
        None, ge=1, le=100_000_000, description="Less memory, in MiB.", examples=[2048]
    )
    disk_gb: int | None = Field(
        None, ge=1, le=10_000_000, description="Less disk, in GiB.", examples=[8]
    )
    days: int | None = Field(None, ge=1, le=100_000, description="A shorter lease.", examples=[14])
    note: str = Field(
        "", max_length=500, description="Words for the requester.", examples=["Enjoy it"]
    )


class Denial(Sent):
    """A no."""

    reason: str = Field(
        min_length=1, max_length=500, description="Why.", examples=["Use the shared one"]
    )


class Question(Sent):
    """What an approver wants to know first."""

    question: str = Field(min_length=1, max_length=500, examples=["For how long?"])


class Answered(Sent):
    """What the requester answers."""

    answer: str = Field(min_length=1, max_length=500, examples=["Until the end of June"])
