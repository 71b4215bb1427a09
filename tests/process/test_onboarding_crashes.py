"""`kill -9` at each step of making a tenant: it becomes ready, with one token and nothing else."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from tests.process.harness import until
from tests.process.jobs import PveStep, killed_in
from tests.process.site import PATIENCE_S, Site, running

pytestmark = pytest.mark.process

# `{user}` stands for the tenant's service user.
CALLS = [
    PveStep("pool", "POST", r"^/pools$"),
    PveStep("user", "POST", r"^/access/users$"),
    PveStep("acl", "PUT", r"^/access/acl$"),
    PveStep("token", "POST", r"^/access/users/{user}/token/nubemox$"),
    PveStep("verify", "GET", r"^/access/permissions$"),
]


@pytest.fixture(autouse=True)
def _a_bot_without_trouble(site: Site):
    site.revive()
    yield
    site.cluster.clear_faults()


@pytest.mark.parametrize("executed", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_killed(site: Site, call: PveStep, executed: bool, matrix):
    name = f"{call.name}-{'after' if executed else 'before'}"
    seen = len(site.workspace.user("carla").sees("#ops"))
    step = replace(call, path=call.path.format(user=f"t-{name}@pve"))
    ask = lambda: site.ask("carla", f"tenant create {name}", "#ops")

    turn = killed_in(site, step, ask, executed=executed)
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
        f"tenant: {call.name} {word}",
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
