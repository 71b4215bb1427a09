"""What a plan never lacks, whatever is asked for and whatever the cluster looks like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.creation.drafting import check_words
from nubemox_bot.creation.model import PRESETS, Blueprint, Order
from nubemox_bot.creation.sources import refuse_unsafe
from nubemox_bot.pve.guestconfig import GuestConfig
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.store.engine import Database
from nubemox_bot.tenancy.model import Role
from playground.cluster import SimulatedCluster
from playground.world import demo_world
from tests.creation.workshop import ANA, Workshop

NAMES = st.one_of(
    st.just("web-7"), st.from_regex(r"[a-z][a-z0-9-]{0,61}[a-z0-9]", fullmatch=True), st.text()
)
TEMPLATES = st.sampled_from(
    [None, "debian-12", "alpine", "9000", "9001", "ubuntu-24.04-cloud", "no-such",
     "local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst"]
)  # fmt: skip
ORDERS = st.builds(
    Order,
    kind=st.sampled_from(GuestKind),
    name=NAMES,
    template=TEMPLATES,
    iso=st.sampled_from([None, None, "debian-12.7.0-amd64-netinst.iso"]),
    size=st.sampled_from([None, *(preset.size for preset in PRESETS)]),
    cores=st.none() | st.integers(1, 256),
    memory_mib=st.none() | st.integers(1, 10**7),
    disk_gib=st.none() | st.integers(1, 10**6),
    node=st.sampled_from([None, None, "pve1", "pve2", "pve9"]),
    storage=st.sampled_from([None, None, "ceph", "local-lvm", "nfs"]),
    bridge=st.sampled_from([None, None, "vmbr0", "vmbr9"]),
    days=st.none() | st.integers(0, 3650),
    address=st.sampled_from([None, None, "10.0.0.5/24", "10.0.0.5", "x"]),
    gateway=st.sampled_from([None, None, "10.0.0.1", "10.1.0.1"]),
    user=st.sampled_from([None, None, "ana", "Ana!"]),
    tags=st.sampled_from([(), ("web",), ("web", "lab")]),
    start=st.booleans(),
)


@pytest.fixture(scope="module")
def planning(migrated_file: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """One cluster for every example: nothing is changed on it."""
    import shutil

    folder = tmp_path_factory.mktemp("planning")
    for file in migrated_file.parent.iterdir():
        shutil.copy(file, folder)
    database = Database(f"sqlite:///{folder / migrated_file.name}")
    with demo_world() as cluster:
        workshop = Workshop(cluster, database)
        workshop.add_tenant("acme", (ANA, Role.OWNER))
        yield workshop
        assert cluster.mutations() == []
        workshop.client.close()
    database.close()


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=ORDERS)
def test_a_plan_is_in_a_pool_unprivileged_and_behind_the_firewall(
    planning: Workshop, order: Order
) -> None:
    try:
        plan = planning.service.plan(ANA, order)
    except NubemoxError:
        return

    create, *rest = plan.calls
    assert create.method == "POST"
    assert create.parameters["pool"] == "acme"
    if create.path.endswith("/lxc"):
        assert create.parameters["unprivileged"] == 1
        assert create.parameters["features"] == "nesting=1"
    if "net0" in create.parameters:
        assert "firewall=1" in str(create.parameters["net0"])
    assert "tags" not in create.parameters
    vmid = create.parameters.get("vmid", create.parameters.get("newid"))
    assert isinstance(vmid, int)
    assert vmid >= 10_000
    assert all(f"/{vmid}/" in call.path for call in rest)
    assert (rest[-1].path.endswith("/status/start") if rest else False) is order.start


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=ORDERS)
def test_a_blueprint_says_the_same_again(planning: Workshop, order: Order) -> None:
    """What was approved is what is proposed again, as long as the world stays as it is."""
    try:
        check_words(order)
        drawn = planning.drafting.draw(order, "acme")
    except NubemoxError:
        return
    drawn = drawn.numbered(10_000)

    kept = Blueprint.of(drawn.spec())
    again = planning.drafting.redraw(kept)

    assert kept == drawn
    assert again == drawn
    assert planning.planner.plan(again).hash == planning.planner.plan(drawn).hash


@given(order=ORDERS, cores=st.integers(1, 200))
def test_another_size_is_another_plan(order: Order, cores: int) -> None:
    drawn = Blueprint(
        kind=order.kind, name="x", poolid="acme", node="pve1", storage="s", bridge="b",
        cores=cores, memory_mib=512, disk_gib=8,
    )  # fmt: skip
    other = replace(drawn, cores=cores + 1)

    assert Blueprint.of(drawn.spec()) == drawn
    assert drawn.spec() != other.spec()


SOURCE = Guest(9000, GuestKind.LXC, "base", "pve1")
SAFE = {"rootfs": "ceph:base-9000-disk-0,size=4G", "unprivileged": 1, "template": 1}


@pytest.mark.parametrize(
    "danger",
    [
        {"unprivileged": 0},
        {"hookscript": "local:snippets/x.sh"},
        {"mp0": "/etc,mp=/mnt"},
        {"mp0": "/dev/sdb,mp=/mnt"},
        {"dev0": "/dev/kvm"},
        {"lxc": [["lxc.apparmor.profile", "unconfined"]]},
    ],
    ids=str,
)
def test_a_container_template_that_reaches_outside_is_no_template(danger: dict[str, Any]) -> None:
    refuse_unsafe("base", GuestConfig.read(SOURCE, SAFE))

    with pytest.raises(NubemoxError):
        refuse_unsafe("base", GuestConfig.read(SOURCE, SAFE | danger))


@pytest.mark.parametrize(
    "danger",
    [
        {"hookscript": "local:snippets/x.sh"},
        {"hostpci0": "0000:01:00.0"},
        {"usb0": "host=1-1"},
        {"args": "-device x"},
        {"serial1": "/dev/ttyS0"},
        {"scsi1": "/dev/disk/by-id/x"},
        {"virtiofs0": "etc"},
    ],
    ids=str,
)
def test_a_machine_template_that_reaches_outside_is_no_template(danger: dict[str, Any]) -> None:
    source = Guest(9000, GuestKind.QEMU, "base", "pve1")
    safe = {
        "scsi0": "ceph:base-9000-disk-0,size=8G",
        "serial0": "socket",
        "ide2": "none,media=cdrom",
    }
    refuse_unsafe("base", GuestConfig.read(source, safe))

    with pytest.raises(NubemoxError):
        refuse_unsafe("base", GuestConfig.read(source, safe | danger))


def test_a_template_that_turned_privileged_after_the_plan_is_not_cloned(
    workshop: Workshop, cluster: SimulatedCluster
) -> None:
    cluster.add_container(
        9100, name="base-ct", node="pve1", pool="templates", template=True,
        rootfs="ceph:base-9100-disk-0,size=4G", unprivileged=1,
        net0="name=eth0,bridge=vmbr0,ip=dhcp,firewall=1",
    )  # fmt: skip
    cluster.grant("nubemox@pve", "/vms/9100", "PVETemplateUser")
    workshop.before_creating(lambda: cluster.guest(9100).set_config(unprivileged=0))

    operation = workshop.gets(template="base-ct")

    assert operation.error_code == "template_unsafe"
    assert cluster.calls("POST", "/clone$") == []
