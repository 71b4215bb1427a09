"""The demo world, and callers who reach it over HTTPS with nothing but requests."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
import requests

from playground.cluster import SimulatedCluster
from playground.world import TENANT_GROUP, demo_world


@dataclass(frozen=True)
class Answer:
    status: int
    reason: str
    text: str
    data: Any = None
    message: str = ""
    errors: dict[str, str] | None = None


class Caller:
    """A client of the cluster's API, with one token."""

    opened: ClassVar[list["Caller"]] = []

    def __init__(
        self, cluster: SimulatedCluster, tokenid: str, secret: str, url: str | None = None
    ) -> None:
        self.tokenid = tokenid
        self._base = (url or cluster.url) + "/api2/json"
        self.session = requests.Session()
        self.opened.append(self)
        # Or the machine's own CA bundle would win over the cluster's.
        self.session.trust_env = False
        self.session.verify = cluster.cafile
        self.session.headers["Authorization"] = f"PVEAPIToken={tokenid}={secret}"

    def call(self, method: str, path: str, /, **params: Any) -> Answer:
        in_query = method in {"GET", "DELETE"}
        response = self.session.request(
            method,
            self._base + path,
            params=params if in_query else None,
            data=None if in_query else params,
            timeout=10,
        )
        body = response.json() if response.content else {}
        return Answer(
            response.status_code,
            response.reason,
            response.text,
            body.get("data"),
            body.get("message", "").strip(),
            body.get("errors"),
        )

    def get(self, path: str, /, **params: Any) -> Answer:
        return self.call("GET", path, **params)

    def post(self, path: str, /, **params: Any) -> Answer:
        return self.call("POST", path, **params)

    def put(self, path: str, /, **params: Any) -> Answer:
        return self.call("PUT", path, **params)

    def delete(self, path: str, /, **params: Any) -> Answer:
        return self.call("DELETE", path, **params)


@pytest.fixture(autouse=True)
def _callers_hang_up() -> Iterator[None]:
    yield
    while Caller.opened:
        Caller.opened.pop().session.close()


@pytest.fixture
def cluster() -> Iterator[SimulatedCluster]:
    with demo_world() as cluster:
        yield cluster


@pytest.fixture
def bot(cluster: SimulatedCluster) -> Caller:
    """Calls with the bot's provisioning token."""
    return Caller(cluster, cluster.tokenid, cluster.secret)


@pytest.fixture
def root(cluster: SimulatedCluster) -> Caller:
    """Calls with a token of root@pam's that has all of its rights."""
    return Caller(cluster, *cluster.add_token("root@pam", "admin"))


@pytest.fixture
def acme(cluster: SimulatedCluster) -> Caller:
    """Calls as the tenant of the pool acme, whose user an admin has already made."""
    cluster.add_user("t-acme@pve", groups=(TENANT_GROUP,))
    cluster.grant("t-acme@pve", "/pool/acme", "NubemoxTenant")
    return Caller(cluster, *cluster.add_token("t-acme@pve", "nubemox"))
