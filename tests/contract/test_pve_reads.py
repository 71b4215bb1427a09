"""What is read of the cluster, and its pools, users, grants and templates."""

from __future__ import annotations

import pytest

from nubemox_bot.core.clock import SystemClock
from nubemox_bot.pve.errors import (
    AlreadyExists,
    EntryMissing,
    InAnotherPool,
    NodeMissing,
    NotEmpty,
    NotInPool,
    PveForbidden,
    PveRefused,
    PveTokenRefused,
)
from nubemox_bot.pve.model import Credential, GuestKind
from nubemox_bot.pve.paths import PvePath
from nubemox_bot.pve.storage import PveStorages
from nubemox_bot.pve.templates import PveTemplates
from playground.world import TENANT_GROUP
from tests.contract.conftest import ROLE, Pve


def test_one_call_tells_guests_nodes_storages_and_pools(pve: Pve) -> None:
    snapshot = pve.inventory.recent()

    web = snapshot.by_vmid(105)
    assert web is not None
    assert (web.kind, web.name, web.node, web.poolid, web.tags) == (
        GuestKind.LXC, "web-1", "pve1", "acme", ("web",),
    )  # fmt: skip
    assert [node.name for node in snapshot.nodes if node.is_online] == ["pve1", "pve2", "pve3"]
    assert {pool.poolid for pool in snapshot.pools} >= {"acme", "globex", "templates"}
    assert sum(one.storageid == "ceph" for one in snapshot.merged_storages) == 1
    assert len(pve.cluster.calls()) == 1


def test_the_summary_takes_two_calls(pve: Pve) -> None:
    summary = pve.whole.summary()

    assert (summary.nodes_online, summary.nodes, summary.guests) == (3, 3, 13)
    assert (summary.guests_running, summary.vms, summary.containers) == (8, 6, 7)
    assert summary.status.is_quorate
    assert summary.memory_total_bytes == 3 * 64 * 1024**3
    assert len(pve.cluster.calls()) == 2


def test_reaching_pve_tells_its_version_and_how_fast(pve: Pve) -> None:
    pve.cluster.report_version("8.4.1")

    reach = pve.whole.test()

    assert reach.version.text == "8.4.1"
    assert 0 < reach.latency_ms < 5000


def test_a_node_that_never_was(pve: Pve) -> None:
    with pytest.raises(NodeMissing) as caught:
        pve.client.get(PvePath.to("/nodes/{node}/qemu", node="xyz"))

    assert caught.value.data == {"node": "xyz"}


def test_a_refused_token(pve: Pve) -> None:
    stranger = pve.client.acting_as(Credential("nubemox@pve", "bot", "0" * 36))

    with pytest.raises(PveTokenRefused):
        stranger.get(PvePath.to("/version"))


def test_pools_are_made_found_and_removed(pve: Pve) -> None:
    pve.pools.create("initech", "for tests")

    assert pve.pools.exists("initech")
    assert not pve.pools.exists("initec")
    assert ("initech", "for tests") in [(p.poolid, p.comment) for p in pve.pools.list()]
    with pytest.raises(AlreadyExists):
        pve.pools.create("initech")

    pve.pools.delete("initech")
    pve.pools.delete("initech")
    assert not pve.pools.exists("initech")
    assert all("poolid" not in call.params for call in pve.cluster.calls("GET", "/pools"))


def test_a_pool_with_something_in_it_stays(pve: Pve) -> None:
    with pytest.raises(NotEmpty) as caught:
        pve.pools.delete("acme")

    assert caught.value.data == {"poolid": "acme"}


def test_guests_move_between_pools_only_when_that_was_meant(pve: Pve) -> None:
    with pytest.raises(InAnotherPool):
        pve.pools.add_guest("globex", 105)
    with pytest.raises(NotInPool):
        pve.pools.remove_guest("globex", 105)

    pve.pools.add_guest("globex", 105, from_any_pool=True)

    assert pve.guest(105).poolid == "globex"


def test_a_tenants_token_can_do_what_the_role_says_on_its_pool_and_nothing_else(
    pve: Pve,
) -> None:
    pve.tenant("acme")
    meant = pve.access.role_privileges(ROLE)

    held = pve.access.permissions("t-acme@pve!nubemox")

    assert set(held["/pool/acme"]) == meant
    assert {path for path in held if not path.startswith("/vms/")} == {"/pool/acme"}
    assert (
        pve.access.permissions("t-acme@pve!nubemox", "/pool/globex").get("/pool/globex", {}) == {}
    )


def test_users_grants_and_tokens_bear_repetition(pve: Pve) -> None:
    user = "t-acme@pve"
    pve.access.create_user(user, groups=[TENANT_GROUP], comment="tenant acme")
    with pytest.raises(AlreadyExists):
        pve.access.create_user(user, groups=[TENANT_GROUP])
    for _ in range(2):
        pve.access.grant("/pool/acme", user, ROLE)
    first = pve.access.create_token(user, "nubemox")
    with pytest.raises(AlreadyExists):
        pve.access.create_token(user, "nubemox")

    found = pve.access.find_user(user)
    assert found is not None
    assert (found.groups, found.comment, found.is_enabled) == ((TENANT_GROUP,), "tenant acme", True)
    assert [(t.tokenid, t.is_separated) for t in pve.access.list_tokens(user)] == [
        ("nubemox", False)
    ]
    listed = {one.userid: one for one in pve.access.list_users()}
    assert listed[user].tokens[0].tokenid == "nubemox"
    mine = [e for e in pve.access.list_acl() if e.ugid == user]
    assert [(e.path, e.kind, e.roleid, e.propagates) for e in mine] == [
        ("/pool/acme", "user", ROLE, True)
    ]

    second = pve.access.renew_token(user, "nubemox")
    assert second != first
    old, new = (
        pve.client.acting_as(Credential(user, "nubemox", secret)) for secret in (first, second)
    )
    with pytest.raises(PveTokenRefused):
        old.get(PvePath.to("/version"))
    assert new.get(PvePath.to("/version"))

    for _ in range(2):
        pve.access.delete_token(user, "nubemox")
        pve.access.revoke("/pool/acme", user, ROLE)
    for _ in range(2):
        pve.access.delete_user(user)
    assert pve.access.find_user(user) is None


def test_a_disabled_user_is_refused_at_once(pve: Pve) -> None:
    tenant = pve.tenant("acme")

    pve.access.enable_user("t-acme@pve", enabled=False, groups=[TENANT_GROUP])

    with pytest.raises(PveTokenRefused):
        tenant.get(PvePath.to("/version"))


def test_what_names_something_missing_says_so(pve: Pve) -> None:
    pve.access.create_user("t-acme@pve", groups=[TENANT_GROUP])

    with pytest.raises(EntryMissing):
        pve.access.grant("/pool/acme", "t-acme@pve", "NoSuchRole")
    with pytest.raises(EntryMissing):
        pve.access.role_privileges("NoSuchRole")
    with pytest.raises(PveForbidden):
        pve.access.grant("/nonsense", "t-acme@pve", ROLE)
    with pytest.raises((PveForbidden, PveRefused)):  # PVE 8 tells only half of its reason
        pve.access.grant("/pool/acme", "t-acme@pve", "Administrator")


def test_the_bot_cannot_reach_past_its_own_rights(pve: Pve) -> None:
    with pytest.raises(PveForbidden):
        pve.access.create_user("stray@pve", groups=[])
    with pytest.raises(PveForbidden):
        pve.access.create_token("root@pam", "evil")


def test_a_missing_users_token_can_be_deleted_again(pve: Pve) -> None:
    """Undoing an onboarding that never came that far must not fail."""
    pve.access.create_user("t-acme@pve", groups=[TENANT_GROUP])
    pve.access.delete_user("t-acme@pve")

    pve.access.revoke("/pool/acme", "t-acme@pve", ROLE)
    pve.access.delete_token("t-acme@pve", "nubemox")
    with pytest.raises(EntryMissing):
        pve.access.create_token("t-acme@pve", "nubemox")


def test_templates_have_names_for_people(pve: Pve) -> None:
    storages = PveStorages(pve.client, pve.inventory)
    templates = PveTemplates(storages, pve.inventory, SystemClock())

    names = {template.name: template for template in templates.list()}
    templates.list()

    assert set(names) == {
        "alpine-3.20-default",
        "debian-12-standard",
        "ubuntu-24.04-standard",
        "debian-12-cloud",
        "ubuntu-24.04-cloud",
    }
    assert names["debian-12-standard"].volid == (
        "local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst"
    )
    assert names["debian-12-cloud"].vmid == 9000
    (found,) = templates.matching("debian-12", GuestKind.LXC)
    assert found is not None
    assert found.name == "debian-12-standard"
    assert [t.vmid for t in templates.matching("9001")] == [9001]
    asked = pve.cluster.calls("GET", "/content")
    assert len(asked) == len({call.path for call in asked})


def test_a_storage_that_does_not_answer_hides_only_its_own_templates(pve: Pve) -> None:
    storages = PveStorages(pve.client, pve.inventory)
    pve.cluster.fail(500, "mount error", path="storage/nfs/content")

    templates = PveTemplates(storages, pve.inventory, SystemClock())

    assert "debian-12-standard" in {template.name for template in templates.list()}
    asked = len(pve.cluster.calls("GET", "/nfs/content"))
    templates.list()
    assert len(pve.cluster.calls("GET", "/nfs/content")) == asked, "not everybody waits for it"


def test_a_node_that_is_back_has_its_templates_at_once(pve: Pve) -> None:
    storages = PveStorages(pve.client, pve.inventory)
    templates = PveTemplates(storages, pve.inventory, SystemClock())
    pve.cluster.take_node_offline("pve1")
    pve.cluster.broadcast_now()
    pve.inventory.forget()
    (before,) = templates.matching("debian-12-standard")

    pve.cluster.bring_node_back("pve1")
    pve.cluster.broadcast_now()
    pve.inventory.forget()

    (after,) = templates.matching("debian-12-standard")
    assert set(after.nodes) - set(before.nodes) == {"pve1"}


def test_before_8_1_pools_are_named_in_the_path(pve: Pve) -> None:
    pve.cluster.report_version("7.4.18")
    pve.cluster.add_container(10_000, name="loose")
    pve.cluster.grant("nubemox@pve", "/vms/10000", "PVEVMAdmin")
    pve.pools.create("initech")
    pve.pools.add_guest("initech", 10_000)
    pve.pools.remove_guest("initech", 10_000)

    pve.pools.delete("initech")
    pve.pools.delete("initech")

    assert not pve.pools.exists("initech")
    assert len(pve.cluster.calls("DELETE", "^/pools/initech$")) == 2
