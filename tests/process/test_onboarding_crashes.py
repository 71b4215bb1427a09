"""`kill -9` at each step of making a tenant: it becomes ready, with one token and nothing else."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pytest

from playground.slack import Turn
from tests.process.harness import until
from tests.process.site import PATIENCE_S, Site, running

pytestmark = pytest.mark.process


@dataclass(frozen=True)
class Call:
    """One call of the saga; `{user}` stands for the tenant's service user."""

    step: str
    method: str
    path: str


CALLS = [
    Call("pool", "POST", r"^/pools$"),
    Call("user", "POST", r"^/access/users$"),
    Call("acl", "PUT", r"^/access/acl$"),
    Call("token", "POST", r"^/access/users/{user}/token/nubemox$"),
    Call("verify", "GET", r"^/access/permissions$"),
]


@pytest.fixture(autouse=True)
def _a_bot_without_trouble(site: Site):
    if site.bot.process is None or site.bot.process.poll() is not None:
        site.bot.start()
    yield
    site.cluster.clear_faults()


@pytest.mark.parametrize("executed", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.step)
def test_killed(site: Site, call: Call, executed: bool, matrix):
    name = f"{call.step}-{'after' if executed else 'before'}"
    seen = len(site.workspace.user("carla").sees("#ops"))

    turn = _killed_in(site, name, call, executed=executed)
    restarted_at = time.monotonic()
    site.bot.start()

    turn.final("is ready", PATIENCE_S)
    until(lambda: not site.rows("SELECT id FROM turns WHERE told < wanted"), what="all told")
    took_s = time.monotonic() - restarted_at
    shown = site.workspace.user("carla").sees("#ops")[seen:]
    tokens = _tokens(site, name)
    audited = site.rows(
        "SELECT phase FROM audit JOIN tenants ON tenants.id = audit.tenant_id"
        " WHERE tenants.name = ? ORDER BY seq",
        name,
    )
    word = "executed, not answered" if executed else "sent, not executed"
    matrix(
        f"tenant: {call.step} {word}",
        "",
        f"{len(tokens)} token",
        f"{len(shown)} shown",
        ", ".join(row["phase"] for row in audited),
        f"{took_s:.1f} s",
    )

    assert len(shown) == 1
    assert tokens == ["nubemox"]
    assert _acl(site, name) == [(f"/pool/{name}", "NubemoxTenant")]
    assert name in site.cluster.access.pools
    assert [row["phase"] for row in audited] == ["intent", "outcome"]
    assert site.is_audit_whole()
    assert _can_start(site, name)


def _killed_in(site: Site, name: str, call: Call, *, executed: bool) -> Turn:
    path = call.path.format(user=f"t-{name}@pve")
    where: dict[str, Any] = {"method": call.method, "path": path, "times": 1}
    held = site.cluster.slow_body(30.0, **where) if executed else site.cluster.hang(**where)
    answered = len(site.cluster.calls(call.method, path))

    turn = site.ask("carla", f"tenant create {name}", "#ops")

    until(lambda: held.hits, what=f"the call of {call.step}")
    if executed:
        until(lambda: len(site.cluster.calls(call.method, path)) > answered, what="its effect")
    site.bot.kill()
    held.clear()
    return turn


def _tokens(site: Site, name: str) -> list[str]:
    return list(site.cluster.access.users[f"t-{name}@pve"].tokens)


def _acl(site: Site, name: str) -> list[tuple[str, str]]:
    held_by = f"t-{name}@pve"
    entries = list(site.cluster.access.entries())
    return [(one.path, one.roleid) for one in entries if one.ugid.startswith(held_by)]


def _can_start(site: Site, name: str) -> bool:
    """The token that the bot kept is the one that PVE has."""
    guest = site.cluster.guest(108)
    guest.set_status("stopped")
    guest.move_to_pool(name)
    site.ask("carla", "ct start 108", "#general").final("is running", PATIENCE_S)
    assert site.cluster.tasks("vzstart", 108)[-1].user == f"t-{name}@pve!nubemox"
    return running(site, 108)
