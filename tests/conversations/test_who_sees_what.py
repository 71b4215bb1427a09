"""Lists and the audit show each what is theirs."""

from __future__ import annotations

import pytest

from tests.conversations.test_who_may_do_what import SOMEBODY


@pytest.mark.parametrize(
    ("who", "whose"),
    [
        ("ana", "The last actions in your tenants"),
        ("olga", "Your last actions"),
        ("vic", "Your last actions"),
        ("uma", "Your last actions"),
        ("carla", "Everybody's last actions"),
    ],
)
def test_the_audit_shows_each_what_is_theirs(chat, who, whose):
    for name in ("olga", who):
        chat(name, "ct status 106")

    answer = chat(who, "audit 106")

    seen = {name for name in SOMEBODY.values() if f"<@{chat.id_of(name)}>" in answer.all_text}
    assert whose in answer.text
    assert seen == {who} or who in ("ana", "carla")
    assert "olga" in seen or who not in ("ana", "carla", "olga")


def test_lists_show_nothing_of_another_tenant(chat):
    with_bruno = "\n".join(chat("bruno", f"{noun} list").all_text for noun in ("ct", "vm", "pool"))
    with_olga = "\n".join(chat("olga", f"{noun} list").all_text for noun in ("ct", "vm", "pool"))

    for guest in chat.cluster.guests:
        assert (guest.name in with_bruno) is (guest.pool == "globex")
        assert (guest.name in with_olga) is (guest.pool == "acme")
    assert "acme" not in with_bruno
    assert "globex" not in with_olga


def test_the_admin_sees_every_pool(chat):
    said = chat("carla", "pool list").all_text

    assert all(pool in said for pool in ("acme", "globex", "templates"))
