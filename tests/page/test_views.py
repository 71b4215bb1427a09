"""Modals, the home tab, and elements that act, with a small app behind them."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.page.conftest import url_of


@pytest.fixture
def page(screen, small):
    screen.open(url_of(small), "ana", "general")
    yield screen
    ana = small.user("ana")
    while ana.modal:
        ana.closes(ana.modal, whole_stack=True)


@pytest.fixture
def form(page):
    page.says("/nubemox form")
    page.await_(lambda: page.find("dialog.modal [data-block=name] input"))
    return page


def _fill(page, name):
    page.types("[data-block=name] input", name)
    page.find("[data-block=after] label.choice").click()
    page.chooses("[data-block=size]", "Small")
    page.await_(lambda: "Small fits your quota" in page.find("dialog .body").text)


def test_a_form_is_filled_and_sent(form, small):
    _fill(form, "web-7")
    form.chooses("[data-block=guest]", "Db")
    form.find("[data-block=tags] label.choice").click()
    form.types("[data-block=reason] textarea", "more\nroom")
    form.presses("Create", "dialog")

    form.await_(lambda: not form.every("dialog"))
    made = small.user("ana").finds("made:").text
    assert "name=web-7, reason=more\nroom, size=small" in made
    assert "after=start, cores=2, guest=db-1" in made
    assert "tags=web, until=2030-01-31" in made


def test_a_wrong_field_is_marked_with_the_apps_words_and_what_was_typed_stays(form):
    _fill(form, "taken")
    form.presses("Create", "dialog")

    error = form.await_(lambda: form.find("[data-block=name] .error"))
    field = form.find("[data-block=name] input")
    assert error.text == "This name is taken."
    assert field.get_attribute("aria-invalid") == "true"
    assert field.get_attribute("value") == "taken"
    assert form.find("[data-block=size] input").get_attribute("value") == "Small"
    form.await_(lambda: form.driver.switch_to.active_element == field)

    form.types("[data-block=name] input", "free")
    form.presses("Create", "dialog")
    form.await_(lambda: not form.every("dialog"))


def test_an_empty_or_wrong_field_never_leaves_the_client(form, small):
    form.types("[data-block=cores] input", "99")
    before = len(small.envelopes)
    form.presses("Create", "dialog")

    form.await_(lambda: form.find("[data-block=name] .error"))
    assert form.find("[data-block=cores] .error").text == "Please enter 8 or less."
    assert not form.every("[data-block=reason] .error")
    assert len(small.envelopes) == before


def test_what_was_typed_stays_when_the_app_changes_the_view_under_ones_hands(form):
    form.types("[data-block=name] input", "web-9")
    form.chooses("[data-block=size]", "Large")

    form.await_(lambda: "Large fits your quota" in form.find("dialog .body").text)
    assert form.find("[data-block=name] input").get_attribute("value") == "web-9"
    assert form.find("[data-block=size] input").get_attribute("value") == "Large"


def test_a_view_is_stacked_on_another_which_comes_back(form):
    _fill(form, "next")
    form.presses("Create", "dialog")
    form.await_(lambda: form.find("dialog h2").text == "Second form")

    form.presses("Not now", "dialog")

    form.await_(lambda: form.find("dialog h2").text == "New container")
    assert form.find("[data-block=name] input").get_attribute("value") == "next"


def test_escape_closes_a_form_and_the_app_hears_of_it(form, small):
    form.key(Keys.ESCAPE)

    form.await_(lambda: not form.every("dialog"))
    small.user("ana").finds("the form was closed")


def test_a_loading_view_becomes_the_form(page):
    page.says("/nubemox slow")

    page.await_(lambda: page.find("dialog.modal [data-block=name] input"))


def test_a_form_is_seen_by_its_own_person_only(form):
    form.driver.execute_script("location.hash = '#bruno/general'")

    form.await_(lambda: form.find("[data-persona=bruno][aria-pressed=true]"))
    form.await_(lambda: not form.every("dialog"))


@pytest.fixture
def card(page):
    page.says("/nubemox card")
    page.sees("web-1 is running")
    return page


def test_a_button_that_asks_first_does_nothing_when_one_says_no(card, small):
    before = len(small.envelopes)
    card.presses("Delete", ".message:last-child")
    question = card.await_(lambda: card.find("dialog.confirm"))
    assert "web-1 goes for good." in question.text
    card.presses("Keep", "dialog.confirm")

    card.await_(lambda: not card.every("dialog"))
    assert len(small.envelopes) == before


def test_a_button_that_asks_first_acts_on_yes_and_its_message_changes_in_place(card):
    last = card.messages()[-1].get_attribute("data-ts")
    card.presses("Delete", ".message:last-child")
    card.await_(lambda: card.find("dialog.confirm"))
    card.presses("Delete", "dialog.confirm")

    assert card.sees("web-1 is deleted").get_attribute("data-ts") == last


def test_an_overflow_menu_opens_and_acts_by_keyboard(card):
    opener = card.find(".message:last-child .overflow")
    opener.send_keys(Keys.ENTER)
    card.await_(lambda: card.find(".message:last-child .menu").is_displayed())
    card.key(Keys.ARROW_DOWN)
    card.key(Keys.ENTER)

    card.sees("chose move")


def test_an_external_select_asks_the_app_for_what_fits(card):
    box = ".message:last-child [data-action=guest]"
    card.find(f"{box} input").click()
    card.await_(lambda: "Type at least 1 letter." in card.find(f"{box} .list").text)
    card.chooses(box, "db")

    card.sees("found db-1")


def test_the_home_tab_is_published_and_its_button_changes_it(page):
    page.goes_to("dm")
    page.find("[data-tab=home]").click()
    page.await_(lambda: "Your guests" in page.find(".home").text)

    page.presses("Refresh", ".home")

    page.await_(lambda: "Your guests, anew" in page.find(".home").text)
    page.find("[data-tab=messages]").click()
    page.await_(lambda: page.find(".center .composer").is_displayed())
