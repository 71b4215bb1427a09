"""Who the caller is, and what is used of their quotas."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from nubemox_bot.http.rest.models._shared import Sent


class AmountsBody(BaseModel):
    """How much of each."""

    guests: int = Field(examples=[10])
    cores: int = Field(examples=[20])
    memory_mib: int = Field(description="MiB.", examples=[40960])
    disk_gib: int = Field(description="GiB.", examples=[500])


class QuotaBody(BaseModel):
    """A quota: what may be used, and what is used or held by requests that wait."""

    of: Literal["tenant", "member"] = Field(
        description="The whole tenant's, or your own share of it.", examples=["tenant"]
    )
    ceiling: AmountsBody
    used: AmountsBody


class MembershipBody(BaseModel):
    """A tenant that you belong to."""

    tenant: str = Field(examples=["acme"])
    poolid: str = Field(description="Where its guests lie.", examples=["acme"])
    role: Literal["viewer", "operator", "owner"] = Field(
        description="Viewers look; operators also start, stop, snapshot, back up and open consoles;"
        " owners also create, resize, copy and delete.",
        examples=["owner"],
    )
    quotas: list[QuotaBody] = Field(description="Empty where they cannot be told at the moment.")


class MeBody(BaseModel):
    """The owner of the token, as the policy sees them."""

    user_id: str = Field(description="In Slack.", examples=["U0123ANA"])
    name: str = Field(examples=["ana"])
    admin: bool = Field(description="Whether you are a platform admin.")
    approver: bool = Field(description="Whether you decide requests of others.")
    token: str = Field(
        description="The token's id, as `token list` shows it.", examples=["k3v9x2mq"]
    )
    tenants: list[MembershipBody]


class MeAnswer(BaseModel):
    """Who the caller is."""

    data: MeBody


class QuotaWanted(Sent):
    """A larger quota for a tenant; what is left out stays as it is."""

    tenant: str = Field(min_length=1, max_length=64, examples=["acme"])
    guests: int | None = Field(None, ge=0, le=100_000, description="How many.", examples=[None])
    cores: int | None = Field(None, ge=0, le=100_000, description="In all.", examples=[40])
    memory: int | None = Field(
        None, ge=0, le=100_000_000, description="In all, in MiB.", examples=[81920]
    )
    disk_gb: int | None = Field(
        None, ge=0, le=10_000_000, description="In all, in GiB.", examples=[None]
    )
    reason: str = Field(
        "", max_length=500, description="What it is for, for the admins.", examples=["A new shop"]
    )
