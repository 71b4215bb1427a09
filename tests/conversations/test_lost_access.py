"""PVE's side of a tenant gets lost: all stays shut, and the repair is named and mends it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conversations.stage import Stage

USER, TOKEN = "t-acme@pve", "nubemox"
SEALED = "select token_secret from tenants where name = 'acme'"


def _delete_user(chat: Stage) -> None:
    chat.cluster.access.delete_user(USER)


def _disable_user(chat: Stage) -> None:
    chat.cluster.access.users[USER].enable = False


def _revoke_token(chat: Stage) -> None:
    chat.cluster.access.delete_token(USER, TOKEN)


def _take_role(chat: Stage) -> None:
    chat.cluster.access.delete_acl("/pool/acme", USER, "NubemoxTenant")


def _spoil_secret(chat: Stage) -> None:
    chat.sql("update tenants set token_secret = ? where name = 'acme'", b"gAAAAAB-not-ours")


def _forget_secret(chat: Stage) -> None:
    chat.sql("update tenants set token_secret = null where name = 'acme'")


LOSSES = {
    "the user is deleted": _delete_user,
    "the user is switched off": _disable_user,
    "the token is revoked": _revoke_token,
    "the role is taken": _take_role,
    "the secret is spoilt": _spoil_secret,
    "the secret is gone": _forget_secret,
}


@pytest.fixture
def shop(chat: Stage) -> Iterator[Stage]:
    yield chat
    assert "is ready again" in chat("carla", "tenant repair acme").text


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("words", ["ct start 105", "ct stop 106", "vm reboot 121", "ct status 106"])
def test_nothing_is_done_and_the_repair_is_named(shop, words, loss):
    LOSSES[loss](shop)
    was = {guest.vmid: guest.status for guest in shop.cluster.guests}

    answer = shop("olga", words)

    assert "/nubemox tenant repair acme" in answer.text
    assert "✅" not in answer.text
    assert {guest.vmid: guest.status for guest in shop.cluster.guests} == was
    assert all(
        call.tokenid == "nubemox@pve!bot" or call.status in (401, 403)
        for call in shop.cluster.calls()[-3:]
    )


@pytest.mark.parametrize("loss", LOSSES)
def test_repair_mends_it(shop, loss):
    LOSSES[loss](shop)

    repaired = shop("carla", "tenant repair acme")

    assert "The tenant *acme* is ready again. Repaired by" in repaired.text
    assert "is running. Started by" in shop("olga", "ct start 105").text


def test_another_tenant_is_not_touched_by_it(shop):
    _delete_user(shop)

    assert "está ligada" in shop("bruno", "ct start 206").text


def test_an_admin_is_shut_out_of_a_broken_tenant_too(shop):
    _revoke_token(shop)

    assert "/nubemox tenant repair acme" in shop("carla", "ct start 105").text
