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
    hint: str = Field(
        description="What to do next; may be empty.", examples=["`/nubemox ct list` shows yours."]
    )
    details: dict[str, Any] = Field(
        description="What the message is made of; for 422, `fields` with each fault.",
        examples=[{"ref": "999"}],
    )


class ErrorAnswer(BaseModel):
    """Every error has this shape."""

    error: ErrorDetail


OperationStates = Literal[
    "queued",
    "waiting",
    "running",
    "done",
    "unchanged",
    "failed",
    "still_running",
    "cancelled",
    "refused",
]
RequestStates = Literal[
    "pending", "approved", "denied", "cancelled", "expired", "done", "failed", "still_running"
]


class OperationLink(BaseModel):
    """Where a change can be followed."""

    id: str = Field(examples=["op_01jd3m7q8rfk2v5w9x0y1z2a3b"])
    state: OperationStates = Field(description="`queued` at first.", examples=["queued"])
    upid: str | None = Field(
        description="Proxmox VE's task, once it has taken the change.", examples=[None]
    )
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

    id: str = Field(examples=["op_01jd3m7q8rfk2v5w9x0y1z2a3b"])
    action: str = Field(description="What is done.", examples=["guest.start"])
    state: OperationStates = Field(
        description="`queued`, `waiting` (all changes are stopped for now) and `running` are on"
        " their way; `done` and `unchanged` (it was so already) are good ends; `still_running`"
        " means that Proxmox VE goes on for longer than it was followed; `cancelled`: stopped for"
        " too long, nothing was done.",
        examples=["done"],
    )
    ended: bool = Field(description="Whether nothing comes after this state.", examples=[True])
    upid: str | None = Field(
        description="Proxmox VE's task, the last one where there are several.",
        examples=["UPID:pve1:0003C0DE:01C0FFEE:685D1A2B:vzstart:105:t-acme@pve!nubemox:"],
    )
    vmid: int | None = Field(description="The guest, once it has a number.", examples=[105])
    type: Literal["qemu", "lxc"] | None = Field(examples=["lxc"])
    name: str = Field(description="Of the guest, or of what else it is.", examples=["web-1"])
    node: str | None = Field(examples=["pve1"])
    poolid: str | None = Field(examples=["acme"])
    error: ErrorDetail | None = Field(
        description="Why it failed, or was so already.", examples=[None]
    )
    created_at: datetime = Field(examples=["2026-06-01T09:30:00+00:00"])
    ended_at: datetime | None = Field(examples=["2026-06-01T09:30:04+00:00"])
    took_s: float | None = Field(
        description="Seconds from being asked to the end.", examples=[4.12]
    )
    href: str = Field(
        examples=["https://bot.example.org/api/proxmox/operations/op_01jd3m7q8rfk2v5w9x0y1z2a3b"]
    )


class OperationAnswer(BaseModel):
    """One operation."""

    data: OperationState


class RequestLink(BaseModel):
    """A wish that somebody else has to approve."""

    id: str = Field(examples=["req_01jd3m7q8rfk2v5w9x0y1z2a3b"])
    state: RequestStates = Field(description="`pending` at first.", examples=["pending"])
    href: str = Field(
        examples=["https://bot.example.org/api/proxmox/requests/req_01jd3m7q8rfk2v5w9x0y1z2a3b"]
    )


class AskedBody(BaseModel):
    """One of the two, never both: what was begun, or what waits for an approval."""

    operation: OperationLink | None = Field(
        None, description="There when it was begun at once: follow its `href`."
    )
    request: RequestLink | None = Field(
        None, description="There when it waits for an approval: follow its `href`."
    )


class Asked(BaseModel):
    """A change that was begun, or that waits for an approval."""

    data: AskedBody


class PlannedCall(BaseModel):
    """A call that will be sent to Proxmox VE."""

    method: str = Field(examples=["POST"])
    path: str = Field(examples=["/nodes/pve1/lxc"])
    parameters: dict[str, Any] = Field(
        examples=[{"vmid": 10001, "hostname": "web-7", "unprivileged": 1, "pool": "acme"}]
    )


class RequestBody(BaseModel):
    """A wish that needed, or still needs, somebody's approval."""

    id: str = Field(examples=["req_01jd3m7q8rfk2v5w9x0y1z2a3b"])
    state: RequestStates = Field(
        description="`pending` waits for a decision; `approved` is under way, and ends as `done`,"
        " `failed` or `still_running`.",
        examples=["approved"],
    )
    href: str = Field(
        examples=["https://bot.example.org/api/proxmox/requests/req_01jd3m7q8rfk2v5w9x0y1z2a3b"]
    )
    ended: bool = Field(description="Whether nothing comes after this state.")
    action: str = Field(examples=["guest.create"])
    tenant: str | None = Field(examples=["acme"])
    poolid: str | None = Field(examples=["acme"])
    type: Literal["qemu", "lxc"] | None = Field(examples=["lxc"])
    vmid: int | None = Field(
        description="The number that is kept for it; the guest is there once it is done.",
        examples=[10001],
    )
    name: str = Field(examples=["web-7"])
    node: str | None = Field(examples=["pve1"])
    storage: str | None = Field(examples=["local-lvm"])
    cores: int = Field(examples=[2])
    memory_mib: int = Field(description="MiB.", examples=[2048])
    disk_gib: int = Field(description="GiB.", examples=[8])
    days: int | None = Field(description="Its lease; 0 for none.", examples=[30])
    reason: str = Field(examples=["A shop"])
    asked_by: str = Field(examples=["ana"])
    plan_hash: str = Field(
        description="Of the plan; an approval names it.", examples=["9f86d081884c7d65"]
    )
    plan: list[PlannedCall] = Field(description="What is sent when it is approved, and only that.")
    decided_by: str | None = Field(examples=["carla"])
    note: str = Field(description="What whoever decided said of it.", examples=["Enjoy it"])
    question: str = Field(description="What an approver wants to know first.", examples=[""])
    answer: str = Field(description="The requester's answer to it.", examples=[""])
    created_at: datetime = Field(examples=["2026-06-01T09:30:00+00:00"])
    expires_at: datetime = Field(
        description="Undecided until then, it expires.", examples=["2026-06-02T09:30:00+00:00"]
    )
    decided_at: datetime | None = Field(examples=["2026-06-01T10:02:00+00:00"])
    error: ErrorDetail | None = Field(description="Why it could not run.", examples=[None])
    operation: OperationLink | None = Field(description="What it became, once approved.")


class RequestAnswer(BaseModel):
    """One request."""

    data: RequestBody
