"""What people type, and what is understood of it."""

from datetime import UTC, datetime

import pytest

from commands.errors import WordsFault
from commands.grammar import GUEST, Context, Registry, argument
from nubemox_bot.blockkit import Reply
from nubemox_bot.core.actor import Actor, Origin
from nubemox_bot.core.i18n import speaking
from nubemox_bot.core.turn import Turn
from tests.words.vocabulary import small_registry

REGISTRY = small_registry()

UNDERSTOOD = [
    ("ct start 105", "ct start 105", {"guests": ("105",)}),
    ("CT Start web-1", "ct start web-1", {"guests": ("web-1",)}),
    ("/nubemox ct start 105", "ct start 105", {}),
    ("<@U0BOT> ct start 105", "ct start 105", {}),
    ("`ct start 105`", "ct start 105", {}),
    ("  ct\u00a0start\u2003105 ", "ct start 105", {}),
    ("ct\u200b start 105\u202e", "ct start 105", {}),
    ("ct start\t105\r\n106", "ct start 105 106", {"guests": ("105", "106")}),
    ("ct stop 105 —force", "ct stop 105 --force", {"force": True}),
    ("ct stop 105 –-force", "ct stop 105 --force", {"force": True}),
    ("ct stop 105 -force", "ct stop 105 --force", {"force": True}),
    ("--force ct stop 105", "ct stop 105 --force", {"force": True, "guests": ("105",)}),
    ("ct --force stop 105 --FORCE", "ct stop 105 --force", {"force": True}),
    ("--pool acme ct list", "ct list --pool acme", {"pool": "acme", "tag": None}),
    ("vms", "vm list", {}),
    ("containers", "ct list", {}),
    ("container ls", "ct list", {}),
    ("VM LS", "vm list", {}),
    ("ct stop --tag lab", "ct stop --tag lab", {"tag": "lab", "guests": ()}),
    ("ct start #105", None, {"guests": ("105",)}),
    ("ct resize 5 --memory 2048", "ct resize 5 --memory 2048", {"memory_mib": 2048}),
    ("ct resize 5 --memory=2048", "ct resize 5 --memory 2048", {"memory_mib": 2048}),
    ("ct resize 5 —memory=2g", "ct resize 5 --memory 2g", {"memory_mib": 2048}),
    ("ct resize 5 --disk +5", "ct resize 5 --disk +5", {"disk_gib": 5}),
    ("ct create web --reason “two words”", 'ct create web --reason "two words"', {"name": "web"}),
    ("ct create web --reason=«two words»", None, {"reason": "two words"}),
    ("ct create web --reason 'it''s'", None, {"reason": "it''s"}),
    ("ct create web --reason don’t", None, {"reason": "don’t"}),
    ('ct create web --reason "say \\"hi\\""', None, {"reason": 'say "hi"'}),
    ('ct create web --reason “mixed"', None, {"reason": "mixed"}),
    ("ct create web --reason „deutsch“", None, {"reason": "deutsch"}),
    ("ct create web --reason '--dry-run'", None, {"reason": "--dry-run", "dry_run": False}),
    ("ct create a&lt;b", "ct create a<b", {"name": "a<b"}),
    ("ct create &amp;lt;", "ct create &amp;lt;", {"name": "&lt;"}),
    ("ct start <http://web-1.example.com|web-1.example.com>", "ct start web-1.example.com", {}),
    ("tenant add acme <@U1|Ana Silva>", "tenant add acme <@U1>", {"user": "U1"}),
    ("tenant add acme <@U1>", "tenant add acme <@U1>", {"user": "U1"}),
    ("tenant add acme <!subteam^S1|@acme-ops>", "tenant add acme <!subteam^S1>", {"user": "S1"}),
    ("tenant add acme <@W1> --role OWNER", None, {"role": "owner"}),
    ("ct snapshot create 5 before", "ct snapshot create 5 before", {"guest": "5"}),
    ("ct SNAPSHOT List 5", "ct snapshot list 5", {"guest": "5"}),
    ("whoami", "whoami", {}),
    ("", "help", {"topic": ()}),
    ("?", "help", {"topic": ()}),
    ("ajuda ct", "help ct", {"topic": ("ct",)}),
    ("help", "help", {"topic": ()}),
    ("help vm", "help vm", {"topic": ("vm",)}),
    ("vm help", "help vm", {}),
    ("vm", "help vm", {}),
    ("vm start help", "help vm start", {"topic": ("vm", "start")}),
    ("vm start --help", "help vm start", {}),
    ("vm snapshot create 5 -h", "help vm snapshot create", {}),
    ("vm nonsense --help", "help vm", {}),
]


@pytest.mark.parametrize(("text", "words", "arguments"), UNDERSTOOD)
def test_these_words_are_understood(text, words, arguments):
    invocation = REGISTRY.parse(text)

    assert invocation.fault is None
    assert invocation.verb is not None
    assert not invocation.missing_guest
    assert words in (None, invocation.words)
    assert {name: invocation.arguments[name] for name in arguments} == arguments


@pytest.mark.parametrize(
    ("text", "fault", "nearest"),
    [
        ("start ct 105", "words_swapped", "ct start 105"),
        ("strat ct 105", "unknown_noun", "ct start 105"),
        ("start 105", "noun_missing", "vm start 105"),
        ("105 start", "unknown_noun", "vm start 105"),
        ("ct 105 start", "unknown_verb", "ct start 105"),
        ("ct strat 105", "unknown_verb", "ct start 105"),
        ("ctt start 105", "unknown_noun", "ct start 105"),
        ("ct stp 105 --forse", "unknown_verb", "ct stop 105 --force"),
        ("ct stop 105 --forse", "unknown_option", "ct stop 105 --force"),
        ("ct resize 5 --memroy=2g", "unknown_option", "ct resize 5 --memory 2g"),
        ("ct snapshot crate 5", "unknown_verb", "ct snapshot create 5"),
        ("ct snapshots list 5", "unknown_verb", "ct snapshot list 5"),
        ("snapshot ct list 5", "words_swapped", "ct snapshot list 5"),
        ("vm whoami", "unknown_verb", "whoami"),
        ("whoam", "unknown_noun", "whoami"),
        ("help stort", "unknown_noun", "help vm start"),
        ("tenant add acme <@U1> --role ownr", "bad_value", "tenant add acme <@U1> --role owner"),
        ("ct flurb", "unknown_verb", None),
        ("flurb", "unknown_noun", None),
        ("ct snapshot", "verb_missing", None),
        ("vm --tag x", "verb_missing", None),
        ("ct resize 5 --memory", "value_missing", None),
        ("ct resize 5 --memory --disk +5", "value_missing", None),
        ("ct resize 5 --memory 1", "bad_value", None),
        ("ct resize 5 --memory 2.5", "bad_value", None),
        ("ct resize 5 --memory -5", "bad_value", None),
        ("ct resize 5 --disk 5", "bad_value", None),
        ("ct stop 5 --force=yes", "value_unwanted", None),
        ("ct resize 5 --disk +5 --disk +5", "option_twice", None),
        ("ct start ../../etc", "bad_value", None),
        ("ct start <!channel>", "bad_value", None),
        ("tenant add acme", "argument_missing", None),
        ("tenant add acme ana", "bad_value", None),
        ("tenant add acme <#C1|ops>", "bad_value", None),
        ("ct migrate 5", "argument_missing", None),
        ("ct list a b", "too_many_words", None),
        ("ct create web --reason “open", "unbalanced_quotes", None),
        ("x" * 10_000, "too_long", None),
        ("ct create web --reason " + "x" * 1_900, "too_long", None),
    ],
)
def test_these_are_answered_with_the_nearest_right_words(text, fault, nearest):
    invocation = REGISTRY.parse(text)

    assert invocation.fault is not None
    assert invocation.fault.code == fault
    assert invocation.verb is None
    assert next(iter(invocation.fault.nearest), None) == nearest
    assert len(invocation.words) <= 1_900


def _fault(text: str) -> WordsFault:
    fault = REGISTRY.parse(text).fault
    assert fault is not None
    return fault


def test_a_noun_left_out_offers_every_noun_that_fits():
    assert _fault("stop web-1").nearest == ("vm stop web-1", "ct stop web-1")


def test_a_fault_knows_what_was_understood():
    topic = REGISTRY.help(*_fault("ct snapshot create 5 --x").topic)

    assert topic.verb is not None
    assert topic.verb.said == "ct snapshot create"


@pytest.mark.parametrize(
    "text", ["ct start", "ct stop --force", "ct snapshot create", "vm migrate"]
)
def test_a_verb_that_lacks_its_guest_says_so(text):
    invocation = REGISTRY.parse(text)

    assert invocation.missing_guest
    assert invocation.fault is None
    assert invocation.words == text
    with pytest.raises(ValueError, match="cannot be run"):
        invocation.run(_context())


def test_what_changes_something_is_known_before_it_runs():
    assert REGISTRY.parse("ct start 5").mutates
    assert not REGISTRY.parse("ct start 5 --dry-run").mutates
    assert not REGISTRY.parse("ct list").mutates
    assert not REGISTRY.parse("ct strat 5").mutates


def test_a_form_opens_only_when_the_words_are_not_enough():
    assert REGISTRY.parse("ct create").opens_modal
    assert not REGISTRY.parse("ct create web").opens_modal
    assert not REGISTRY.parse("ct create --dry-run").opens_modal
    assert not REGISTRY.parse("ct list").opens_modal


def _context() -> Context:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    turn = Turn("t", "k", "T1", "U1", Origin.SLASH, "", "C1", now)
    return Context(Actor("T1", "U1"), "ct", turn, services=None, now=now)


def test_a_command_gets_its_arguments_by_name():
    reply = REGISTRY.parse("ct stop 5 6 --force").run(_context())

    assert "'guests': ('5', '6')" in reply.text
    assert "'force': True" in reply.text


def test_a_function_that_does_not_take_its_words_ends_the_start():
    def start(context):
        return Reply("")

    with pytest.raises(TypeError, match="does not take the words of `ct start`"):
        Registry().noun("ct", "Containers").verb("start", needs=GUEST, summary="Start")(start)


def test_two_commands_cannot_share_words():
    registry = small_registry()

    with pytest.raises(ValueError, match="there already"):
        registry.noun("vms", "Again")
    with pytest.raises(ValueError, match="there already"):
        registry.nouns[0].verb("ls", summary="Again")(lambda _context: Reply(""))


def test_a_bare_kind_is_a_place_named_after_it():
    registry = Registry()
    registry.verb("audit", needs=argument("guest", GUEST, required=False), summary="Audit")(
        lambda _context, guest: Reply(str(guest))
    )

    assert registry.parse("audit").arguments == {"guest": None}
    assert not registry.parse("audit").missing_guest
    assert registry.parse("audit 5").arguments == {"guest": "5"}


def test_faults_speak_the_language_of_whoever_reads_them_later():
    unknown = _fault("ct flurb")
    unfit = _fault("ct resize 5 --disk 5")

    with speaking("pt-BR"):
        assert "não" in unknown.message()
        assert "sinal de mais" in unfit.advice()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ct create web --reason for the shop", 'ct create web --reason "for the shop"'),
        ("ct create --reason “the shop” web", 'ct create web --reason "the shop"'),
        (
            "ct create web --reason=for the shop --dry-run",
            'ct create web --reason "for the shop" --dry-run',
        ),
    ],
)
def test_a_text_goes_on_without_quotes(typed, meant):
    invocation = REGISTRY.parse(typed)

    assert invocation.fault is None
    assert invocation.arguments == REGISTRY.parse(meant).arguments
    assert REGISTRY.parse(invocation.words).arguments == invocation.arguments
