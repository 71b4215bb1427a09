from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.rest.test_shapes import is_error


def test_one_token_that_asks_too_fast_waits_and_others_do_not(site):
    hasty = site.program(None)
    hasty.token = site.token_of("olga")

    def ask(_: int):
        one = site.program(None)
        one.token = hasty.token
        return [one.get("/operations/op_0") for _ in range(60)]

    with ThreadPoolExecutor(8) as pool:
        answers = [answer for batch in pool.map(ask, range(8)) for answer in batch]

    limited = [answer for answer in answers if answer.status_code == 429]
    assert {answer.status_code for answer in answers} == {404, 429}
    assert is_error(limited[0], 429, "too_many_calls")
    assert 1 <= int(limited[0].headers["Retry-After"]) <= 60
    assert site.program("ana").get("/cts").status_code == 200
