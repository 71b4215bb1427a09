"""A tenant is made with the bot's token, end to end; its token then sees its pool and no more."""

import pytest

from playground.cluster import SimulatedCluster
from playground.world import TENANT_GROUP, demo_world
from tests.playground.conftest import Caller


@pytest.fixture
def acme(cluster: SimulatedCluster, bot: Caller) -> Caller:
    """The tenant acme, made by the bot itself in an existing pool."""
    user = "t-acme@pve"
    assert bot.post("/access/users", userid=user, groups=TENANT_GROUP).status == 200
    granted = bot.put("/access/acl", path="/pool/acme", users=user, roles="NubemoxTenant")
    assert granted.status == 200
    made = bot.post(f"/access/users/{user}/token/nubemox", privsep=0)
    assert made.data["full-tokenid"] == "t-acme@pve!nubemox"
    assert made.data["info"] == {"privsep": 0, "expire": 0}
    return Caller(cluster, made.data["full-tokenid"], made.data["value"])


def test_a_new_pool_can_be_made_for_a_tenant(cluster: SimulatedCluster, bot: Caller):
    assert bot.post("/pools", poolid="initech").status == 200
    bot.post("/access/users", userid="t-initech@pve", groups=TENANT_GROUP)

    granted = bot.put(
        "/access/acl", path="/pool/initech", users="t-initech@pve", roles="NubemoxTenant"
    )

    assert granted.status == 200
    assert "VM.PowerMgmt" in cluster.access.permissions("t-initech@pve", "/pool/initech")


def test_the_tenant_sees_the_guests_of_its_pool_and_no_others(acme: Caller):
    rows = acme.get("/cluster/resources", type="vm").data

    assert sorted(row["vmid"] for row in rows) == [105, 106, 107, 108, 120, 121, 122]
    assert {row["pool"] for row in rows} == {"acme"}


def test_the_bot_reads_back_what_the_tenant_may_do(bot: Caller, acme: Caller):
    held = bot.get("/access/permissions", userid=acme.tokenid).data

    assert set(held) == {"/pool/acme"} | {
        f"/vms/{vmid}" for vmid in (105, 106, 107, 108, 120, 121, 122)
    }
    assert held["/pool/acme"]["VM.PowerMgmt"] == 1
    assert held["/vms/105"]["VM.PowerMgmt"] == 0
    assert "VM.Allocate" not in held["/vms/105"]


def test_the_tenant_starts_its_guest_and_the_task_bears_its_token(
    cluster: SimulatedCluster, acme: Caller
):
    upid = acme.post("/nodes/pve1/lxc/105/status/start").data

    assert cluster.guest(105).status == "running"
    assert cluster.task_of(upid).user == "t-acme@pve!nubemox"
    assert [task.user for task in cluster.guest(105).history] == ["t-acme@pve!nubemox"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nodes/pve1/lxc/{vmid}/status/current"),
        ("GET", "/nodes/pve1/lxc/{vmid}/config"),
        ("POST", "/nodes/pve1/lxc/{vmid}/status/start"),
        ("POST", "/nodes/pve1/lxc/{vmid}/status/stop"),
        ("POST", "/nodes/pve1/qemu/{vmid}/status/start"),
        ("POST", "/nodes/pve1/lxc/{vmid}/snapshot"),
        ("DELETE", "/nodes/pve1/lxc/{vmid}"),
    ],
)
def test_a_foreign_guest_and_a_missing_one_cannot_be_told_apart(
    acme: Caller, method: str, path: str
):
    foreign = acme.call(method, path.format(vmid=205))
    missing = acme.call(method, path.format(vmid=999))

    assert (foreign.status, missing.status) == (403, 403)
    assert foreign.message.replace("205", "999") == missing.message


def test_the_tenant_can_neither_make_nor_change_guests_by_itself(acme: Caller):
    template = "local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst"

    created = acme.post("/nodes/pve1/lxc", vmid=500, ostemplate=template, pool="acme")
    resized = acme.put("/nodes/pve1/lxc/105/resize", disk="rootfs", size="+1G")
    deleted = acme.delete("/nodes/pve1/lxc/105")
    moved = acme.put("/pools", poolid="acme", vms="205")
    shared = acme.put("/access/acl", path="/pool/acme", users="t-acme@pve", roles="NubemoxTenant")

    refused = (created, resized, deleted, moved, shared)
    assert [answer.status for answer in refused] == [403] * 5


def test_a_guest_that_leaves_the_pool_leaves_the_tenants_sight(
    cluster: SimulatedCluster, acme: Caller
):
    cluster.guest(105).move_to_pool("globex")

    assert acme.get("/nodes/pve1/lxc/105/config").status == 403
    assert 105 not in {row["vmid"] for row in acme.get("/cluster/resources", type="vm").data}


def test_disabling_the_user_needs_its_groups_named_again(bot: Caller, acme: Caller):
    bare = bot.put("/access/users/t-acme@pve", enable=0)
    full = bot.put("/access/users/t-acme@pve", enable=0, groups=TENANT_GROUP)

    assert (bare.status, bare.message) == (
        403,
        "Permission check failed (/access/groups, User.Modify)",
    )
    assert full.status == 200
    assert acme.get("/version").status == 401


def test_offboarding_leaves_nothing_behind(cluster: SimulatedCluster, bot: Caller):
    bot.post("/pools", poolid="initech")
    bot.post("/access/users", userid="t-initech@pve", groups=TENANT_GROUP)
    bot.put("/access/acl", path="/pool/initech", users="t-initech@pve", roles="NubemoxTenant")
    bot.post("/access/users/t-initech@pve/token/nubemox", privsep=0)

    bot.delete("/access/users/t-initech@pve/token/nubemox")
    bot.put(
        "/access/acl", path="/pool/initech", users="t-initech@pve", roles="NubemoxTenant", delete=1
    )
    bot.delete("/access/users/t-initech@pve")
    bot.delete("/pools", poolid="initech")

    assert "initech" not in cluster.access.pools
    assert not [entry for entry in cluster.access.entries() if "initech" in entry.ugid + entry.path]


def test_the_secret_is_new_in_each_run(cluster: SimulatedCluster):
    with demo_world() as other:
        assert other.tokenid == cluster.tokenid
        assert other.secret != cluster.secret
