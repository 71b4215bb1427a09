"""PVE's own lock: with our check switched off, PVE still refuses what is another tenant's.

And drift: what PVE and the bot hold differently is told once, with a button that mends it.
"""

from __future__ import annotations

import pytest

from nubemox_bot.tenancy import directory
from nubemox_bot.tenancy.policy import Reason, Verdict
from playground.slack import Message
from tests.conversations.rehearsal import Rehearsal


@pytest.fixture
def unlocked(backstage: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> Rehearsal:
    """Our own check says yes to everybody, and every pool counts as everybody's own.

    Each acts by the token of their own tenant, whoever owns the guest.
    """
    access = backstage.inside.services().guests._access
    tenants = access.tenants
    monkeypatch.setattr(
        directory, "decide", lambda _c, action, _t=None: Verdict(True, Reason.ROLE_HELD, action)
    )
    monkeypatch.setattr(
        type(access),
        "own",
        lambda _self, _caller, snapshot: [guest for guest in snapshot.guests if guest.poolid],
    )
    of_bruno = tenants.find("globex")
    monkeypatch.setattr(tenants, "by_pool", lambda _poolid: of_bruno)
    return backstage


@pytest.mark.parametrize(
    ("words", "vmid"),
    [
        ("ct start 105", 105),
        ("ct stop 106", 106),
        ("ct stop 107 --force", 107),
        ("ct reboot 106", 106),
        ("vm start 120", 120),
        ("vm stop 121", 121),
        ("vm stop 121 --force", 121),
        ("vm reboot 122", 122),
        ("ct status 106", 106),
        ("ct snapshot list 106", 106),
        ("ct snapshot create 105 mine", 105),
        ("vm snapshot rollback 121 mine", 121),
        ("ct snapshot delete 105 mine", 105),
    ],
)
def test_with_our_lock_open_pve_refuses_a_foreign_guest(unlocked, words, vmid):
    was = unlocked.cluster.guest(vmid).status
    tasks = len(unlocked.cluster.guest(vmid).history)

    with unlocked.calls() as made:
        answer = unlocked("bruno", words)

    at_guest = [call for call in made if f"/{vmid}/" in call.path]
    assert at_guest, "our own check was open"
    assert {call.status for call in at_guest} == {403}
    assert {call.tokenid for call in at_guest} == {"t-globex@pve!nubemox"}
    assert unlocked.cluster.guest(vmid).status == was
    assert len(unlocked.cluster.guest(vmid).history) == tasks
    assert answer.text


def test_with_our_lock_open_ones_own_guest_still_obeys(unlocked):
    assert "está ligada" in unlocked("bruno", "ct start 206").text


def ops(backstage: Rehearsal) -> list[Message]:
    return list(backstage.person("carla").sees("#ops"))


def settled(backstage: Rehearsal) -> int:
    """Nothing is left to be told; how many messages there are."""
    backstage.inside._watching.look_for_drift()
    backstage.workspace.wait_until(
        lambda: not backstage.sql("select 1 from notices where told < wanted and not lost"),
        10,
        "every notice to be told",
    )
    return len(ops(backstage))


def test_drift_is_told_once_with_a_button_that_mends_it(backstage):
    before = settled(backstage)
    backstage.cluster.access.delete_acl("/pool/acme", "t-acme@pve", "NubemoxTenant")

    settled(backstage)
    settled(backstage)

    told = ops(backstage)[before:]
    assert len(told) == 1
    assert "*acme*: the role on `/pool/acme` is gone." in told[0].text
    assert (
        "Only platform admins may do that." in backstage.presses("ana", told[0], "Repair acme").text
    )
    assert "is ready again" in backstage.presses("carla", told[0], "Repair acme").text
    settled(backstage)
    assert "Resolved" in told[0].text
    assert "Repair acme" not in [button.text for button in told[0].buttons]


@pytest.mark.parametrize(
    ("lose", "told"),
    [
        (lambda a: a.delete_token("t-acme@pve", "nubemox"), "the API token `nubemox` is gone"),
        (lambda a: a.delete_user("t-acme@pve"), "the service user `t-acme@pve` is gone"),
        (
            lambda a: setattr(a.users["t-acme@pve"], "enable", False),
            "the service user `t-acme@pve` is switched off",
        ),
        (
            lambda a: a.set_acl("/pool/globex", "t-acme@pve", "NubemoxTenant"),
            "the service user has rights on `/pool/globex` too",
        ),
    ],
)
def test_each_difference_has_its_sentence(backstage, lose, told):
    before = settled(backstage)
    backstage.sql("delete from alerts")  # what fires again soon would be told in its old message
    lose(backstage.cluster.access)

    settled(backstage)

    text = " ".join(message.text for message in ops(backstage)[before:])
    backstage.cluster.access.delete_acl("/pool/globex", "t-acme@pve", "NubemoxTenant")
    backstage("carla", "tenant repair acme")
    assert told in text
    settled(backstage)


def test_a_guest_that_left_its_pool_is_told(backstage):
    before = settled(backstage)
    backstage.cluster.guest(105).move_to_pool(None)

    settled(backstage)

    [told] = ops(backstage)[before:]
    assert "*acme*: the guest `105` left the pool." in told.text
    backstage.cluster.guest(105).move_to_pool("acme")
    settled(backstage)
    assert "Resolved" in told.text
