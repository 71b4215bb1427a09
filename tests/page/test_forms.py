"""Forms, Home and pictures on the page, with the bot's own edge behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from playground.page import Page
from playground.slack import SlackWorkspace, default_workspace
from tests.page.browser import Screen
from tests.page.conftest import url_of
from tests.slack.small_forms import Shop, conversation
from tests.slack.support import MemoryPeople, MemoryTurns, RunningEdge
from tests.slack.test_home import Tab


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop()


@pytest.fixture(scope="module")
def workspace(shop: Shop) -> Iterator[SlackWorkspace]:
    talk: Any = conversation(shop)
    tab = Tab()
    tab.gate.set()
    workspace = default_workspace()
    Page(workspace)
    with workspace:
        bot = RunningEdge(workspace, talk, MemoryTurns(), MemoryPeople(), home=tab).start()
        yield workspace
        bot.stop()


@pytest.fixture
def page(screen: Screen, workspace: SlackWorkspace, shop: Shop) -> Iterator[Screen]:
    shop.made.clear()
    shop.gate.set()
    screen.open(url_of(workspace), "ana", "general")
    yield screen
    shop.gate.set()
    ana = workspace.user("ana")
    while ana.modal:
        ana.closes(ana.modal, whole_stack=True)
    assert workspace.complaints == []


@pytest.fixture
def form(page: Screen) -> Screen:
    page.says("/nubemox create")
    page.await_(lambda: page.find("dialog.modal [data-block=name] input"), what="the form")
    return page


def live(form: Screen, words: str) -> None:
    form.await_(lambda: words in form.find("dialog .body").text, what=words)


def test_a_form_is_filled_field_by_field_and_sent(form: Screen, shop: Shop):
    form.types("[data-block=name] input", "web-7")
    form.chooses("[data-block=node]", "pve2")
    live(form, "Live: pve2, 2 cores")
    form.chooses("[data-block='storage@pve2']", "big")
    form.types("[data-block=cores] input", "4")
    form.every("[data-block=then] label.choice")[1].click()
    form.chooses("[data-block=guest]", "web-149")
    form.find("[data-block=backup] label.choice").click()
    form.presses("More", "dialog")
    form.types("[data-block=reason] textarea", "more\nroom")
    form.presses("Create", "dialog")

    form.await_(lambda: not form.every("dialog"), what="the form to close")
    form.sees("web-7 with 4 cores")
    assert shop.made[0]["node"] == "pve2"
    assert shop.made[0]["reason"] == "more room"


def test_what_is_wrong_stands_at_its_field(form: Screen, shop: Shop):
    form.types("[data-block=name] input", "web-1")
    form.presses("Create", "dialog")

    form.await_(
        lambda: form.find("[data-block=name] .error").text == "web-1 is taken.", what="the fault"
    )
    form.types("[data-block=name] input", "web-8")
    form.presses("Create", "dialog")
    form.sees("web-8 with 2 cores")


def test_a_check_that_takes_longer_comes_back_with_the_form_as_it_was(form: Screen, shop: Shop):
    form.types("[data-block=name] input", "web-1")
    form.types("[data-block=cores] input", "4")
    shop.gate.clear()
    form.presses("Create", "dialog")
    live(form, "Checking…")

    shop.gate.set()

    live(form, "web-1 is taken.")
    assert form.find("[data-block=name] input").get_attribute("value") == "web-1"
    assert form.find("[data-block=cores] input").get_attribute("value") == "4"


def test_a_form_that_takes_its_time_shows_that_it_is_loading(page: Screen, shop: Shop):
    shop.gate.clear()
    page.says("/nubemox create")

    page.await_(lambda: "Loading…" in page.find("dialog.modal .body").text, what="loading")
    shop.gate.set()
    page.await_(lambda: page.find("dialog.modal [data-block=name] input"), what="the form")


def test_in_a_direct_message_a_button_opens_the_form(page: Screen):
    page.goes_to("dm")
    page.says("create")
    page.sees("Press the button to fill in the form.")

    page.presses("New container", ".message:last-child")

    page.await_(lambda: page.find("dialog.modal [data-block=name] input"), what="the form")


def test_home_is_filled_and_its_buttons_open_forms(page: Screen):
    page.goes_to("dm")
    page.find("[data-tab=home]").click()
    page.await_(lambda: "Hello ana" in page.find(".home").text, what="home")

    page.presses("New", ".home")

    page.await_(lambda: page.find("dialog.modal [data-block=name] input"), what="the form")
    page.key(Keys.ESCAPE)
    page.await_(lambda: not page.every("dialog"), what="the form to close")
    page.find("[data-tab=messages]").click()


def test_home_is_filled_for_who_comes_by_its_address(page: Screen, workspace: SlackWorkspace):
    """As after a reload: nothing was clicked, and the app hears of it all the same."""
    page.open(url_of(workspace), "bruno", "dm/home")

    page.await_(lambda: "Hello bruno" in page.find(".home").text, what="home")


def test_a_picture_is_drawn_with_its_words(page: Screen):
    page.says("/nubemox graph")

    page.sees("A chart.")

    def picture() -> WebElement:
        return page.find(".message:last-child .b-image img")

    page.await_(lambda: picture().get_property("naturalWidth"), what="its pixels")
    assert picture().get_property("naturalWidth") == 2
    assert "memory 512 MiB" in (picture().get_attribute("alt") or "")
    assert "web-1, one hour" in page.find(".message:last-child").text
