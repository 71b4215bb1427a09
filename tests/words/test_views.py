"""Help, faults, errors and the question for a guest, as people see them."""

from dataclasses import dataclass

import pytest

from commands import docs, views
from commands.errors import WordsFault
from nubemox_bot.blockkit import faults_of_message
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.i18n import N_, speaking
from tests.words.vocabulary import small_registry

REGISTRY = small_registry()


@dataclass(frozen=True)
class Guest:
    vmid: int
    name: str


def _ask(text):
    """What help or a fault answers to these words."""
    invocation = REGISTRY.parse(text)
    if invocation.fault:
        return views.fault_reply(invocation.fault, REGISTRY.help(*invocation.fault.topic))
    assert invocation.verb is not None
    return invocation.verb.function(None, **invocation.arguments)


def _shown(reply):
    return str(list(reply.blocks))


def _buttons(reply):
    return [
        element["value"]
        for block in reply.blocks
        for element in block.get("elements", [])
        if element["type"] == "button"
    ]


@pytest.mark.parametrize("locale", ["en-US", "pt-BR"])
@pytest.mark.parametrize(
    "text",
    [
        "help", "help vm", "help vm start", "help whoami", "ct strat 105", "start ct 105", "flurb",
        "ct create --reason “", "x" * 9_000, "ct snapshot", "ct resize 5 --memory 1",
        "ct stop " + "<!channel>`*" * 100, "help ct snapshot create",
    ],
)  # fmt: skip
def test_every_answer_is_one_that_slack_takes(text, locale):
    with speaking(locale):
        reply = _ask(text)

    assert faults_of_message(reply.text, reply.blocks) == []
    assert reply.text.rstrip("`").endswith((".", "?", "/", "…")) or len(reply.text) > 20
    assert not reply.in_channel
    assert "<!channel>" not in reply.text + _shown(reply)


def test_help_names_every_noun_and_offers_its_help():
    reply = _ask("help")

    assert all(f"*{noun.name}*" in _shown(reply) for noun in REGISTRY.nouns)
    assert "whoami" in _shown(reply)
    assert _buttons(reply) == ["help vm", "help ct", "help tenant"]


def test_help_of_a_noun_lists_its_verbs():
    shown = _shown(_ask("help ct"))

    assert all(f"`{verb.said}" in shown for verb in REGISTRY.nouns[1].verbs)
    assert "/nubemox ct start web-1" in shown


def test_help_of_a_verb_lists_its_options():
    shown = _shown(_ask("ct resize help"))

    assert "ct resize GUEST [--memory MIB] [--disk +GIB]" in shown
    assert "`--memory MIB` Memory" in shown


def test_help_speaks_portuguese():
    with speaking("pt-BR"):
        assert "Digite `/nubemox`" in _ask("help").text
        assert "Mostra as chamadas exatas" in _shown(_ask("help ct start"))


def test_a_slip_is_mended_by_a_button():
    reply = _ask("start 105")

    assert _buttons(reply)[:2] == ["vm start 105", "ct start 105"]
    pressed = {"action_id": "words.run.1", "value": "ct start 105"}
    assert views.words_of_action(pressed) == "ct start 105"


def test_a_fault_shows_the_help_of_what_was_understood():
    assert "`ct list" in _shown(_ask("ct flurb"))
    assert "[--force]" in _shown(_ask("ct stop 5 --xyz"))


class Refused(NubemoxError):
    text = N_("{guest} belongs to {who}.")
    hint = N_("Ask {who}.")
    remedy = "ct status {guest}"
    remedy_label = N_("Show it")


def test_an_error_says_what_why_and_what_next():
    reply = views.error_reply(Refused(guest="<!here>*x*", who="<@U1>"))

    assert reply.text == "&lt;!here&gt;∗x∗ belongs to <@U1>. Ask <@U1>."
    assert _buttons(reply) == ["ct status <!here>*x*"]
    assert faults_of_message(reply.text, reply.blocks) == []


def test_an_error_speaks_the_readers_language():
    with speaking("pt_BR"):
        reply = views.error_reply(Refused(guest="web-1", who="<@U1>"))

    assert reply.blocks[-1]["elements"][0]["text"]["text"] == "Mostrar"


def test_the_error_itself_stays_as_it_was():
    error = Refused(guest="*", who="x")

    views.error_reply(error)

    assert error.data == {"guest": "*", "who": "x"}


def test_what_was_typed_never_mentions_anybody():
    fault = REGISTRY.parse("ct start <@U999>").fault

    assert isinstance(fault, WordsFault)
    assert "<@U999>" not in views.fault_reply(fault, REGISTRY.help()).text


def test_a_missing_guest_is_chosen_and_completes_the_words():
    invocation = REGISTRY.parse("ct stop --force")

    reply = views.select_guest(invocation, [Guest(105, "web-1"), Guest(106, "<!channel>")])

    assert faults_of_message(reply.text, reply.blocks) == []
    row = reply.blocks[1]
    assert row["elements"][0]["options"][1]["value"] == "106"
    pressed = {
        "action_id": views.PICK_GUEST,
        "block_id": row["block_id"],
        "selected_option": {"value": "105"},
    }
    words = views.words_of_action(pressed)
    assert words is not None
    assert REGISTRY.parse(words).words == "ct stop 105 --force"


def test_more_guests_than_a_select_holds():
    guests = [Guest(100 + i, "x" * 200) for i in range(130)]

    reply = views.select_guest(REGISTRY.parse("ct start"), guests)

    assert faults_of_message(reply.text, reply.blocks) == []
    assert reply.blocks[1]["elements"][0]["type"] == "external_select"
    assert len(views.guest_options(guests)) == 100
    assert [one["value"] for one in views.guest_options(guests, " 122")] == ["122"]


def test_words_too_long_for_a_select_ask_to_be_typed():
    invocation = REGISTRY.parse("vm migrate --node " + "x" * 63)
    assert len(views.select_guest(invocation, [Guest(1, "a")]).blocks) == 2
    object.__setattr__(invocation, "words", "vm migrate " + "x" * 300)

    reply = views.select_guest(invocation, [Guest(1, "a")])

    assert len(reply.blocks) == 1
    assert "web-1" in reply.text


def test_nobody_is_asked_to_choose_among_nothing():
    assert len(views.select_guest(REGISTRY.parse("ct start"), []).blocks) == 1


@pytest.mark.parametrize(
    "action",
    [
        {},
        {"action_id": "other", "value": "ct stop 5"},
        {"action_id": "words.run"},
        {"action_id": "words.runner", "value": "ct stop 5"},
        {"action_id": views.PICK_GUEST, "block_id": "x", "selected_option": {"value": "5"}},
        {"action_id": views.PICK_GUEST, "block_id": "pick:ct stop", "selected_option": None},
    ],
)
def test_other_elements_stand_for_no_words(action):
    assert views.words_of_action(action) is None


def test_the_page_of_commands_is_written_from_the_table(tmp_path):
    page = tmp_path / "docs" / "commands.md"

    assert docs.write(REGISTRY, page)
    assert not docs.write(REGISTRY, page)

    text = page.read_text(encoding="utf-8")
    assert all(verb.said in text for verb in REGISTRY.all_verbs())
    assert "viewer\\|operator" in text


def test_an_old_wish_can_be_asked_again():
    reply = views.expired("ct stop `<!here>`")

    assert faults_of_message(reply.text, reply.blocks) == []
    assert "<!here>" not in reply.text
    assert _buttons(reply) == ["ct stop `<!here>`"]
    assert len(views.expired("").blocks) == 1
