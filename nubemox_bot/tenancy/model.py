"""Tenants, members and roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum

from nubemox_bot.core.actor import Actor

ADMIT_PERSON = "tenant.admit_person"
"""The operation that gives a member a PVE user of their own."""

DISMISS_PERSON = "tenant.dismiss_person"
"""The operation that takes the role from such a user."""


class Role(IntEnum):
    """Membership roles; a higher one may all that a lower one may."""

    VIEWER = 1
    OPERATOR = 2
    OWNER = 3

    @property
    def word(self) -> str:
        """The role as people type it."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Role:
        """The role that people type like this; `KeyError` when there is none."""
        return cls[word.upper()]


class TenantState(StrEnum):
    """Only READY tenants let anybody act."""

    MAKING = "making"
    READY = "ready"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Quota:
    """Ceilings of a tenant; None where the platform's default holds.

    Also those of one person in it; None where the tenant's hold.
    """

    guests: int | None = None
    cores: int | None = None
    memory_mib: int | None = None
    disk_gib: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing of its own."""
        return self == Quota()


@dataclass(frozen=True, slots=True)
class Tenant:
    """A group of people that owns one PVE pool."""

    id: str
    name: str
    poolid: str
    channel_id: str | None
    state: TenantState
    pve_userid: str
    pve_tokenid: str
    has_token: bool
    quota: Quota
    created_by: str
    created_at: datetime

    @property
    def is_ready(self) -> bool:
        """Whether its people may act at all."""
        return self.state is TenantState.READY


@dataclass(frozen=True, slots=True)
class Member:
    """A Slack user (`U…`, `W…`) or usergroup (`S…`) with a role in a tenant."""

    tenant_id: str
    team_id: str
    subject: str
    role: Role
    pve_userid: str | None = None

    @property
    def is_usergroup(self) -> bool:
        """Whether everybody of a Slack usergroup is meant."""
        return self.subject.startswith("S")


@dataclass(frozen=True, slots=True)
class Caller:
    """An actor with everything the policy asks about them, read at the time of the call.

    Attributes:
        is_approver: whether they decide requests, directly or through a usergroup; where nobody
            asked for it, no.
        roles: the highest role in each tenant, direct or through a usergroup.
        tenants: the tenants of `roles`, by id, READY ones only.
    """

    actor: Actor
    is_admin: bool = False
    is_approver: bool = False
    roles: Mapping[str, Role] = field(default_factory=dict)
    tenants: Mapping[str, Tenant] = field(default_factory=dict)

    @property
    def poolids(self) -> frozenset[str]:
        """The pools of the caller's tenants."""
        return frozenset(tenant.poolid for tenant in self.tenants.values())


@dataclass(frozen=True, slots=True)
class TenantView:
    """A tenant with its members, for one who may see it.

    Attributes:
        own_quotas: ceilings of single people within the tenant's, by their id.
    """

    tenant: Tenant
    members: tuple[Member, ...]
    own_quotas: Mapping[str, Quota] = field(default_factory=dict)


class DriftKind(StrEnum):
    """What has parted."""

    POOL_GONE = "pool_gone"
    USER_GONE = "user_gone"
    USER_DISABLED = "user_disabled"
    TOKEN_GONE = "token_gone"  # noqa: S105
    TOKEN_UNREADABLE = "token_unreadable"  # noqa: S105
    ACL_GONE = "acl_gone"
    ACL_EXTRA = "acl_extra"
    GUEST_LEFT = "guest_left"


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference; `subject` is an ACL path or a vmid where one is meant."""

    kind: DriftKind
    tenant: str
    subject: str = ""

    @property
    def key(self) -> str:
        """The same difference has the same key, however often it is found."""
        return f"{self.kind}:{self.tenant}:{self.subject}"[:255]


@dataclass(frozen=True, slots=True)
class PveCall:
    """A call that would be sent to PVE with the bot's own token.

    Attributes:
        unless_there: whether it is left out, or answered with a harmless no, where the thing is
            there already.
    """

    method: str
    path: str
    parameters: Mapping[str, object]
    unless_there: bool = False
