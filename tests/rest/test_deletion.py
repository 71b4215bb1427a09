from __future__ import annotations

import pytest

from tests.rest.test_shapes import is_error


def test_a_guest_is_deleted_and_confirmed_absent(site):
    ana = site.program("ana")
    site.cluster.add_container(150, name="gone-soon", pool="acme")
    site("ana", "ct status 150")

    ended = ana.end_of(ana("DELETE", "/cts/150"), 30)

    assert (ended["state"], ended["action"]) == ("done", "guest.delete"), ended
    assert site.cluster.find_guest(150) is None
    assert is_error(ana.get("/cts/150/status"), 404)


def test_a_repeated_deletion_is_one(site):
    ana = site.program("ana")
    site.cluster.add_container(151, name="gone-once", pool="acme")
    site("ana", "ct status 151")

    first = ana("DELETE", "/cts/151?skip_backup=true", Idempotency_Key="del-151")
    ana.end_of(first, 30)
    again = ana("DELETE", "/cts/151?skip_backup=true", Idempotency_Key="del-151")

    assert again.content == first.content
    assert is_error(ana("DELETE", "/cts/151?skip_backup=true"), 404)


@pytest.mark.parametrize(("who", "status"), [("olga", 403), ("bruno", 404)])
def test_only_owners_delete(site, who, status):
    with site.nothing_changes():
        assert is_error(site.program(who)("DELETE", "/cts/105"), status)
        assert is_error(site.program("bruno")("DELETE", "/cts/999"), 404)
