"""What stands around guests by programs: who one is, the clock, alerts, quotas."""

from __future__ import annotations

import pytest

from tests.rest.conftest import RestStage
from tests.rest.test_life import rows
from tests.rest.test_shapes import is_error


@pytest.mark.parametrize(
    ("who", "tenants", "admin"),
    [("ana", [("acme", "owner")], False), ("bruno", [("globex", "operator")], False)],
)
def test_a_program_learns_whose_token_it_has(site: RestStage, who, tenants, admin) -> None:
    program = site.program(who)

    me = program.get("/me").json()["data"]

    assert me["user_id"] == site.id_of(who)
    assert (me["name"], me["admin"], me["approver"]) == (who, admin, False)
    assert [(one["tenant"], one["role"]) for one in me["tenants"]] == tenants
    assert program.token is not None
    assert me["token"] == program.token.split("_")[1]
    quota = me["tenants"][0]["quotas"][0]
    assert quota["of"] == "tenant"
    assert quota["ceiling"]["guests"] > 0


def test_a_larger_quota_is_asked_for(site: RestStage) -> None:
    ana = site.program("ana")

    asked = ana.post("/quotas", {"tenant": "acme", "cores": 90, "reason": "a new shop"})

    assert asked.status_code == 202, asked.text
    path = f"/requests/{asked.json()['data']['request']['id']}"
    assert ana.get(path).json()["data"]["action"] == "tenant.quota"
    assert ana.post(f"{path}/cancel").status_code == 202
    assert is_error(site.program("olga").post("/quotas", {"tenant": "acme", "cores": 90}), 403)
    assert is_error(site.program("bruno").post("/quotas", {"tenant": "acme", "cores": 90}), 404)


def test_a_schedule_is_kept_skipped_once_and_removed(site: RestStage) -> None:
    ana, wanted = site.program("ana"), {"vmid": 105, "stop": "18:00", "days": ["mon", "fri"]}

    made = ana.post("/schedules", wanted, Idempotency_Key="evening").json()["data"]
    again = ana.post("/schedules", wanted, Idempotency_Key="evening").json()["data"]
    path = f"/schedules/{made['id']}"
    skipped = ana.post(f"{path}/skip").json()["data"]
    removed = ana("DELETE", path)

    assert again == made
    assert (made["stop"], made["start"], made["days"]) == ("18:00", None, ["mon", "fri"])
    assert skipped["skipped_stop"] == made["next_stop"]
    assert removed.json()["data"]["id"] == made["id"]
    assert made["id"] not in [one["id"] for one in rows(ana, "/schedules")]
    assert is_error(ana("DELETE", path), 404)
    assert is_error(ana.post("/schedules", {"vmid": 105}), 400, "nothing_scheduled")
    assert is_error(site.program("bruno").post("/schedules", wanted), 404)
    assert is_error(site.program("olga").post("/schedules", wanted), 403)


def test_an_alert_is_seen_taken_up_and_silenced_by_whom_it_concerns(site: RestStage) -> None:
    site.sql(
        "insert into alerts (id, rule, subject, state, value, facts, began_at, seen_at, held_s,"
        " absent_s, times, fired_at, tenant_id, told_at)"
        " select 'rest1234', 'guest_down', 'guest/106', 'firing', 1, '{\"guest\": \"web-2\"}',"
        " '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000', 0, 0, 1,"
        " '2026-01-01 00:00:00.000000', id, '2026-01-01 00:00:00.000000'"
        " from tenants where name = 'acme'"
    )
    try:
        olga, path = site.program("olga"), "/alerts/rest1234"
        seen = next(one for one in rows(olga, "/alerts") if one["id"] == "rest1234")
        taken = olga.post(f"{path}/acknowledge").json()["data"]
        silent = olga.post(f"{path}/silence", {"hours": 4, "reason": "rebuilt"}).json()["data"]

        assert (seen["rule"], seen["vmid"], seen["acked_by"]) == ("guest_down", 106, None)
        assert taken["acked_by"] == "olga"
        assert silent["silenced_until"] is not None
        assert rows(site.program("bruno"), "/alerts") == []
        foreign = site.program("bruno").post(f"{path}/acknowledge")
        missing = site.program("bruno").post("/alerts/rest9999/acknowledge")
        assert foreign.status_code == missing.status_code == 404
        assert foreign.text.replace("rest1234", "rest9999") == missing.text
    finally:
        site.sql("delete from alerts where id = 'rest1234'")
        site.sql("delete from silences where subject = 'guest/106'")
