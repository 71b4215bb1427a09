"""`doctor` in Slack: what the bot depends on, and what mends it, for platform admins alone."""

from __future__ import annotations

import pytest


@pytest.fixture
def roles(chat):
    """The cluster's roles; put back as they were."""
    roles = chat.cluster.access.roles
    before = dict(roles)
    yield roles
    roles.clear()
    roles.update(before)


def test_all_that_is_well_is_named(chat):
    told = chat("carla", "doctor")

    assert told.is_private
    assert "All is well." in told.text
    for part in ("Slack scopes", "Proxmox VE 9", "role NubemoxTenant", "quorum", "tenant acme"):
        assert part in told


def test_a_fault_comes_first_with_the_line_that_mends_it(chat, roles):
    del roles["NubemoxTenant"]

    told = chat("carla", "doctor")

    assert "fault" in told.text
    first = told.all_text.split(":white_check_mark:")[0]
    assert "role NubemoxTenant is missing" in first
    assert "pveum role add NubemoxTenant -privs" in first


@pytest.mark.parametrize(
    ("path", "untold", "still"),
    [
        ("/access/groups$", "group nubemox-tenants", "quorum, with"),
        ("/access/roles$", "role NubemoxTenant", "group nubemox-tenants"),
    ],
)
def test_what_a_cluster_cannot_tell_is_no_fault_and_hides_nothing_else(chat, path, untold, still):
    with chat.cluster.fail(501, "Method not implemented", method="GET", path=path):
        told = chat("carla", "doctor")

    assert "All is well." in told.text
    assert f"Proxmox VE cannot be asked here: {untold}; it was not checked" in told
    assert still in told


def test_what_is_refused_hides_nothing_else(chat):
    with chat.cluster.fail(500, "no such thing", method="GET", path="/access/groups$"):
        told = chat("carla", "doctor")

    assert "1 fault was found." in told.text
    assert "quorum, with" in told


def test_a_tenant_whose_token_is_refused_is_named_with_its_repair(chat):
    chat.cluster.access.users["t-acme@pve"].enable = False
    try:
        told = chat("carla", "doctor")
    finally:
        chat.cluster.access.users["t-acme@pve"].enable = True

    assert "/nubemox tenant repair acme" in told


def test_others_are_told_who_may(chat):
    told = chat("ana", "doctor")

    assert "Only platform admins may do that." in told.text
    assert "pveum" not in told
