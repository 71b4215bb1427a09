"""Consoles as people see them: in Chromium, from the link to the keys."""

from __future__ import annotations

import json

from selenium.webdriver.common.action_chains import ActionChains

from tests.page.browser import Screen


def walk_in(screen: Screen, link: str) -> None:
    screen.driver.get(link)
    screen.find("button").click()


def said(screen: Screen) -> str:
    return str(screen.driver.execute_script("return document.getElementById('said')?.value ?? ''"))


def connected(screen: Screen) -> bool:
    return said(screen) == "Connected."


def colours(screen: Screen) -> set[tuple[int, int, int]]:
    """The colours on the screen of a virtual machine."""
    pixels = screen.driver.execute_script(
        "const c = document.querySelector('#console canvas');"
        "return Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data);"
    )
    return {tuple(pixels[at : at + 3]) for at in range(0, len(pixels), 4)}


def types(screen: Screen, text: str) -> None:
    ActionChains(screen.driver).send_keys(text).perform()


def test_a_screen_is_seen_and_keys_arrive(site, browser):
    screen = browser()

    walk_in(screen, site.link())
    screen.await_(lambda: connected(screen), 15, "the screen")
    screen.await_(lambda: (0x11, 0x33, 0x55) in colours(screen), 10, "the picture")
    before = colours(screen)
    types(screen, "ok")

    wanted = [ord("o"), ord("k")]
    site.workspace.wait_until(
        lambda: site.cluster.guest(121).console_keys[-2:] == wanted, 10, "the keys"
    )
    screen.await_(lambda: colours(screen) - before, 10, "what the keys drew")
    assert screen.complaints() == []


def test_a_terminal_is_seen_and_keys_arrive(site, browser):
    screen = browser()

    walk_in(screen, site.link(words="ct console 106"))
    screen.await_(lambda: connected(screen), 15, "the terminal")
    prompt = f"root@{site.cluster.guest(106).name}:~#"
    screen.await_(lambda: prompt in screen.text, 10, "the prompt")
    types(screen, "ls ção\n")

    site.workspace.wait_until(
        lambda: "".join(site.cluster.guest(106).console_keys).endswith("ls ção\r"), 10, "keys"
    )
    screen.await_(lambda: "ls ção" in screen.text, 10, "the echo")
    assert site.cluster.guest(106).console_size is not None
    assert screen.complaints() == []


def test_an_older_cluster_shows_a_container_as_a_screen(site, browser):
    site.cluster.container_package = "6.1.2"
    try:
        screen = browser()
        # Another node than the tests before asked: what is known of one is known for a while.
        site.cluster.guest(106).move_to_node("pve3")
        site("olga", "ct start 108 --dry-run")

        walk_in(screen, site.link(words="ct console 106"))

        screen.await_(lambda: connected(screen), 15, "the screen")
        assert screen.every("#console canvas")
    finally:
        site.cluster.container_package = "6.1.10"


def test_the_browser_never_gets_a_ticket_a_password_or_a_token(site, browser):
    screen = browser()
    screen.driver.execute_cdp_cmd("Network.enable", {})
    seen: list[str] = []

    for words in ("vm console 121", "ct console 106"):
        link = site.link(words=words)
        walk_in(screen, link)
        screen.await_(lambda: connected(screen), 15, "the console")
        seen += [screen.driver.page_source, screen.driver.current_url]
        seen.append(json.dumps(screen.driver.get_cookies()))
        assert link.rpartition("/")[2] not in site.log()
    everything = "\n".join(seen)

    for secret in ("PVEVNC", "PVEAPIToken", "nubemox@pve", "t-acme@pve"):
        assert secret not in everything
        if secret.startswith("PVE"):
            assert f"{secret}:" not in site.log()
    assert screen.driver.execute_script("return document.cookie") == ""
    assert all(cookie["httpOnly"] for cookie in screen.driver.get_cookies())
    assert {cookie["sameSite"] for cookie in screen.driver.get_cookies()} == {"Strict"}


def test_a_second_browser_has_no_way_in(site, browser):
    first, second = browser(), browser()
    walk_in(first, site.link())
    first.await_(lambda: connected(first), 15, "the screen")

    second.driver.get(first.driver.current_url)

    assert "belongs to another browser" in second.text


def test_a_link_opens_once(site, browser):
    first, second = browser(), browser()
    link = site.link()
    walk_in(first, link)
    first.await_(lambda: connected(first), 15, "the screen")

    walk_in(second, link)

    second.await_(lambda: "This link opens nothing" in second.text, 5, "the refusal")


def test_a_console_ends_when_the_role_is_lost(site, browser):
    screen = browser()
    walk_in(screen, site.link())
    screen.await_(lambda: connected(screen), 15, "the screen")

    site("carla", "tenant add acme @olga --role viewer")

    # It is looked at twice a minute.
    screen.await_(lambda: "may not see this console" in said(screen), 45, "the end")
    site.workspace.wait_until(lambda: site.cluster.guest(121).consoles_open == 0, 5, "closing")


def test_a_console_whose_process_died_has_an_end_in_the_audit(site, browser):
    screen = browser()
    walk_in(screen, site.link())
    screen.await_(lambda: connected(screen), 15, "the screen")
    # As a kill leaves it: open, relayed by a process that is no more.
    site.workspace.wait_until(
        lambda: site.sql("select 1 from consoles where opened_at is not null"), 5, "its row"
    )
    site.bot.kill()
    site.bot.start()
    site.workspace.wait_connected()

    def ends():
        return site.sql(
            "select 1 from audit where action = 'guest.console' and phase = 'outcome'"
            " and json_extract(details, '$.result') = 'lost'"
        )

    site.workspace.wait_until(ends, 20, "its end in the audit")
    screen.await_(lambda: "connection is closed" in said(screen), 10, "the page to say so")
    screen.driver.get(screen.driver.current_url)
    screen.await_(lambda: connected(screen), 15, "the same console again")


def test_the_bot_stops_in_time_with_a_console_open_and_writes_its_end_down(site, browser):
    screen = browser()
    walk_in(screen, site.link())
    screen.await_(lambda: connected(screen), 15, "the screen")

    assert site.bot.stop() == 0
    rows = site.sql(
        "select phase, json_extract(details, '$.took_s') from audit"
        " where action = 'guest.console' order by seq desc limit 1"
    )
    site.bot.start()
    site.workspace.wait_connected()

    assert rows[0][0] == "outcome"
    assert rows[0][1] > 0


def test_opening_and_closing_are_in_the_audit_with_their_length(site, browser):
    screen = browser()
    walk_in(screen, site.link())
    screen.await_(lambda: connected(screen), 15, "the screen")
    screen.driver.get("about:blank")

    def rows():
        return site.sql(
            "select phase, user_id, vmid, json_extract(details, '$.result'),"
            " json_extract(details, '$.took_s') from audit"
            " where action = 'guest.console' and phase in ('intent', 'outcome')"
            " order by seq desc limit 2"
        )

    site.workspace.wait_until(lambda: rows()[0][0] == "outcome", 10, "the end in the audit")
    outcome, intent = rows()
    assert intent[:3] == ("intent", site.id_of("olga"), 121)
    assert outcome[:4] == ("outcome", site.id_of("olga"), 121, "browser_left")
    assert outcome[4] > 0
    assert "The audit is whole" in site("carla", "audit --verify").text


def test_a_link_opens_nothing_after_its_minute(site, browser):
    screen, link = browser(), site.link()
    screen.driver.get(link)
    site.sql("update consoles set expires_at = '2020-01-01 00:00:00.000000'")

    screen.find("button").click()

    screen.await_(lambda: "This link opens nothing" in screen.text, 5, "the refusal")


def test_who_lost_the_role_meanwhile_opens_nothing(site, browser):
    screen = browser()
    screen.driver.get(site.link())
    site("carla", "tenant add acme @olga --role viewer")

    screen.find("button").click()

    screen.await_(lambda: "needs the role operator" in screen.text, 5, "the refusal")
    assert site.cluster.guest(121).consoles_open == 0


def test_another_sites_page_neither_presses_the_button_nor_opens_the_socket(site, browser):
    screen, link = browser(), site.link()
    walk_in(screen, site.link(words="ct console 106"))
    screen.await_(lambda: connected(screen), 15, "the terminal")
    way = screen.driver.current_url
    # The same browser, with the cookie, on another server of this machine: another origin.
    screen.driver.get(f"{site.workspace.state.base_url}/nowhere")

    screen.driver.execute_script(
        "const form = document.createElement('form'); form.method = 'post';"
        "form.action = arguments[0]; document.documentElement.append(form); form.submit();",
        link,
    )
    screen.await_(lambda: "did not come from the console" in screen.text, 5, "the refusal")
    screen.driver.get(f"{site.workspace.state.base_url}/nowhere")
    socket = f"{way.replace('http', 'ws', 1)}/socket?as=terminal"
    ended = screen.driver.execute_async_script(
        "const [address, done] = arguments; const socket = new WebSocket(address, ['binary']);"
        "socket.onopen = () => done('open'); socket.onclose = (event) => done(event.code);",
        socket,
    )

    assert ended == 1006  # refused before it opened
    screen.driver.get(link)
    screen.find("button").click()
    screen.await_(lambda: connected(screen), 15, "its own page, for which the link is still good")
