from __future__ import annotations


def test_a_program_starts_its_owners_container_and_follows_it_to_the_end(site):
    olga = site.program("olga")

    begun = olga.post("/cts/105/start")
    ended = olga.end_of(begun)

    assert begun.json()["data"]["operation"]["state"] == "queued"
    assert (ended["state"], ended["vmid"], ended["action"]) == ("done", 105, "guest.start")
    assert ended["upid"].startswith("UPID:")
    assert site.cluster.guest(105).status == "running"


def test_slack_is_not_told_of_what_a_program_does(site):
    olga = site.program("olga")
    everybody = [site.person(name) for name in ("ana", "olga", "carla")]
    before = [len(person.sees(place)) for person in everybody for place in ("#all", "dm", "#ops")]

    olga.end_of(olga.post("/cts/106/stop?force=true"))

    after = [len(person.sees(place)) for person in everybody for place in ("#all", "dm", "#ops")]
    assert after == before
    assert site.sql("select 1 from turns where told < wanted and origin = 'rest'") == []


def test_starting_what_runs_is_a_conflict(site):
    olga = site.program("olga")

    answer = olga.post("/vms/121/start")

    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "already_running"


def test_a_list_shows_the_guests_of_ones_own_pools_in_pages(site):
    olga = site.program("olga")

    whole = olga.get("/cts").json()
    pages, cursor = [], ""
    while cursor is not None:
        page = olga.get(f"/cts?limit=2{cursor and f'&cursor={cursor}'}").json()
        pages += page["data"]
        cursor = page["next"]

    assert pages == whole["data"]
    assert whole["next"] is None
    assert {row["poolid"] for row in whole["data"]} == {"acme"}
    mine = {
        guest.vmid for guest in site.cluster.guests if guest.pool == "acme" and guest.kind == "lxc"
    }
    assert {row["vmid"] for row in whole["data"]} == mine
