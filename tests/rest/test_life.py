"""A guest's life by programs: snapshots, backups, copies, another node, decisions, leases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.rest.conftest import Program, RestStage
from tests.rest.test_shapes import is_error

VMID = 1777


@pytest.fixture
def guest(site: RestStage) -> Iterator[int]:
    site.cluster.add_container(VMID, name="lives", pool="acme", node="pve1")
    site("carla", "ct start 108 --dry-run")  # which reads the inventory anew
    before = {one.vmid for one in site.cluster.guests}
    yield VMID
    for one in list(site.cluster.guests):
        if one.vmid == VMID or one.vmid not in before:
            site.cluster.remove_guest(one.vmid)


def rows(program: Program, path: str) -> list[dict[str, Any]]:
    answer = program.get(path)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


def approved(site: RestStage, answer: Any) -> dict[str, Any]:
    """A wish that waits, once carla's program has approved it and it has run."""
    assert answer.status_code == 202, answer.text
    ana, carla = site.program("ana"), site.program("carla")
    path = f"/requests/{answer.json()['data']['request']['id']}"
    shown = carla.get(path).json()["data"]
    mine = next(one for one in rows(carla, "/requests") if one["id"] == shown["id"])
    assert mine["decidable"] is True
    said = carla.post(f"{path}/approve", {"plan_hash": shown["plan_hash"], "note": "fine"})
    assert said.status_code == 202, said.text
    assert said.json()["data"]["request"]["state"] == "approved"

    def ended() -> dict[str, Any] | None:
        now: dict[str, Any] = ana.get(path).json()["data"]
        new = site.cluster.find_guest(now["vmid"])
        if new is not None and new.status == "running":
            new.run_agent()
        return now if now["ended"] else None

    done = site.workspace.wait_until(ended, 40, "the end of the request")
    assert done is not None
    assert (done["state"], done["note"]) == ("done", "fine"), done
    return done


def test_a_snapshot_is_made_gone_back_to_and_deleted(site: RestStage, guest: int) -> None:
    olga, where = site.program("olga"), f"/cts/{guest}/snapshots"

    made = olga.end_of(olga.post(where, {"name": "before", "note": "12 to 13"}))
    again = olga.post(where, {"name": "before"})
    shown = rows(olga, where)
    back = olga.end_of(olga.post(f"{where}/before/rollback?skip_safety=true"))
    gone = olga.end_of(olga("DELETE", f"{where}/before"))

    assert (made["action"], made["state"]) == ("snapshot.create", "done")
    assert is_error(again, 409, "snapshot_exists")
    assert [(one["name"], one["note"], one["whole"]) for one in shown] == [
        ("before", "12 to 13", True)
    ]
    assert (back["state"], gone["state"]) == ("done", "done")
    assert rows(olga, where) == []
    assert is_error(olga("DELETE", f"{where}/before"), 404, "no_such_snapshot")


def test_a_backup_is_made_listed_and_brought_back(site: RestStage, guest: int) -> None:
    olga, where = site.program("olga"), f"/cts/{guest}"

    made = olga.end_of(olga.post(f"{where}/backups", {"note": "nightly"}), 30)
    backup = rows(olga, f"{where}/backups")[0]
    back = olga.end_of(
        olga.post(f"{where}/restore", {"backup": backup["volid"], "skip_backup": True}), 30
    )

    assert made["state"] == "done", made
    assert f"-{guest}-" in backup["volid"]
    assert (backup["number"], backup["protected"]) == (1, False)
    assert (back["action"], back["state"]) == ("backup.restore", "done"), back


def test_a_new_guest_is_made_of_a_backup_once_it_is_approved(site: RestStage, guest: int) -> None:
    ana, where = site.program("ana"), f"/cts/{guest}"
    ana.end_of(ana.post(f"{where}/backups", {}), 30)
    backup = rows(ana, f"{where}/backups")[0]["volid"]

    done = approved(site, ana.post(f"{where}/restore-as", {"backup": backup, "name": "lives-2"}))

    assert done["action"] == "guest.restore"
    assert site.cluster.guest(done["vmid"]).pool == "acme"


def test_a_copy_is_made_once_it_is_approved(site: RestStage, guest: int) -> None:
    ana = site.program("ana")

    done = approved(site, ana.post(f"/cts/{guest}/clone", {"name": "lives-3", "reason": "test"}))

    assert site.cluster.guest(done["vmid"]).name == "lives-3"


def test_admins_move_a_guest_and_owners_do_not(site: RestStage, guest: int) -> None:
    site.cluster.remove_guest(guest)
    disk = {"rootfs": f"ceph:vm-{guest}-disk-0,size=8G"}
    site.cluster.add_container(guest, name="lives", pool="acme", node="pve1", **disk)
    site("carla", "ct start 108 --dry-run")
    refused = site.program("ana").post(f"/cts/{guest}/migrate", {"node": "pve2"})
    carla = site.program("carla")

    moved = carla.end_of(carla.post(f"/cts/{guest}/migrate", {"node": "pve2"}), 30)

    assert is_error(refused, 403, "admins_only")
    assert moved["state"] == "done", moved
    assert site.cluster.guest(guest).node == "pve2"


def asked(site: RestStage, name: str) -> str:
    body = {"name": name, "template": "debian-12", "poolid": "acme"}
    answer = site.program("ana").post("/cts", body)
    return f"/requests/{answer.json()['data']['request']['id']}"


def test_nobody_decides_their_own_request_and_only_approvers_decide(site: RestStage) -> None:
    ana, carla = site.program("ana"), site.program("carla")
    path = asked(site, "decided")
    plan = {"plan_hash": ana.get(path).json()["data"]["plan_hash"]}

    own = carla.post("/cts", {"name": "hers", "template": "debian-12", "poolid": "acme"})
    assert is_error(own, 403, "nobody_decides")
    assert is_error(ana.post(f"{path}/approve", plan), 403, "approvers_only")
    assert is_error(site.program("bruno").post(f"{path}/approve", plan), 404)
    stale = carla.post(f"{path}/approve", {"plan_hash": "0" * 16})
    larger = carla.post(f"{path}/approve", {**plan, "cores": 64})

    assert stale.status_code == 409, stale.text
    assert is_error(larger, larger.status_code, "only_smaller")
    assert ana.get(path).json()["data"]["state"] == "pending"
    ana.post(f"{path}/cancel")
    assert is_error(carla.post(f"{path}/approve", plan), 409, "already_decided")


def test_a_question_is_asked_and_answered_before_the_no(site: RestStage) -> None:
    ana, carla = site.program("ana"), site.program("carla")
    path = asked(site, "asked-about")

    assert carla.post(f"{path}/ask", {"question": "For how long?"}).status_code == 202
    assert ana.get(path).json()["data"]["question"] == "For how long?"
    assert ana.post(f"{path}/answer", {"answer": "Until June"}).status_code == 202
    assert carla.get(path).json()["data"]["answer"] == "Until June"
    first = carla.post(f"{path}/deny", {"reason": "Not now"}, Idempotency_Key="deny-1")
    again = carla.post(f"{path}/deny", {"reason": "Not now"}, Idempotency_Key="deny-1")

    assert first.content == again.content
    ended = ana.get(path).json()["data"]
    assert (ended["state"], ended["note"], ended["ended"]) == ("denied", "Not now", True)


def test_a_lease_is_seen_and_extended(site: RestStage, guest: int) -> None:
    ana = site.program("ana")
    done = approved(site, ana.post(f"/cts/{guest}/clone", {"name": "lives-4", "days": 5}))
    vmid = done["vmid"]

    before = next(one for one in rows(ana, "/leases") if one["vmid"] == vmid)
    after = ana("PUT", f"/leases/{vmid}", {"days": 10}, Idempotency_Key="keep-it")
    again = ana("PUT", f"/leases/{vmid}", {"days": 10}, Idempotency_Key="keep-it")

    assert (before["holder"], before["state"]) == ("ana", "active")
    assert after.status_code == 200, after.text
    assert after.json()["data"]["ends_at"] > before["ends_at"]
    assert after.content == again.content
    assert is_error(site.program("olga")("PUT", f"/leases/{vmid}", {"days": 1}), 403)
    assert is_error(site.program("bruno")("PUT", f"/leases/{vmid}", {"days": 1}), 404)


def test_storages_are_listed_by_name(site: RestStage) -> None:
    found = {one["name"]: one for one in rows(site.program("olga"), "/storages")}

    assert "local-lvm" in found
    assert found["local-lvm"]["total_gib"] > 0
