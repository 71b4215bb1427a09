"""Every block is drawn as what it is; what is not known is drawn as an error that one sees."""

import re
from pathlib import Path

import pytest

from commands.registry import build_registry
from playground.slack.blocks import HOME, MESSAGE, MODAL, check_blocks
from playground.slack.methods_views import show_modal
from playground.slack.model import View
from tests.page import gallery
from tests.page.conftest import url_of

ROOT = Path(__file__).resolve().parents[2]


def post(workspace, *blocks, text="a message"):
    state = workspace.state
    with state.changed:
        return state.post(state.channel("#general"), state.bot.id, text, list(blocks))


@pytest.fixture
def shown(screen, bare):
    """Gives the element in which a message with these blocks is drawn."""

    def show(*blocks, text="a message"):
        message = post(bare, *blocks, text=text)
        # The page learns of the message by itself, so that it need not be loaded each time.
        if screen.driver.current_url != f"{url_of(bare)}#ana/general":
            screen.open(url_of(bare), "ana", "general")
        return screen.await_(lambda: screen.find(f"[data-ts='{message.ts}']"))

    return show


def test_every_block_of_the_gallery_is_one_that_slack_takes():
    for block in [*gallery.FROM_BUILDERS, *gallery.BY_HAND]:
        assert check_blocks([block], MESSAGE) == []
    assert check_blocks(gallery.INPUTS, MODAL) == []


@pytest.mark.parametrize(
    "block",
    [*gallery.FROM_BUILDERS, *gallery.BY_HAND],
    ids=lambda block: f"{block['type']}-{block.get('block_id', '')}",
)
def test_a_block_is_drawn_without_an_error(block, shown, screen):
    drawn = shown(block)

    assert screen.every(".problem", drawn) == []
    assert screen.every(".block", drawn)
    assert drawn.size["height"] > 10


def test_a_modal_of_every_field_is_drawn_without_an_error(screen, bare):
    screen.open(url_of(bare), "ana", "general")
    with bare.state.changed:
        view = show_modal(bare.state, bare.user("ana").id, gallery.MODAL, turn=None, push=False)

    modal = screen.await_(lambda: screen.find("dialog.modal"))

    assert screen.every(".problem") == []
    assert len(screen.every(".b-input", modal)) == len(gallery.INPUTS) - 1
    bare.user("ana").closes(view)
    screen.await_(lambda: not screen.every("dialog"))


def test_a_home_tab_is_drawn_without_an_error(screen, bare):
    state, ana = bare.state, bare.user("ana")
    sent = {"type": "home", "blocks": state.with_ids(gallery.FROM_BUILDERS)}
    with state.changed:
        view = View("V0", ana.id, HOME, "1.hash", [sent], "V0")
        state.views[view.id], state.homes[ana.id] = view, view.id
        state.touch()
    screen.open(url_of(bare), "ana", "dm/home")

    screen.await_(lambda: len(screen.every(".home .block")) == len(gallery.FROM_BUILDERS))
    assert check_blocks(gallery.FROM_BUILDERS, HOME) == []
    assert screen.every(".home .problem") == []


@pytest.mark.parametrize(
    "block",
    [
        {"type": "hologram", "block_id": "x"},
        {"type": "toString", "block_id": "x"},
        {"type": "actions", "elements": [{"type": "lever", "action_id": "x"}]},
        {"type": "context", "elements": [{"type": "smell"}]},
        {"type": "input", "label": {"type": "plain_text", "text": "x"},
         "element": {"type": "brain_input", "action_id": "x"}},
        {"type": "rich_text", "elements": [{"type": "rich_text_song", "elements": []}]},
        {"type": "section", "fields": 5},
    ],
)  # fmt: skip
def test_what_is_not_known_is_an_error_that_one_sees(block, shown, screen):
    drawn = shown(block, gallery.FROM_BUILDERS[1])

    problem = screen.find(".problem", drawn)
    assert "cannot draw" in problem.text
    assert problem.is_displayed()
    assert "is running" in drawn.text, "what stands beside it is drawn all the same"


@pytest.mark.parametrize(
    ("text", "selector", "seen"),
    [
        ("*bold* words", "b", "bold"),
        ("_leaning_ words", "i", "leaning"),
        ("~gone~ words", "s", "gone"),
        ("`code *not bold*` words", "code", "code *not bold*"),
        ("```two\nlines```", "pre", "two\nlines"),
        ("<https://example.com/?a=1&amp;b=2|a link>", "a", "a link"),
        ("see https://example.com/x.", "a", "https://example.com/x"),
        ("<!date^1900000000^{date_num} {time}|then>", "time", "2030-03-17 1:46 PM"),
        ("<!here> all", ".mention", "@here"),
        ("<@U0|ana>", ".mention", "@ana"),
        ("&gt; quoted", "blockquote", "quoted"),
        ("*a <https://example.com|b> `c`*", "b a", "b"),
        (":white_check_mark: done", ".emoji", "✅"),
    ],
)
def test_slacks_markup_is_drawn(text, selector, seen, shown, screen):
    drawn = shown({"type": "section", "text": {"type": "mrkdwn", "text": text}})

    found = [one for one in screen.every(f".text {selector}", drawn) if one.text.strip() == seen]
    assert found, drawn.text


@pytest.mark.parametrize(
    "text",
    ["2*3*4 is 24", "snake_case_name", "a ~ b ~ c", "* no bold *", ":no_such_emoji:", "12:30:45"],
)
def test_what_only_looks_like_markup_stays_as_it_is(text, shown, screen):
    drawn = shown({"type": "section", "text": {"type": "mrkdwn", "text": text}})

    assert screen.find(".block .text", drawn).text == text


def test_markdown_is_drawn(shown, screen):
    drawn = shown({"type": "markdown", "text": gallery.MARKDOWN})

    def texts(selector):
        return [one.text for one in screen.every(f".b-markdown {selector}", drawn)]

    assert texts("> ul > li")[:1] == ["one"]
    assert texts("li li") == ["three"]
    assert texts("> ol > li") == ["first", "second"]
    assert texts("h3") == ["Heading"]
    assert texts("pre") == ['print("hello")']
    assert texts("td") == ["web-1", "512"]
    assert texts("p a") == ["a link"]
    assert texts("blockquote") == ["quoted"]


def test_nothing_that_is_said_becomes_part_of_the_page(shown, screen):
    evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    escaped = evil.replace("<", "&lt;").replace(">", "&gt;")
    drawn = shown(
        {"type": "section", "text": {"type": "mrkdwn", "text": escaped}},
        {"type": "section", "text": {"type": "plain_text", "text": evil}},
        {"type": "markdown", "text": f"{evil} [x](javascript:alert(1))"},
        {"type": "section", "text": {"type": "mrkdwn", "text": "<javascript:alert(1)|click>"}},
        {"type": "header", "text": {"type": "plain_text", "text": evil}},
    )

    assert screen.every(".said img, .said script, .said a", drawn) == []
    assert drawn.text.count("<script>") >= 4
    assert "owned" not in screen.driver.title


def test_the_emoji_that_the_bot_writes_are_known_to_the_page():
    named = (ROOT / "playground/page/static/emoji.js").read_text()
    known = set(re.findall(r'^  "?([a-z0-9_+-]+)"?: "', named, re.MULTILINE))
    written = {
        name
        for folder in ("nubemox_bot", "commands")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"[\s\"'(]:([a-z][a-z0-9_]+):(?=[\s\"'])", path.read_text())
    }

    written.discard("memory")  # SQLite's name of a database, and no emoji
    assert written, "the pattern finds none: it is wrong"
    assert written <= known


@pytest.mark.process
def test_every_answer_of_the_bot_is_drawn_without_an_error(screen, demo):
    """Each command's help and the command itself, as the admin, in the DM."""
    carla = demo.workspace.user("carla")
    quiet = {"list", "show", "status", "test", "summary", "whoami", "why", "audit", "help"}
    help_ = build_registry().help()
    wishes = ["help", *(f"help {noun.name}" for noun in help_.nouns)]
    for noun in help_.nouns:
        for verb in noun.verbs:
            wishes.append(f"help {noun.name} {verb.name}")
            subject = {"ct": " 105", "vm": " 121", "tenant": " acme"}.get(noun.name, "")
            alone = verb.name not in {"show", "status"}
            if verb.name in quiet:
                wishes.append(f"{noun.name} {verb.name}{'' if alone else subject}")
    wishes += [verb.name for verb in help_.verbs if verb.name in quiet]
    wishes += ["ct strat 105", "ct stop", "ct start 105 --dry-run", "flurb", "ct start 99999"]

    for wish in wishes:
        carla.types(f"/nubemox {wish}", channel="dm").answer(10)
    screen.open(demo.url, "carla", "dm")

    drawn = screen.await_(lambda: len(screen.messages()) >= len(wishes) and screen.messages())
    assert screen.every(".problem") == []
    assert all(one.text.strip() for one in drawn)
