"""No value, however crafted, leads a call to another place than the one that was meant."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from nubemox_bot.pve import paths
from nubemox_bot.pve.errors import InvalidName
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.pve.paths import PvePath, guest_path, task_path

UPID = "UPID:pve1:0002F1A4:01A2B3C4:67420000:imgdel:105@local:t-acme@pve!nubemox:"
TRICKS = [
    "",
    ".",
    "..",
    "...",
    "../",
    "../../200/status/stop",
    "/",
    "/etc",
    "a/b",
    "a\\..\\b",
    "%2e%2e",
    "%2f",
    "a%00",
    "a?b=c",
    "a#b",
    "a;b",
    "a b",
    "a\n",
    "\n",
    "a\r\nX: y",
    "\u2024\u2024",
    "ａ",
    "é",
    "\u202eabc",
    "pve1\u200b",
    "x" * 300,
    None,
    True,
    1.5,
    ["a"],
    b"a",
]
GOOD: dict[str, object] = {
    "node": "pve1",
    "kind": "lxc",
    "vmid": 105,
    "storage": "local-lvm",
    "userid": "ana@pve",
    "tokenid": "bot",
    "groupid": "nubemox-tenants",
    "roleid": "NubemoxTenant",
    "snapname": "before",
    "volid": "local:vztmpl/debian-12.tar.zst",
    "upid": UPID,
    "realm": "ldap",
    "sid": "ct:105",
    "name": "hook",
}


def test_a_path_is_its_template_with_quoted_values() -> None:
    path = PvePath.to(
        "/nodes/{node}/{kind}/{vmid}/snapshot/{snapname}",
        **_only("node", "kind", "vmid", "snapname"),
    )

    assert str(path) == "/nodes/pve1/lxc/105/snapshot/before"
    assert path.route == "/nodes/{node}/lxc/{vmid}/snapshot/{snapname}"
    assert (path.node, path.subject) == ("pve1", "105")


def test_what_may_hold_odd_characters_is_quoted() -> None:
    user = PvePath.to("/access/users/{userid}", userid="a%b?c#@pve")
    volume = PvePath.to(
        "/nodes/{node}/storage/{storage}/content/{volid}", **_only("node", "storage", "volid")
    )

    assert user.segments == ("access", "users", "a%25b%3Fc%23%40pve")
    assert volume.segments[-1] == "local%3Avztmpl%2Fdebian-12.tar.zst"


@pytest.mark.parametrize("field", GOOD)
def test_good_values_pass(field: str) -> None:
    path = PvePath.to(f"/x/{{{field}}}/y", **{field: GOOD[field]})

    assert unquote(path.segments[1]) == str(GOOD[field])


@pytest.mark.parametrize("trick", TRICKS, ids=ascii)
@pytest.mark.parametrize("field", GOOD)
def test_tricks_are_refused_or_stay_one_segment(field: str, trick: object) -> None:
    try:
        path = PvePath.to(f"/nodes/{{{field}}}/config", **{field: trick})
    except InvalidName:
        return

    _assert_stays(path, str(trick))


@pytest.mark.parametrize("trick", ["../\n\u202e", "x" * 10_000])
def test_what_is_refused_is_shown_short_and_on_one_line(trick: str) -> None:
    with pytest.raises(InvalidName) as caught:
        PvePath.to("/nodes/{node}", node=trick)

    assert caught.value.message().isprintable()
    assert len(caught.value.message()) < 200


@given(st.sampled_from([field for field in GOOD if field not in {"kind", "upid"}]), st.text())
def test_any_text_is_refused_or_stays_one_segment(field: str, text: str) -> None:
    try:
        path = PvePath.to(f"/nodes/{{{field}}}/config", **{field: text})
    except InvalidName:
        return

    _assert_stays(path, text)


@given(st.text(alphabet="./%\\ab25ef@:\n\x00é", max_size=12))
def test_user_names_and_volumes_are_the_widest_and_stay_one_segment_too(text: str) -> None:
    for field, value in {"userid": f"{text}@pve", "volid": f"local:{text}"}.items():
        try:
            path = PvePath.to(f"/nodes/{{{field}}}/config", **{field: value})
        except InvalidName:
            continue

        _assert_stays(path, value)


def _assert_stays(path: PvePath, value: str) -> None:
    """What requests makes of the URL still has the value as its third segment, and nothing more."""
    sent = requests.Request("GET", f"https://host:8006{path}").prepare().path_url
    segments = sent.split("/")
    assert len(segments) == 4
    assert (segments[1], segments[3]) == ("nodes", "config")
    assert unquote(segments[2]) == value
    assert segments[2] not in {"", ".", ".."}


@pytest.mark.parametrize("value", [99, 1_000_000_000, "0100", "1e5", "١٠٥", -105, 105.0, "105 "])
def test_vmids_are_whole_numbers_in_pves_range(value: object) -> None:
    with pytest.raises(InvalidName):
        paths.vmid(value)


@pytest.mark.parametrize("value", ["a/../b", "a//b", "/a", "a/", "a/b/c/d", "../a", "a/.", "á"])
def test_pools_names_have_at_most_three_plain_parts(value: str) -> None:
    with pytest.raises(InvalidName):
        paths.poolid(value)

    assert paths.poolid("a/b/c") == "a/b/c"
    assert paths.acl_on_pool("acme") == "/pool/acme"


@pytest.mark.parametrize(
    ("template", "values"),
    [
        ("/nodes/../x", {}),
        ("/nodes/{node", {}),
        ("/nodes/{node}x", {"node": "pve1"}),
        ("/nodes//x", {}),
        ("/nodes/{node}", {}),
        ("/nodes", {"node": "pve1"}),
        ("/Nodes", {}),
    ],
)
def test_a_wrong_template_is_a_fault_of_the_code(template: str, values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        PvePath.to(template, **values)


@pytest.mark.parametrize("segment", ["..", ".", "", "a/b", "a b", "é", "%2", "a\n"])
def test_not_even_by_hand_can_a_path_be_made_of_anything(segment: str) -> None:
    with pytest.raises(InvalidName):
        PvePath(("nodes", segment), "/nodes/{node}")


def test_paths_of_guests_and_tasks() -> None:
    guest = Guest(vmid=100, kind=GuestKind.QEMU, name="web", node="pve2")

    assert str(guest_path(guest, "status/start")) == "/nodes/pve2/qemu/100/status/start"
    assert str(guest_path(guest)) == "/nodes/pve2/qemu/100"
    assert str(task_path(UPID, "status")).startswith("/nodes/pve1/tasks/UPID%3Apve1%3A")
    with pytest.raises(InvalidName):
        task_path("OK", "status")


def _only(*fields: str) -> dict[str, object]:
    return {field: GOOD[field] for field in fields}
