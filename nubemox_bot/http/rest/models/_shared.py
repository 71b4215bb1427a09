"""Errors, and what follows a change: operations and requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

NAME: Final = r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$"
POOLID: Final = r"^[A-Za-z][A-Za-z0-9._-]{0,39}$"
NODE: Final = r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$"
STORAGE: Final = r"^[A-Za-z][A-Za-z0-9._-]{0,98}[A-Za-z0-9]$"


class Sent(BaseModel):
    """A body that a client sends: exact types, and no field that is not known."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ErrorDetail(BaseModel):
    """Why not, and what next."""

    code: str = Field(description="The error's name for programs.", examples=["guest_not_found"])
    message: str = Field(
        description="What happened, for people.",
        examples=["There is no guest 999 in your pools."],
    )
    hint: str = Field(description="What to do next; may be empty.")
    details: dict[str, Any] = Field(
        description="What the message is made of; for 422, `fields` with each fault.",
        examples=[{"ref": "999"}],
    )


class ErrorAnswer(BaseModel):
    """Every error has this shape."""

    error: ErrorDetail


class OperationLink(BaseModel):
    """Where a change can be followed."""

    id: str = Field(examples=["op_01jd3m7q8rfk2v5w9x0y1z2a3b"])
    state: str = Field(description="`queued` at first.", examples=["queued"])
    upid: str | None = Field(description="Proxmox VE's task, once it has taken the change.")
    href: str = Field(
        examples=["https://bot.example.org/api/proxmox/operations/op_01jd3m7q8rfk2v5w9x0y1z2a3b"]
    )


class _Operation(BaseModel):
    """What was begun."""

    operation: OperationLink


class OperationBegun(BaseModel):
    """A change that was begun."""

    data: _Operation


class OperationState(BaseModel):
    """A change, from asked to its end."""

    id: str
    action: str = Field(description="What is done.", examples=["guest.start"])
    state: Literal[
        "queued",
        "waiting",
        "running",
        "done",
        "unchanged",
        "failed",
        "still_running",
        "cancelled",
        "refused",
    ] = Field(
        description="`queued`, `waiting` (all changes are stopped for now) and `running` are on"
        " their way; `done` and `unchanged` (it was so already) are good ends; `still_running`"
        " means that Proxmox VE goes on for longer than it was followed."
    )
    ended: bool = Field(description="Whether nothing comes after this state.")
    upid: str | None = Field(description="Proxmox VE's task.")
    vmid: int | None
    type: Literal["qemu", "lxc"] | None
    name: str
    node: str | None
    poolid: str | None
    error: ErrorDetail | None = Field(description="Why it failed, or was so already.")
    created_at: datetime
    ended_at: datetime | None
    took_s: float | None = Field(description="Seconds from being asked to the end.")
    href: str


class OperationAnswer(BaseModel):
    """One operation."""

    data: OperationState


class RequestLink(BaseModel):
    """A wish that somebody else has to approve."""

    id: str = Field(examples=["req_01jd3m7q8rfk2v5w9x0y1z2a3b"])
    state: str = Field(description="`pending` at first.", examples=["pending"])
    href: str = Field(
        examples=["https://bot.example.org/api/proxmox/requests/req_01jd3m7q8rfk2v5w9x0y1z2a3b"]
    )


class AskedBody(BaseModel):
    """One of the two: what was begun, or what waits for an approval."""

    operation: OperationLink | None = None
    request: RequestLink | None = None


class Asked(BaseModel):
    """A change that was begun, or that waits for an approval."""

    data: AskedBody


class PlannedCall(BaseModel):
    """A call that will be sent to Proxmox VE."""

    method: str = Field(examples=["POST"])
    path: str = Field(examples=["/nodes/pve1/lxc"])
    parameters: dict[str, Any]


class RequestBody(BaseModel):
    """A wish that needed, or still needs, somebody's approval."""

    id: str
    state: Literal[
        "pending", "approved", "denied", "cancelled", "expired", "done", "failed", "still_running"
    ] = Field(
        description="`pending` waits for a decision; `approved` is under way, and ends as `done`,"
        " `failed` or `still_running`."
    )
    href: str
    ended: bool = Field(description="Whether nothing comes after this state.")
    action: str = Field(examples=["guest.create"])
    tenant: str | None
    poolid: str | None
    type: Literal["qemu", "lxc"] | None
    vmid: int | None
    name: str
    node: str | None
    storage: str | None
    cores: int
    memory_mib: int
    disk_gib: int
    days: int | None = Field(description="Its lease; 0 for none.")
    reason: str
    asked_by: str
    plan_hash: str = Field(description="Of the plan; an approval names it.")
    plan: list[PlannedCall] = Field(description="What is sent when it is approved, and only that.")
    decided_by: str | None
    note: str = Field(description="What whoever decided said of it.")
    question: str = Field(description="What an approver wants to know first.")
    answer: str
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None
    error: ErrorDetail | None = Field(description="Why it could not run.")
    operation: OperationLink | None = Field(description="What it became, once approved.")


class RequestAnswer(BaseModel):
    """One request."""

    data: RequestBody
