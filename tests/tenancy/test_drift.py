from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from nubemox_bot.pve.access import AclEntry, PveToken, PveUser
from nubemox_bot.pve.errors import PveUnreachable
from nubemox_bot.pve.inventory import Snapshot
from nubemox_bot.store.engine import Database
from nubemox_bot.tenancy.drift import DriftWatch, compare
from nubemox_bot.tenancy.model import DriftKind, Finding, Quota, Tenant, TenantState
from nubemox_bot.tenancy.store import TenantStore
from tests.databases import BOX, NOW, HeldClock

ROLE = "NubemoxTenant"
USER = "t-acme@pve"
ACME = Tenant(
    "ten_1", "acme", "acme", None, TenantState.READY, USER, "nubemox", True, Quota(), "U1", NOW
)
GRANT = AclEntry("/pool/acme", "user", USER, ROLE, True)


@dataclass
class World:
    """PVE as onboarding left it."""

    tenant: Tenant = ACME
    readable: frozenset[str] = frozenset({"ten_1"})
    poolids: frozenset[str] = frozenset({"acme", "other"})
    users: list[PveUser] = field(
        default_factory=lambda: [
            PveUser(USER, True, ("nubemox-tenants",), tokens=(PveToken("nubemox", False),))
        ]
    )
    acl: list[AclEntry] = field(default_factory=lambda: [GRANT])


def _user(**changes: Any) -> list[PveUser]:
    return [replace(World().users[0], **changes)]


def _acl(*more: AclEntry) -> list[AclEntry]:
    return [GRANT, *more]


_TABLE: dict[str, tuple[World, list[tuple[DriftKind, str]]]] = {
    "as it was left": (World(), []),
    "other people's lines": (World(acl=_acl(AclEntry("/", "user", "a@pam", "PVEAdmin", True))), []),
    "other groups' lines": (World(acl=_acl(AclEntry("/", "group", "ops", "PVEAdmin", True))), []),
    "being made": (World(tenant=replace(ACME, state=TenantState.MAKING), users=[], acl=[]), []),
    "pool gone": (World(poolids=frozenset()), [(DriftKind.POOL_GONE, "acme")]),
    "user gone": (World(users=[]), [(DriftKind.USER_GONE, USER)]),
    "user off": (World(users=_user(is_enabled=False)), [(DriftKind.USER_DISABLED, USER)]),
    "token gone": (World(users=_user(tokens=())), [(DriftKind.TOKEN_GONE, "nubemox")]),
    "token unreadable": (World(readable=frozenset()), [(DriftKind.TOKEN_UNREADABLE, "")]),
    "grant gone": (World(acl=[]), [(DriftKind.ACL_GONE, "/pool/acme")]),
    "grant to the token alone": (
        World(acl=[AclEntry("/pool/acme", "token", f"{USER}!nubemox", ROLE, True)]),
        [(DriftKind.ACL_EXTRA, "/pool/acme"), (DriftKind.ACL_GONE, "/pool/acme")],
    ),
    "grant that does not reach the guests": (
        World(acl=[replace(GRANT, propagates=False)]),
        [(DriftKind.ACL_EXTRA, "/pool/acme"), (DriftKind.ACL_GONE, "/pool/acme")],
    ),
    "another role there": (
        World(acl=_acl(AclEntry("/pool/acme", "user", USER, "PVEAdmin", True))),
        [(DriftKind.ACL_EXTRA, "/pool/acme")],
    ),
    "a foreign pool": (
        World(acl=_acl(AclEntry("/pool/other", "user", USER, ROLE, True))),
        [(DriftKind.ACL_EXTRA, "/pool/other")],
    ),
    "its token elsewhere": (
        World(acl=_acl(AclEntry("/vms/300", "token", f"{USER}!more", ROLE, True))),
        [(DriftKind.ACL_EXTRA, "/vms/300")],
    ),
    "through its group": (
        World(acl=_acl(AclEntry("/", "group", "nubemox-tenants", ROLE, True))),
        [(DriftKind.ACL_EXTRA, "/")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("world", "expected"), _TABLE.values(), ids=_TABLE)
def test_what_has_parted_is_named(world: World, expected: list[tuple[DriftKind, str]]) -> None:
    found = compare([world.tenant], world.readable, world.poolids, world.users, world.acl, ROLE)

    assert [(one.kind, one.subject) for one in found] == expected
    assert all(one.tenant == "acme" for one in found)


class Places:
    """Where guests are: stands in for the inventory and for access."""

    def __init__(self) -> None:
        self.users = World().users
        self.acl = World().acl
        self.pool_of = {105: "acme"}
        self.is_away = False

    def fresh(self) -> Snapshot:
        if self.is_away:
            raise PveUnreachable
        rows: list[dict[str, Any]] = [
            {"type": "lxc", "vmid": vmid, "name": f"ct-{vmid}", "node": "pve1", "pool": poolid}
            for vmid, poolid in self.pool_of.items()
        ]
        rows += [{"type": "pool", "pool": poolid} for poolid in ("acme", "other")]
        return Snapshot(rows, HeldClock(), NOW, 0.0)

    def list_users(self) -> list[PveUser]:
        return self.users

    def list_acl(self) -> list[AclEntry]:
        return self.acl


@pytest.fixture
def places() -> Places:
    return Places()


@pytest.fixture
def watch(database: Database, clock: HeldClock, places: Places) -> DriftWatch:
    store = TenantStore(database, BOX, clock)
    with database.write() as connection:
        store.add(
            connection, tenant_id="ten_1", name="acme", poolid="acme", channel_id=None,
            pve_userid=USER, pve_tokenid="nubemox", created_by="U1",
        )  # fmt: skip
    store.keep_token("ten_1", "secret")
    store.change("ten_1", state="ready")
    return DriftWatch(store, places, places, role=ROLE)  # type: ignore[arg-type]


def test_a_finding_is_there_while_it_lasts(watch: DriftWatch, places: Places) -> None:
    assert watch.look() == []
    places.users = []

    first, second = watch.look(), watch.look()
    places.users = World().users

    assert [one.kind for one in first] == [DriftKind.USER_GONE]
    assert second == first
    assert watch.look() == []


def test_a_guest_that_left_stays_a_finding_until_it_is_back(
    watch: DriftWatch, places: Places
) -> None:
    watch.look()
    places.pool_of[105] = "other"

    for _ in range(3):
        assert [(one.kind, one.subject) for one in watch.look()] == [(DriftKind.GUEST_LEFT, "105")]
    places.pool_of[105] = "acme"

    assert watch.look() == []


def test_another_replica_is_told_which_guests_left(watch: DriftWatch, places: Places) -> None:
    places.pool_of[105] = "other"
    left = Finding(DriftKind.GUEST_LEFT, "acme", "105")

    assert watch.look([left]) == [left]


def test_a_guest_that_is_gone_is_no_finding(watch: DriftWatch, places: Places) -> None:
    watch.look()
    places.pool_of[105] = "other"
    watch.look()

    places.pool_of.clear()

    assert watch.look() == []


def test_from_a_pve_that_does_not_answer_nothing_is_concluded(
    watch: DriftWatch, places: Places
) -> None:
    places.users = []
    found = watch.look()
    places.is_away = True

    with pytest.raises(PveUnreachable):
        watch.look()

    places.is_away = False
    assert watch.look() == found
