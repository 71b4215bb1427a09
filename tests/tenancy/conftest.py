from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import pytest

from nubemox_bot.pve.access import PveAccess
from nubemox_bot.pve.pools import PvePools
from nubemox_bot.store.engine import Database
from nubemox_bot.tenancy.model import Tenant
from nubemox_bot.tenancy.onboarding import TenantPve
from nubemox_bot.tenancy.store import TenantStore
from playground.cluster import SimulatedCluster
from playground.world import ROLES, TENANT_GROUP, demo_world
from tests.clusters import client_of
from tests.databases import BOX, HeldClock
from tests.tenancy.fake_pve import FakePve

ROLE = "NubemoxTenant"


class Admin(Protocol):
    """What a cluster's admin does behind the bot's back."""

    def give(self, ugid: str, path: str, role: str, *, propagate: bool = True) -> None: ...

    def define(self, role: str, privileges: str) -> None: ...

    def add_guest_to(self, pool: str, vmid: int) -> None: ...


class _WorldsAdmin:
    def __init__(self, cluster: SimulatedCluster) -> None:
        self._cluster = cluster

    def give(self, ugid: str, path: str, role: str, *, propagate: bool = True) -> None:
        self._cluster.grant(ugid, path, role, propagate=propagate)

    def define(self, role: str, privileges: str) -> None:
        self._cluster.access.roles[role] = frozenset(privileges.split())

    def add_guest_to(self, pool: str, vmid: int) -> None:
        self._cluster.add_pool(pool)
        self._cluster.add_container(vmid, pool=pool)


class Site:
    """A tenant to be made, and the PVE it is made in."""

    def __init__(self, database: Database, access: Any, pools: Any, admin: Admin) -> None:
        self.store = TenantStore(database, BOX, HeldClock())
        self.access: Any = access
        self.pools: Any = pools
        self.admin = admin
        self.database = database
        self.pve = TenantPve(self.store, access, pools, group=TENANT_GROUP, role=ROLE)

    def add(self, name: str = "initech", poolid: str | None = None) -> Tenant:
        with self.database.write() as connection:
            self.store.add(
                connection,
                tenant_id=f"ten_{name}",
                name=name,
                poolid=poolid or name,
                channel_id=None,
                pve_userid=f"t-{name}@pve",
                pve_tokenid="nubemox",
                created_by="U0ADMIN",
            )
        found = self.store.find(name)
        assert found is not None
        return found


@pytest.fixture
def site(request: pytest.FixtureRequest, sqlite_url: str) -> Iterator[Site]:
    """The same over a fake of PVE and over the simulated cluster."""
    database = Database(sqlite_url)
    if getattr(request, "param", "fake") == "fake":
        fake = FakePve({name: frozenset(words.split()) for name, words in ROLES.items()})
        yield Site(database, fake, fake, fake)
    else:
        with demo_world() as cluster:
            client = client_of(cluster, timeout_s=10)
            yield Site(database, PveAccess(client), PvePools(client), _WorldsAdmin(cluster))
            client.close()
    database.close()


def both(function: Any) -> Any:
    return pytest.mark.parametrize("site", ["fake", "real"], indirect=True)(function)
