"""The service layer against the simulated cluster, which refuses what PVE would refuse.

Everything runs twice: as PVE 8.2 and as PVE 9, with the errors of each (in the status line alone,
or in the body), its privileges, its layouts, and without what it lacks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from nubemox_bot.core.clock import SystemClock
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve.access import PveAccess
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.cluster import PveCluster
from nubemox_bot.pve.guests import PveGuests
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import Credential, Guest, TaskStatus
from nubemox_bot.pve.pools import PvePools
from nubemox_bot.pve.tasks import PveTasks
from playground.cluster import SimulatedCluster, wait_until
from playground.world import TENANT_GROUP, demo_world
from tests.clusters import client_of

ROLE = "NubemoxTenant"


@dataclass
class Pve:
    """Everything of ours that speaks to one cluster."""

    cluster: SimulatedCluster
    client: PveClient
    inventory: Inventory
    guests: PveGuests
    tasks: PveTasks
    access: PveAccess
    pools: PvePools
    whole: PveCluster
    version: int

    def guest(self, vmid: int) -> Guest:
        found = self.inventory.fresh().by_vmid(vmid)
        assert found is not None
        return found

    def ended(self, upid: str) -> TaskStatus:
        return wait_until(  # type: ignore[no-any-return]
            lambda: (status := self.tasks.status(upid)) and not status.is_running and status
        )

    def tenant(self, poolid: str) -> PveClient:
        """Onboard a tenant with the bot's own rights, and act as it."""
        userid = f"t-{poolid}@pve"
        self.access.create_user(userid, groups=[TENANT_GROUP])
        self.access.grant(f"/pool/{poolid}", userid, ROLE)
        secret = self.access.create_token(userid, "nubemox")
        return self.client.acting_as(Credential(userid, "nubemox", secret))


@pytest.fixture(params=["8", "9"])
def pve(request: pytest.FixtureRequest) -> Iterator[Pve]:
    clock, metrics = SystemClock(), Metrics()
    with demo_world() as cluster:
        cluster.time_scale = 0
        if request.param == "8":
            cluster.answer_as_pve_8()
            cluster.report_version("8.2.2")
        client = client_of(cluster, metrics=metrics, clock=clock)
        inventory = Inventory(client, clock, metrics)
        whole = PveCluster(client, inventory, clock)
        yield Pve(
            cluster=cluster,
            client=client,
            inventory=inventory,
            guests=PveGuests(whole),
            tasks=PveTasks(client, lambda _: None),
            access=PveAccess(client),
            pools=PvePools(client),
            whole=whole,
            version=int(request.param),
        )
        client.close()
