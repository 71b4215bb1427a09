"""Tenants from the first day to the last: made, filled, limited, and what goes wrong on the way."""

from __future__ import annotations

import pytest


def _traces(chat, name, poolid):
    """What PVE and the bot hold of a tenant."""
    access = chat.cluster.access
    return {
        "user": f"t-{name}@pve" in access.users,
        "pool": poolid in access.pools,
        "acl": [entry for entry in access.entries() if entry.ugid == f"t-{name}@pve"],
        "row": chat.sql("select state from tenants where name = ?", name),
    }


def test_a_tenant_gets_its_pool_user_role_and_token(chat):
    answer = chat("carla", "tenant create harbor --channel #acme")

    traces = _traces(chat, "harbor", "harbor")
    assert "The tenant *harbor* is ready. Made by" in answer.text
    assert "Show it" in answer.labels
    assert traces["user"]
    assert traces["pool"]
    assert [(e.path, e.roleid) for e in traces["acl"]] == [("/pool/harbor", "NubemoxTenant")]
    shown = chat.presses("carla", answer.message, "Show it")
    assert f"<#{chat.workspace.channel('#acme').id}>" in shown
    assert "It has no members yet." in shown


def test_a_pool_that_nobody_owns_is_adopted(chat):
    chat.cluster.add_pool("old-lab")
    chat.cluster.add_container(400, name="relic", pool="old-lab")

    assert "is ready" in chat("carla", "tenant create lab --pool old-lab")
    chat("carla", "tenant add lab @dora")

    assert "is running. Started by" in chat("dora", "ct start relic").text
    assert "relic" in chat("dora", "ct list")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("tenant create acme", "There is a tenant acme already."),
        ("tenant create ACME", "There is a tenant acme already."),
        ("tenant create other --pool acme", "belongs to the tenant acme already."),
        ("tenant create 9lives", "Give a tenant's name of letters, digits and '-'"),
        ("tenant create a_b", "Give a tenant's name"),
        ("tenant create über", "Give a tenant's name"),
        (f"tenant create {'a' * 31}", "Give a tenant's name"),
        ("tenant create other --pool ../etc", "does not fit"),
        ("tenant create other --pool a/b", "cannot be a pool's name"),
        ("tenant create other --pool 1pool", "pool"),
        ("tenant create", "needs NAME"),
        ("tenant add nowhere @dora", "There is no tenant nowhere"),
        ("tenant add acme everybody", "does not fit"),
        ("tenant add acme @dora --role king", "does not fit"),
        ("tenant add acme @dora --pve-user dora", "Give a Proxmox VE user with its realm"),
        ("tenant remove acme @bruno", "is no member of acme."),
        ("tenant quota acme --cores lots", "does not fit"),
        ("tenant quota acme --cores -5", "does not fit"),
        ("tenant show nowhere", "There is no tenant nowhere that you may see."),
        ("tenant repair nowhere", "There is no tenant nowhere"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_changes(chat, words, told):
    with chat.nothing_changes():
        answer = chat("carla", words)

    assert told in answer.all_text
    assert answer.is_private


@pytest.mark.parametrize(
    ("name", "method", "path"),
    [
        ("no-pool", "POST", "^/pools"),
        ("no-user", "POST", "^/access/users$"),
        ("no-acl", "PUT", "^/access/acl"),
        ("no-token", "POST", "/token/"),
        ("no-rights", "GET", "^/access/permissions"),
    ],
)
def test_when_pve_fails_in_the_middle_nothing_is_left(chat, name, method, path):
    with chat.cluster.fail(500, "unable to write user.cfg", method=method, path=path, times=1):
        answer = chat("carla", f"tenant create {name}", within=15)

    assert f"The tenant *{name}* was not made for" in answer.text
    assert "unable to write user.cfg" in answer.text
    assert _traces(chat, name, name) == {"user": False, "pool": False, "acl": [], "row": []}
    assert "is ready" in chat("carla", f"tenant create {name}").text


def test_what_could_not_be_taken_back_is_finished_by_repair(chat):
    with chat.cluster.fail(500, "no", method="PUT", path="^/access/acl"):
        failed = chat("carla", "tenant create stuck")
    again = chat("carla", "tenant create stuck")
    assert "was not made" in failed.text
    assert "There is a tenant stuck already." in again.text

    repaired = chat("carla", "tenant repair stuck")

    assert "is ready again" in repaired.text
    assert chat.sql("select state from tenants where name = 'stuck'") == [("ready",)]


def test_an_adopted_pool_stays_when_the_making_is_undone(chat):
    chat.cluster.add_pool("keep-me")

    with chat.cluster.fail(500, "no", method="PUT", path="^/access/acl", times=1):
        answer = chat("carla", "tenant create keeper --pool keep-me")

    assert "was not made" in answer.text
    assert "keep-me" in chat.cluster.access.pools
    assert not _traces(chat, "keeper", "keep-me")["row"]


def test_without_the_role_in_pve_no_tenant_is_made(chat):
    role = chat.cluster.access.roles.pop("NubemoxTenant")
    try:
        answer = chat("carla", "tenant create roleless")
    finally:
        chat.cluster.access.roles["NubemoxTenant"] = role

    assert "was not made" in answer.text
    assert "NubemoxTenant" in answer.text
    assert _traces(chat, "roleless", "roleless")["row"] == []


def test_a_role_with_too_many_rights_is_not_handed_out(chat):
    roles = chat.cluster.access.roles
    role = roles["NubemoxTenant"]
    roles["NubemoxTenant"] = role | {"VM.Allocate"}
    try:
        answer = chat("carla", "tenant create greedy")
    finally:
        roles["NubemoxTenant"] = role

    assert "VM.Allocate" in answer.text
    assert _traces(chat, "greedy", "greedy")["row"] == []


def test_a_member_of_a_usergroup_comes_and_goes_with_it(chat):
    group = chat.workspace
    assert "3 virtual machines" in chat("uma", "vm list")

    group.change_usergroup("acme-all", [])
    group.wait_until(lambda: "no tenant" in chat("uma", "vm list"), 5)
    group.change_usergroup("acme-all", ["uma"])

    group.wait_until(lambda: "3 virtual machines" in chat("uma", "vm list"), 5)


def test_a_pve_user_of_ones_own_comes_with_the_role_and_goes_without(chat):
    added = chat("carla", "tenant add globex @vic --pve-user vic@pve")
    access = chat.cluster.access
    held = [(e.path, e.roleid) for e in access.entries() if e.ugid == "vic@pve"]
    shown = chat("carla", "tenant show globex")
    removed = chat("carla", "tenant remove globex @vic")

    assert "with a Proxmox VE user of their own, `vic@pve`, by" in added.text
    assert held == [("/pool/globex", "NubemoxTenant")]
    assert "vic@pve" in shown
    assert "is removed, in Proxmox VE too (`vic@pve`)" in removed.text
    assert not [e for e in access.entries() if e.ugid == "vic@pve"]


def test_whoever_is_removed_is_out_at_once(chat):
    chat("carla", "tenant add globex @dora --role owner")
    assert "shop-1" in chat("dora", "ct list")

    chat("carla", "tenant remove globex @dora")

    assert "You belong to no tenant yet" in chat("dora", "ct list")
    assert "You belong to no tenant yet" in chat("dora", "ct stop 205")
    assert chat.cluster.guest(205).status == "running"


def test_a_deactivated_account_is_out_at_once(chat):
    chat("carla", "tenant add globex @dora --role owner")
    assert "is running. Started by" in chat("dora", "ct start 206")

    chat.workspace.change_user("dora", deleted=True)

    refused = chat("dora", "ct stop 205")
    chat.workspace.change_user("dora", deleted=False)
    chat("carla", "tenant remove globex @dora")
    assert "deactivated" in refused.text
    assert chat.cluster.guest(205).status == "running"


def test_a_role_is_changed_by_adding_again(chat):
    chat("carla", "tenant add acme @vic --role operator")
    as_operator = chat("vic", "ct start 105").text
    chat("carla", "tenant add acme @vic --role viewer")

    assert "is running" in as_operator
    assert "needs the role operator" in chat("vic", "ct stop 105").text


def test_a_quota_changes_what_is_named_and_keeps_the_rest(chat):
    chat("carla", "tenant quota acme --guests 7 --memory 8g")

    answer = chat("carla", "tenant quota acme --cores 9")

    assert "7 guests, 9 cores, 8192 MiB memory, 500 GiB disk now" in answer.text
    assert "7 guests, 9 cores" in chat("ana", "tenant show acme")


def test_whoami_tells_role_tenant_and_pool(chat):
    assert "You are owner of *acme*, which has the pool *acme*." in chat("ana", "whoami").text
    assert "platform admin" in chat("carla", "whoami").text
    assert "You belong to no tenant yet" in chat("dora", "whoami").text


def test_a_pool_is_made_and_one_that_is_there_is_said(chat):
    assert "The pool *spare* is there." in chat("carla", "pool create spare").text
    assert "taken already" in chat("carla", "pool create spare").text


def test_two_who_make_one_tenant_at_once_make_it_once(chat):
    turns = [chat.types("carla", "tenant create twin", where) for where in ("#all", "#ops")]

    texts = [chat.end_of(turn).text for turn in turns]

    assert sum("is ready" in text for text in texts) == 1
    assert chat.sql("select count(*) from tenants where name = 'twin'") == [(1,)]
