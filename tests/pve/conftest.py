"""A simulated cluster, misbehaving stubs, and clients of both."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from fakepve.certs import make_cert

from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import Credential
from playground.cluster import SimulatedCluster
from playground.world import demo_world
from tests.pve.wire_stub import WireStub


class HeldClock:
    """Time that stands until a test moves it."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
        self._monotonic = 1000.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += timedelta(seconds=seconds)
            self._monotonic += seconds


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    certfile, keyfile, _der = make_cert(str(tmp_path_factory.mktemp("tls")), hosts=("127.0.0.1",))
    return certfile, keyfile


@pytest.fixture
def stub(certificate: tuple[str, str]) -> Iterator[Callable[[], WireStub]]:
    """Makes servers of one's own."""
    made: list[WireStub] = []

    def make() -> WireStub:
        made.append(WireStub(certificate))
        return made[-1]

    yield make
    for one in made:
        one.close()


MakeClient = Callable[..., PveClient]


@pytest.fixture
def client_of(
    certificate: tuple[str, str], metrics: Metrics, clock: HeldClock
) -> Iterator[MakeClient]:
    """A client of stubs: `client_of(first, second, timeout_s=1)`."""
    made: list[PveClient] = []

    def make(*stubs: WireStub | str, **options: object) -> PveClient:
        hosts = [one if isinstance(one, str) else one.host for one in stubs]
        given = {"verify": certificate[0], "timeout_s": 2.0, "metrics": metrics, "clock": clock}
        credential = Credential("nubemox@pve", "bot", "5ecret-5ecret-5ecret")
        made.append(PveClient(hosts, credential, **{**given, **options}))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def cluster() -> Iterator[SimulatedCluster]:
    with demo_world() as world:
        world.time_scale = 0
        yield world


@pytest.fixture
def client(cluster: SimulatedCluster, metrics: Metrics, clock: HeldClock) -> Iterator[PveClient]:
    """Acts as the bot on the simulated cluster."""
    made = connect(cluster, metrics, clock)
    yield made
    made.close()


def connect(
    cluster: SimulatedCluster, metrics: Metrics, clock: HeldClock, **options: object
) -> PveClient:
    userid, _, tokenid = cluster.tokenid.partition("!")
    given: dict[str, object] = {
        "verify": cluster.cafile,
        "timeout_s": 5.0,
        "metrics": metrics,
        "clock": clock,
    }
    hosts = options.pop("hosts", [cluster.host])
    credential = Credential(userid, tokenid, cluster.secret)
    return PveClient(hosts, credential, **{**given, **options})  # type: ignore[arg-type]


@pytest.fixture
def inventory(client: PveClient, metrics: Metrics, clock: HeldClock) -> Inventory:
    return Inventory(client, clock, metrics)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(40) as pool:
        yield pool
