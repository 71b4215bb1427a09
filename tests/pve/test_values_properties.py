"""Whatever people write, it reaches PVE as the value it is, or not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubemox_bot.pve import backups, snapshots
from nubemox_bot.pve.errors import InvalidName
from nubemox_bot.pve.guestsettings import config_parameters
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.pve.provisioning import CloneSpec, ContainerSpec, Nic, VmSpec, resize_write

VM = Guest(vmid=100, kind=GuestKind.QEMU, name="web", node="pve1", poolid="acme")
ODD = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="abz01,;=:/.%&?#{}\\ \n-_+", max_size=30),
    st.sampled_from(["../../200/status/stop", "a,b=c", "x\r\nHost: y", "local:8,mp=/", "%2e%2e"]),
)
CONTAINER = ContainerSpec(
    node="pve1", vmid=10_000, poolid="acme", name="web", template="local:vztmpl/d.tar.zst",
    storage="local-lvm", disk_gib=8, cores=1, memory_mib=512,
)  # fmt: skip
MACHINE = VmSpec(
    node="pve1", vmid=10_000, poolid="acme", name="web", storage="ceph", disk_gib=8, cores=1,
    memory_mib=512, iso="local:iso/d.iso",
)  # fmt: skip
COPY = CloneSpec(vmid=10_000, poolid="acme", name="web", storage="ceph", target="pve2")


def _write_of(spec: Any) -> Any:
    return spec.write(VM) if isinstance(spec, CloneSpec) else spec.write()


@given(text=ODD)
@pytest.mark.parametrize(
    ("spec", "field"),
    [
        (spec, field)
        for spec, fields in (
            (CONTAINER, ("node", "poolid", "name", "storage", "template")),
            (MACHINE, ("node", "poolid", "name", "storage", "iso")),
            (COPY, ("poolid", "name", "storage", "target")),
        )
        for field in fields
    ],
)
def test_a_text_adds_no_option_and_no_segment(spec: Any, field: str, text: str) -> None:
    usual = _write_of(spec)
    try:
        odd = _write_of(replace(spec, **{field: text}))
    except InvalidName:
        return

    assert len(odd.path.segments) == len(usual.path.segments)
    assert all("/" not in segment for segment in odd.path.segments)
    for name in usual.parameters.keys() & odd.parameters.keys():
        mine, theirs = str(odd.parameters[name]), str(usual.parameters[name])
        if name not in ("ostemplate", "ide2"):  # a file's name may have what it likes
            assert mine.count(",") == theirs.count(",")
            assert mine.count("=") == theirs.count("=")
        assert "\n" not in mine
        assert "\r" not in mine


@given(bridge=ODD, ip=ODD, gateway=ODD)
def test_a_network_card_has_the_options_that_are_meant(bridge: str, ip: str, gateway: str) -> None:
    for nic in (Nic(bridge=bridge), Nic(ip=ip), Nic(ip="10.0.0.5/24", gateway=gateway)):
        try:
            said = nic.for_container()
        except InvalidName:
            continue
        named = dict(part.split("=", 1) for part in said.split(","))
        assert named.keys() <= {"name", "bridge", "firewall", "ip", "gw"}
        assert named["firewall"] == "1"


@given(name=ODD)
def test_a_snapshots_name_stays_one_segment(name: str) -> None:
    try:
        write = snapshots.delete_write(VM, name)
    except InvalidName:
        return

    assert write.path.segments == ("nodes", "pve1", "qemu", "100", "snapshot", name)


@given(volid=ODD)
def test_a_backups_name_stays_one_segment(volid: str) -> None:
    try:
        write = backups.delete_write("pve1", volid)
    except InvalidName:
        return

    assert len(write.path.segments) == 6
    assert unquote(write.path.segments[5]) == volid


@given(notes=ODD)
def test_notes_fill_in_no_variable_and_stay_on_one_line(notes: str) -> None:
    try:
        said = str(backups.create_write(VM, "nfs", notes=notes or "x").parameters["notes-template"])
    except InvalidName:
        return

    assert "{{" not in said
    assert "\n" not in said


@given(size=st.one_of(st.floats(), st.integers(), st.text(max_size=8), st.none()))
def test_a_size_is_absolute_and_has_a_unit(size: Any) -> None:
    try:
        said = str(resize_write(VM, "scsi0", size).parameters["size"])
    except InvalidName:
        return

    assert said[-1] in "GM"
    assert said[:-1].isdecimal()
    assert int(said[:-1]) > 0


@given(changes=st.dictionaries(
    st.sampled_from(["name", "cores", "memory_mib", "tags", "description", "digest", "delete"]),
    st.one_of(ODD, st.integers(), st.booleans(), st.lists(ODD, max_size=3)),
))  # fmt: skip
def test_settings_are_taken_whole_or_refused(changes: dict[str, Any]) -> None:
    try:
        parameters = config_parameters(GuestKind.LXC, changes)
    except (InvalidName, ValueError):
        return

    known = {"hostname", "cores", "memory", "tags", "description", "digest", "delete"}
    assert parameters.keys() <= known
    assert not {"rootfs", "mp0", "unprivileged"} & set(str(parameters.get("delete")).split(","))
