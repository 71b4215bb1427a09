from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.rest.test_shapes import is_error


def test_a_repeated_call_has_the_first_answer_and_nothing_happens_twice(site):
    olga = site.program("olga")

    first = olga.post("/cts/105/start", Idempotency_Key="once-1")
    olga.end_of(first)
    with site.nothing_changes():
        again = olga.post("/cts/105/start", Idempotency_Key="once-1")

    assert again.status_code == first.status_code
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_key_stands_for_one_call(site):
    carla = site.program("carla")
    carla.end_of(carla.post("/pools", {"poolid": "keyed"}, Idempotency_Key="pool-1"))

    other_body = carla.post("/pools", {"poolid": "keyed2"}, Idempotency_Key="pool-1")
    other_path = carla.post("/cts/105/start", Idempotency_Key="pool-1")

    assert is_error(other_body, 409, "key_reused")
    assert is_error(other_path, 409, "key_reused")
    site.cluster.remove_pool("keyed") if hasattr(site.cluster, "remove_pool") else None


def test_keys_of_two_tokens_have_nothing_to_do_with_each_other(site):
    olga, ana = site.program("olga"), site.program("ana")

    first = olga.end_of(olga.post("/cts/105/start", Idempotency_Key="mine"))
    second = ana.end_of(ana.post("/cts/105/stop", Idempotency_Key="mine"))

    assert first["action"] == "guest.start"
    assert second["action"] == "guest.stop"


def test_many_at_once_with_one_key_begin_one_thing(site):
    olga = site.program("olga")

    with ThreadPoolExecutor(12) as pool:
        answers = list(
            pool.map(
                lambda _: site.program("olga").post("/vms/121/reboot", Idempotency_Key="crowd"),
                range(12),
            )
        )

    good = [one for one in answers if one.status_code == 202]
    assert good
    assert {one.status_code for one in answers} <= {202, 409}
    assert len({one.content for one in good}) == 1
    assert {one.json()["error"]["code"] for one in answers if one.status_code == 409} <= {
        "still_answering"
    }
    olga.end_of(good[0])


def test_a_call_that_could_not_be_done_now_is_tried_anew(site):
    olga = site.program("olga")
    site("carla", "freeze for the test")
    refused = olga.post("/cts/105/start", Idempotency_Key="later")
    site("carla", "unfreeze")

    done = olga.end_of(olga.post("/cts/105/start", Idempotency_Key="later"))

    assert is_error(refused, 503, "frozen")
    assert "Retry-After" in refused.headers
    assert done["state"] == "done"


def test_a_crash_between_the_change_and_its_answer_does_not_make_two(site):
    olga = site.program("olga")
    first = olga.post("/cts/105/start", Idempotency_Key="crash")
    ended = olga.end_of(first)
    # As a crash leaves it: begun, and never answered.
    site.sql(
        "update rest_calls set status = null, body = null, claimed_at = null where key = 'crash'"
    )

    again = olga.post("/cts/105/start", Idempotency_Key="crash")

    assert again.json()["data"]["operation"]["id"] == ended["id"]


def test_a_key_that_cannot_be_kept_is_refused(site):
    assert is_error(site.program("olga").post("/cts/105/start", Idempotency_Key="a b"), 422)
    assert is_error(site.program("olga").post("/cts/105/start", Idempotency_Key="x" * 300), 422)
