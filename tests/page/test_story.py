"""The product as a stranger meets it: the whole demo, in a browser."""

import pytest
from selenium.webdriver.common.keys import Keys

pytestmark = pytest.mark.process


def test_ana_starts_her_container_and_sees_it_begin_and_end_in_one_message(screen, demo):
    demo.cluster.task_seconds = 1.0
    screen.open(demo.url, "ana", "acme")
    before = len(screen.messages())

    screen.says("/nubemox ct start 105")
    begun = screen.sees("web-1 105 is starting, asked by @Ana Lee").get_attribute("data-ts")
    ended = screen.sees("web-1 105 is running. Started by @Ana Lee").get_attribute("data-ts")

    assert begun == ended
    assert len(screen.messages()) == before + 1
    assert demo.cluster.guest(105).status == "running"
    row = screen.await_(lambda: screen.find("[data-vmid='105'][data-status=running]"))
    assert "web-1" in row.text
    demo.cluster.task_seconds = 0.4


def test_bruno_hears_of_anas_container_what_he_would_hear_of_none_and_in_his_language(screen, demo):
    screen.open(demo.url, "bruno", "globex")

    screen.says("/nubemox ct start 105")
    refused = screen.sees("105").text
    screen.says("/nubemox ct start 999")
    missing = screen.sees("999").text

    assert refused.replace("105", "999") == missing
    assert "nos seus pools" in refused
    assert "web-1" not in refused
    assert demo.cluster.guest(105).status == "stopped"


def test_an_answer_for_one_pair_of_eyes_is_not_there_for_others(screen, demo):
    screen.open(demo.url, "ana", "general")
    screen.says("/nubemox whoami")
    mine = screen.sees("acme")

    assert "Only visible to you" in mine.text

    screen.become("carla")
    assert not [one for one in screen.messages() if "acme" in one.text]

    screen.become("ana")
    screen.presses("Dismiss message", f"[data-ts='{screen.sees('acme').get_attribute('data-ts')}']")
    screen.await_(lambda: not [one for one in screen.messages() if "acme" in one.text])


def test_a_command_without_its_guest_asks_with_a_list_of_what_may_be_chosen(screen, demo):
    screen.open(demo.url, "ana", "acme")
    screen.says("/nubemox ct stop")
    screen.sees("Which guest do you mean?")

    screen.chooses(".message:last-child [data-action='guest.pick']", "web-2")

    screen.sees("web-2 106 is stopped", within_s=15)
    assert demo.cluster.guest(106).status == "stopped"


def test_a_long_list_is_paged_and_its_buttons_work(screen, demo):
    screen.open(demo.url, "bruno", "globex")
    screen.says("/nubemox ct list")
    first = screen.sees("32 contêineres").text

    screen.presses("Próxima", ".message:last-child")
    screen.await_(lambda: screen.find(".message:last-child").text.count("many-") and
                  "Página 2" in screen.find(".message:last-child").text)  # fmt: skip
    second = screen.find(".message:last-child").text

    assert first != second
    assert "many-529" in second or "Página 2 de 3" in second


def test_the_story_works_on_a_phone_with_the_sidebar_out_of_the_way(screen, demo):
    screen.size(390, 844, phone=True)
    screen.open(demo.url, "ana", "general")

    def is_aside() -> bool:
        return not screen.find("#sidebar").is_displayed()

    screen.await_(is_aside)
    screen.find(".sidebar-opener").click()
    screen.await_(lambda: not is_aside())
    screen.goes_to("acme")
    screen.await_(is_aside)
    screen.says("/nubemox ct start web-1")
    screen.sees("web-1 105 is running")

    wide = screen.driver.execute_script("return document.documentElement.scrollWidth")
    assert wide <= 390


def test_the_story_works_by_keyboard_alone(screen, demo):
    screen.open(demo.url, "ana", "acme")
    screen.key("/nub", Keys.TAB, "ct start 105", Keys.ENTER)
    screen.sees("web-1 105 is running")

    screen.key("/nubemox ct stop", Keys.ENTER)
    screen.sees("Which guest do you mean?")
    box = screen.find(".message:last-child input[role=combobox]")
    screen.driver.execute_script("arguments[0].focus()", box)
    screen.key(Keys.ARROW_DOWN)
    screen.key("web-1")
    screen.await_(lambda: len(screen.every(".message:last-child [role=option]")) == 1)
    screen.key(Keys.ENTER)

    screen.sees("web-1 105 is stopped", within_s=15)


def test_in_a_dm_and_after_a_mention_the_same_words_work(screen, demo):
    screen.open(demo.url, "ana", "dm")
    screen.says("ct status web-2")
    screen.sees("web-2 106 is running")

    screen.goes_to("acme")
    screen.says("@nubemox ct status db-1")
    screen.sees("db-1 107 is running")


def test_ana_fills_one_form_carla_approves_and_the_container_is_ready(screen, demo):
    screen.open(demo.url, "ana", "acme")
    screen.says("/nubemox ct create")
    screen.chooses("dialog [data-block=template]", "debian-12")
    screen.chooses("dialog [data-block=size]", "Large")  # a small one needs nobody's approval
    screen.types("dialog [data-block=name] input", "web 9")
    screen.presses("Create", "dialog")
    screen.await_(lambda: screen.find("dialog [data-block=name] .error"), what="the fault")
    screen.types("dialog [data-block=name] input", "web-9")
    screen.presses("Create", "dialog")
    asked = screen.sees("asked for a new container web-9").get_attribute("data-ts")

    screen.become("carla")
    screen.goes_to("dm")
    screen.await_(lambda: "asks for" in screen.find(".message:last-child").text, what="the card")
    screen.presses("Approve", ".message:last-child")
    screen.await_(lambda: screen.find("dialog button[type=submit]"), what="the form")
    screen.presses(screen.find("dialog button[type=submit]").text, "dialog")
    screen.await_(lambda: not screen.every("dialog"), what="the form to close")

    screen.become("ana")
    screen.goes_to("acme")
    screen.await_(
        lambda: "is ready" in screen.find(f"[data-ts='{asked}']").text, 30, "a ready card"
    )
    assert "approved it" in screen.find(f"[data-ts='{asked}']").text
    made = next(one for one in demo.cluster.guests if one.name == "web-9")
    assert made.status == "running"
