"""The console's door, tried by hand: links, cookies, origins."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from nubemox_bot.consoles.model import MOST_OPEN


def redeem(link: str, origin: str | None = "own") -> requests.Response:
    place = urlsplit(link)
    headers = {}
    if origin == "own":
        headers["Origin"] = f"{place.scheme}://{place.netloc}"
    elif origin:
        headers["Origin"] = origin
    return requests.post(link, headers=headers, allow_redirects=False, timeout=10)


def test_looking_at_a_link_burns_nothing(site):
    link = site.link()

    looks = [requests.get(link, timeout=5) for _ in range(3)]
    nowhere = requests.get(link[:-1] + "_", timeout=5)

    assert {one.status_code for one in looks} == {200}
    assert looks[0].text == nowhere.text
    assert looks[0].headers["Cache-Control"] == "no-store"
    policy = looks[0].headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert redeem(link).status_code == 303


def test_a_code_works_once(site):
    link = site.link()

    assert redeem(link).status_code == 303
    again = redeem(link)

    assert again.status_code == 404
    assert "Set-Cookie" not in again.headers


def test_a_code_works_for_a_minute(site):
    link = site.link()
    site.sql("update consoles set expires_at = '2020-01-01 00:00:00.000000'")

    assert redeem(link).status_code == 404


@pytest.mark.parametrize("origin", ["null", "https://elsewhere.example"])
def test_another_sites_page_redeems_nothing(site, origin):
    link = site.link()

    assert redeem(link, origin).status_code == 403
    assert redeem(link).status_code == 303


def test_the_role_is_looked_at_again_when_the_code_is_redeemed(site):
    link = site.link()
    site("carla", "tenant add acme @olga --role viewer")

    refused = redeem(link)

    assert refused.status_code == 403
    assert "Set-Cookie" not in refused.headers


def _socket(site, way: str, cookie: str | None, origin: str | None):
    headers = {"Cookie": cookie} if cookie else {}
    return connect(
        f"{site.base.replace('http', 'ws')}{way}/socket?as=screen",
        origin=None if origin is None else Origin(origin),
        additional_headers=headers,
        subprotocols=[Subprotocol("binary")],
        open_timeout=10,
    )


def test_the_websocket_wants_the_cookie_and_the_own_origin(site):
    entered = redeem(site.link())
    way = entered.headers["Location"]
    cookie = entered.headers["Set-Cookie"].split(";")[0]

    for given, origin in (
        (None, site.base),
        (cookie[:-1] + "_", site.base),
        (cookie, None),
        (cookie, "https://elsewhere.example"),
    ):
        with pytest.raises(InvalidStatus) as refused, _socket(site, way, given, origin):
            pass
        assert refused.value.response.status_code == 403
    with _socket(site, way, cookie, site.base) as websocket:
        assert websocket.recv() == b"RFB 003.008\n"
        with pytest.raises(InvalidStatus), _socket(site, way, cookie, site.base):
            pass  # a second one beside it would take another port of the node's
        websocket.send(b"RFB 003.008\n")
        assert websocket.recv() == b"\x01\x01"
        websocket.send(b"\x01")
        assert websocket.recv() == b"\x00\x00\x00\x00"


def test_the_cookie_is_for_this_console_alone(site):
    first, second = redeem(site.link()), redeem(site.link(words="ct console 106"))
    cookie = first.headers["Set-Cookie"].split(";")[0]

    other = requests.get(
        site.base + second.headers["Location"], headers={"Cookie": cookie}, timeout=5
    )

    assert other.status_code == 403
    attributes = first.headers["Set-Cookie"].lower()
    assert "httponly" in attributes
    assert "samesite=strict" in attributes
    assert f"path={first.headers['Location'].lower()}" in attributes


def test_as_many_as_a_person_may_have_open_are_enough(site):
    """Asked before a link is given, and when a page is opened by one that was given before."""
    links = [site.link() for _ in range(MOST_OPEN + 1)]
    ways = [redeem(link) for link in links]
    last = ways.pop()
    for way in ways:
        session = way.headers["Location"].rpartition("/")[2]
        site.sql(
            "update consoles set opened_at = '2999-01-01 00:00:00.000000' where id = ?", session
        )
    try:
        refused = site("olga", "vm console 121")
        page = requests.get(
            site.base + last.headers["Location"],
            headers={"Cookie": last.headers["Set-Cookie"].split(";")[0]},
            timeout=5,
        )
    finally:
        site.sql("update consoles set opened_at = null")

    assert f"You have {MOST_OPEN} consoles open" in refused.text
    assert "/console/" not in refused.all_text
    assert page.status_code == 429
    assert f"You have {MOST_OPEN} consoles open" in page.text
    assert site.link("ana")


def test_the_link_is_told_to_its_asker_alone(site):
    answer = site("olga", "vm console 121")

    assert answer.is_private
    assert "/console/" not in answer.text
    assert "Share" not in answer.labels


@pytest.mark.parametrize(
    ("who", "words", "expected"),
    [
        ("vic", "vm console 121", "That needs the role operator"),
        ("dora", "vm console 121", "You belong to no tenant yet"),
    ],
)
def test_who_may_not_gets_no_link(site, who, words, expected):
    answer = site(who, words)

    assert expected in answer.text
    assert "/console/" not in answer.all_text


def test_a_foreign_guest_answers_as_a_missing_one(site):
    foreign, missing = site("bruno", "vm console 121"), site("bruno", "vm console 999")

    assert foreign.all_text.replace("121", "999") == missing.all_text


def test_a_stopped_guest_has_nothing_to_see(site):
    answer = site("olga", "ct console 105")

    assert "/console/" not in answer.all_text
    assert "not running" in answer.text


def test_programs_get_a_link_that_nobody_keeps(site):
    answer = site.program("olga").get("/vms/121/vnc")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert redeem(answer.json()["data"]["href"]).status_code == 303
    assert site.program("olga").get("/cts/999/vnc").status_code == 404


def test_a_freeze_leaves_consoles_open(site):
    site("carla", "freeze for a look")

    entered = redeem(site.link())

    cookie = entered.headers["Set-Cookie"].split(";")[0]
    with _socket(site, entered.headers["Location"], cookie, site.base) as websocket:
        assert websocket.recv() == b"RFB 003.008\n"


@pytest.mark.parametrize(
    "name",
    [
        "page/../files.py",
        "page/%2e%2e/package.json",
        "novnc/../../../package.json",
        "etc/passwd",
        "",
    ],
)
def test_only_the_consoles_own_files_are_served(site, name):
    assert requests.get(f"{site.base}/console-files/{name}", timeout=5).status_code == 404
