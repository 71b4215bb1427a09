"""Writing and reading: threads, history, files, and what changes while one watches."""

import struct
import zlib

import pytest
from selenium.webdriver.common.keys import Keys

from tests.page.conftest import url_of


@pytest.fixture
def page(screen, small):
    screen.open(url_of(small), "ana", "general")
    return screen


def test_a_mention_is_answered_in_its_thread_where_one_can_go_on(page):
    page.says("@nubemox hello")
    said = page.sees("@Nubemox hello")
    page.await_(lambda: page.find(f"[data-ts='{said.get_attribute('data-ts')}'] .replies"))
    page.find(".message:last-child .replies").click()

    page.sees("in thread", where=".thread")
    page.says("@nubemox again", where=".thread")
    page.await_(lambda: len([m for m in page.messages(".thread") if "in thread" in m.text]) == 2)
    assert not [one for one in page.messages() if "in thread" in one.text]

    page.find(".thread .cross").click()
    page.await_(lambda: not page.find(".thread").is_displayed())


def test_a_slash_command_in_a_thread_is_refused_as_slack_does(page):
    page.says("a thought")
    page.sees("a thought")
    page.driver.execute_script(
        "document.querySelector('.message:last-child .tools button').click()"
    )
    page.await_(lambda: page.find(".thread").is_displayed())
    page.says("/nubemox whoami", where=".thread")

    page.sees("is not supported in threads", where=".thread")


def test_arrow_up_brings_back_what_was_said(page):
    page.says("first words")
    page.sees("first words")
    page.says("second words")
    page.sees("second words")
    box = page.find(".center .words")

    box.send_keys(Keys.ARROW_UP)
    assert box.get_attribute("value") == "second words"
    box.send_keys(Keys.ARROW_UP)
    assert box.get_attribute("value") == "first words"
    box.send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    assert box.get_attribute("value") == ""


def test_the_composer_is_one_line_high_until_more_is_written(page):
    box = page.find(".center .words")
    low = box.size["height"]
    box.send_keys("one", Keys.SHIFT, Keys.ENTER, "two", Keys.ENTER, "three")
    assert low < 45
    assert box.size["height"] > 1.8 * low

    box.clear()


def test_a_draft_waits_where_it_was_begun(page):
    page.find(".center .words").send_keys("half a thought")
    page.goes_to("dm")
    assert page.find(".center .words").get_attribute("value") == ""
    page.goes_to("general")

    assert page.find(".center .words").get_attribute("value") == "half a thought"


def test_a_command_that_no_app_has_is_refused_by_slackbot(page):
    page.says("/nothing at all")

    assert "Only visible to you" in page.sees("is not a valid command").text


def test_what_others_write_elsewhere_is_marked_as_new(page, small):
    small.user("carla").says("are you there?", "#ops")

    page.await_(lambda: page.find("[data-place=ops].new"))
    page.goes_to("ops")
    page.sees("are you there?")
    page.await_(lambda: not page.every("[data-place=ops].new"))


def test_an_edit_leaves_the_readers_place_and_open_menus_alone(page, small):
    state = small.state
    with state.changed:
        channel = state.channel("#general")
        for number in range(40):
            last = state.post(channel, state.bot.id, f"line {number}")
    page.sees("line 39")
    scroller = page.find(".center .scroller")
    page.driver.execute_script("arguments[0].scrollTop = 0", scroller)
    with state.changed:
        state.edit(last, "line 39, changed", [])
        state.post(channel, state.bot.id, "one more")

    page.await_(lambda: "line 39, changed" in scroller.text and "one more" in scroller.text)
    assert page.driver.execute_script("return arguments[0].scrollTop", scroller) == 0


def test_a_picture_that_the_app_uploads_is_shown_with_its_words(page, small):
    content = _png()
    with small.state.changed:
        file = _upload(small, "load.png", content)
        small.state.post(small.channel("#general"), small.state.bot.id, "the load", files=[file.id])

    page.sees("the load")
    picture = page.await_(lambda: page.find(".message:last-child img.large"))
    page.await_(
        lambda: page.driver.execute_script("return arguments[0].naturalWidth", picture) == 4
    )
    assert picture.get_attribute("alt") == "CPU below 10 %"


def test_when_the_workspace_is_gone_the_page_says_so(screen):
    from playground.page import Page
    from playground.slack import default_workspace

    workspace = default_workspace()
    Page(workspace)
    workspace.start()
    screen.open(url_of(workspace), "ana", "general")
    workspace.stop()

    screen.await_(lambda: screen.find(".lost").is_displayed())
    screen.driver.get("about:blank")
    screen.complaints()  # that the server is gone is what the browser complains of


def _upload(workspace, name, content):
    from playground.slack.model import File

    state = workspace.state
    file = File(
        state.ids.make("F"), name, state.bot.id, len(content), "secret", content=content,
        uploaded=True, completed=True, alt_text="CPU below 10 %",
        shares={state.channel("#general").id: ["1"]},
    )  # fmt: skip
    state.files[file.id] = file
    return file


def _png(side=4):
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\x00" + b"\x20\x60\xa0" * side for _ in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
