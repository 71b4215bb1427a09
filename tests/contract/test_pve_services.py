"""The service layer against the simulated cluster, which refuses what PVE would refuse.

Everything runs twice: with errors worded as PVE 8 sends them (in the status line alone), and as
PVE 9 does (in the body).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from nubemox_bot.core.clock import SystemClock
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve.access import PveAccess
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.cluster import PveCluster
from nubemox_bot.pve.errors import (
    AlreadyExists,
    AlreadyRunning,
    AnswerLost,
    EntryMissing,
    GuestConfigMissing,
    GuestLocked,
    InAnotherPool,
    IsTemplate,
    LockTimeout,
    NodeMissing,
    NodeOffline,
    NoQuorum,
    NotEmpty,
    NotInPool,
    NotRunning,
    PveForbidden,
    PveRefused,
    PveTokenRefused,
    ShutdownTimedOut,
    TaskUnknown,
)
from nubemox_bot.pve.guests import PveGuests
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import Credential, Guest, GuestKind, TaskStatus
from nubemox_bot.pve.nodes import PveNodes
from nubemox_bot.pve.paths import PvePath
from nubemox_bot.pve.pools import PvePools
from nubemox_bot.pve.storage import PveStorages
from nubemox_bot.pve.tasks import PveTasks
from nubemox_bot.pve.templates import PveTemplates
from nubemox_bot.pve.translation import task_error
from playground.cluster import SimulatedCluster, wait_until
from playground.world import TENANT_GROUP, demo_world

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
        userid, _, tokenid = cluster.tokenid.partition("!")
        client = PveClient(
            [cluster.host],
            Credential(userid, tokenid, cluster.secret),
            verify=cluster.cafile,
            timeout_s=5,
            metrics=metrics,
            clock=clock,
        )
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
        )
        client.close()


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


@pytest.mark.parametrize("vmid", [105, 120], ids=["container", "vm"])
def test_a_guest_is_started_shut_down_rebooted_and_stopped_with_the_tenants_token(
    pve: Pve, vmid: int
) -> None:
    tenant = pve.tenant("acme")
    guest = pve.guest(vmid)

    for begin, running in (
        (pve.guests.start, True),
        (pve.guests.reboot, True),
        (pve.guests.shutdown, False),
        (pve.guests.start, True),
        (pve.guests.stop, False),
    ):
        assert pve.ended(begin(tenant, guest)).succeeded
        assert pve.guests.live_status(tenant, guest).is_running is running

    assert {task.user for task in pve.cluster.guest(vmid).history} == {"t-acme@pve!nubemox"}


def test_a_foreign_guest_and_a_missing_one_are_refused_alike(pve: Pve) -> None:
    tenant = pve.tenant("acme")
    foreign = pve.guest(205)
    missing = Guest(vmid=999, kind=GuestKind.LXC, name="x", node="pve1")

    for guest in (foreign, missing):
        with pytest.raises(PveForbidden) as caught:
            pve.guests.start(tenant, guest)
        assert caught.value.data["path"] == f"/vms/{guest.vmid}"
    assert pve.cluster.guest(205).history == []


def test_starting_what_runs(pve: Pve) -> None:
    """A container refuses at once, a VM's task fails: the same error either way."""
    with pytest.raises(AlreadyRunning) as caught:
        pve.guests.start(pve.client, pve.guest(106))
    assert caught.value.data == {"guest": "106"}

    vm = pve.ended(pve.guests.start(pve.client, pve.guest(121)))
    assert type(task_error(vm)) is AlreadyRunning


def test_stopping_and_rebooting_what_is_stopped(pve: Pve) -> None:
    with pytest.raises(NotRunning):
        pve.guests.shutdown(pve.client, pve.guest(105))
    with pytest.raises(NotRunning):
        pve.guests.stop(pve.client, pve.guest(105))
    for vmid in (105, 120):
        with pytest.raises(NotRunning) as caught:
            pve.guests.reboot(pve.client, pve.guest(vmid))
        assert caught.value.data == {"guest": str(vmid)}

    assert pve.ended(pve.guests.shutdown(pve.client, pve.guest(120))).succeeded


@pytest.mark.parametrize("vmid", [106, 121], ids=["container", "vm"])
def test_a_guest_that_does_not_obey_keeps_running(pve: Pve, vmid: int) -> None:
    pve.cluster.guest(vmid).ignore_shutdown()

    ended = pve.ended(pve.guests.shutdown(pve.client, pve.guest(vmid), timeout_s=1))

    assert type(task_error(ended)) is ShutdownTimedOut
    assert task_error(ended).data["guest"] == str(vmid)


@pytest.mark.parametrize("vmid", [105, 120], ids=["container", "vm"])
def test_a_locked_guest_says_what_holds_it(pve: Pve, vmid: int) -> None:
    pve.cluster.guest(vmid).set_lock("backup")

    error = task_error(pve.ended(pve.guests.start(pve.client, pve.guest(vmid))))

    assert type(error) is GuestLocked
    assert error.data == {"guest": str(vmid), "lock": "backup"}


def test_a_template_does_not_run(pve: Pve) -> None:
    pve.cluster.grant("nubemox@pve", "/vms/9000", "PVEVMAdmin")

    error = task_error(pve.ended(pve.guests.start(pve.client, pve.guest(9000))))

    assert type(error) is IsTemplate


def test_a_guest_that_moved_is_no_longer_where_it_was(pve: Pve) -> None:
    vm, ct = pve.guest(120), pve.guest(105)
    pve.cluster.guest(120).move_to_node("pve3")
    pve.cluster.guest(105).move_to_node("pve3")

    with pytest.raises(GuestConfigMissing) as caught:
        pve.guests.start(pve.client, vm)
    with pytest.raises(GuestConfigMissing):
        pve.guests.live_status(pve.client, ct)
    started = pve.ended(pve.guests.start(pve.client, ct))

    assert caught.value.data == {"guest": "120"}
    assert type(task_error(started)) is GuestConfigMissing


def test_without_quorum_nothing_changes_and_reads_go_on(pve: Pve) -> None:
    vm = pve.guest(120)
    pve.cluster.lose_quorum()

    with pytest.raises(NoQuorum):
        pve.guests.start(pve.client, vm)
    with pytest.raises(NoQuorum):
        pve.pools.create("later")

    assert not pve.whole.status().is_quorate
    assert pve.inventory.fresh().by_vmid(120)


def test_a_node_that_is_gone(pve: Pve) -> None:
    guest = pve.guest(106)
    pve.cluster.take_node_offline("pve2")

    with pytest.raises(NodeOffline) as caught:
        pve.guests.live_status(pve.client, guest)

    assert caught.value.data == {"node": "pve2"}
    assert pve.whole.status().nodes_offline == ("pve2",)
    with pytest.raises(NodeMissing):
        PveNodes(pve.client, pve.inventory).get("nope")


def test_a_node_that_never_was(pve: Pve) -> None:
    with pytest.raises(NodeMissing) as caught:
        pve.client.get(PvePath.to("/nodes/{node}/qemu", node="xyz"))

    assert caught.value.data == {"node": "xyz"}


def test_a_refused_token(pve: Pve) -> None:
    stranger = pve.client.acting_as(Credential("nubemox@pve", "bot", "0" * 36))

    with pytest.raises(PveTokenRefused):
        stranger.get(PvePath.to("/version"))


def test_a_lost_answer_is_found_among_our_own_tasks(pve: Pve) -> None:
    tenant, guest = pve.tenant("acme"), pve.guest(105)
    since = SystemClock().now() - timedelta(seconds=1)
    types = {"vzstart"}
    assert pve.tasks.find(tenant, guest, types=types, since=since) is None
    pve.cluster.lose_answer(method="POST", path="status/start")

    with pytest.raises(AnswerLost):
        pve.guests.start(tenant, guest)

    found = pve.tasks.find(tenant, guest, types=types, since=since)
    assert found is not None
    assert pve.ended(found).succeeded
    assert pve.tasks.find(pve.client, guest, types=types, since=since) is None
    assert len(pve.cluster.calls("POST", "status/start")) == 1


def test_a_lost_request_is_not_sent_again_either(pve: Pve) -> None:
    guest = pve.guest(105)
    pve.cluster.lose_request(method="POST", path="status/start")

    with pytest.raises(AnswerLost):
        pve.guests.start(pve.client, guest)

    assert pve.cluster.guest(105).status == "stopped"
    assert len(pve.cluster.calls("POST", "status/start")) == 1


def test_tasks_tell_how_they_stand_and_what_they_wrote(pve: Pve) -> None:
    with pve.cluster.tasks_held():
        upid = pve.guests.start(pve.client, pve.guest(105))
        assert pve.tasks.status(upid).is_running

    assert pve.ended(upid).succeeded
    assert pve.tasks.log_tail(upid, lines=1) == ["TASK OK"]


def test_a_task_that_pve_does_not_know(pve: Pve) -> None:
    with pytest.raises(TaskUnknown):
        pve.tasks.status("UPID:pve1:0002F1A4:01A2B3C4:67420000:qmstart:100:nubemox@pve!bot:")


def test_an_ha_guests_task_ends_before_the_guest_does_anything(pve: Pve) -> None:
    pve.cluster.guest(121).manage_by_ha("started")
    guest = pve.guest(121)
    assert guest.is_ha

    with pve.cluster.ha_held():
        ended = pve.ended(pve.guests.stop(pve.client, guest))
        live = pve.guests.live_status(pve.client, guest)

    assert ended.succeeded
    assert live.ha_managed
    assert live.is_running
    wait_until(lambda: not pve.guests.live_status(pve.client, guest).is_running)


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

    templates = PveTemplates(storages, pve.inventory, SystemClock()).list()

    assert "debian-12-standard" in {template.name for template in templates}


def test_a_lock_on_the_guests_config(pve: Pve) -> None:
    pve.cluster.fail(
        500,
        "can't lock file '/run/lock/lxc/pve-config-105.lock' - got timeout",
        method="POST",
        path="status/start",
    )

    with pytest.raises(LockTimeout):
        pve.guests.start(pve.client, pve.guest(105))
