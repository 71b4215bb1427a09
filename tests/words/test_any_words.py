"""Whatever is typed is read, quickly, and never breaks anything."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.words.test_grammar import REGISTRY, UNDERSTOOD

PIECES = st.sampled_from(
    [
        "ct",
        "vm",
        "start",
        "stop",
        "resize",
        "snapshot",
        "create",
        "list",
        "tenant",
        "add",
        "help",
        "whoami",
        "--force",
        "—force",
        "--memory",
        "--memory=",
        "--reason",
        "--dry-run",
        "--",
        "-",
        "=",
        "105",
        "web-1",
        "+5",
        "2048",
        "“",
        "”",
        '"',
        "'",
        "‘",
        "’",
        "«",
        "»",
        "„",
        "\\",
        '\\"',
        "`",
        "&lt;",
        "&gt;",
        "&amp;",
        "&amp;lt;",
        "<@U1|ana>",
        "<@U1>",
        "<@U1|",
        "<#C1|ops>",
        "<!channel>",
        "<!subteam^S1|@x>",
        "<http://a.b|a.b>",
        ">",
        "<",
        "../../etc/passwd",
        "%00",
        "{0}",
        "{word}",
        "%s",
        "$(id)",
        "\xa0",
        "\u200b",
        "\u202e",
        "\x00",
        "\x1b[31m",
        "😀",
        "👩\u200d👩\u200d👧",
        "＂",
        "é",
        "ı",
        "İ",
    ]
)
SOUP = st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=14).flatmap(
    lambda parts: st.sampled_from([" ", "", "  "]).map(lambda glue: glue.join(parts))
)


@settings(max_examples=5_000, deadline=None)
@given(SOUP)
def test_any_words_give_a_command_or_helpful_words(text):
    invocation = REGISTRY.parse(text)

    assert (invocation.verb is None) == (invocation.fault is not None)
    if invocation.fault is not None:
        assert invocation.fault.message().strip()
        assert invocation.fault.advice().strip()
        assert all(REGISTRY.parse(words).verb for words in invocation.fault.nearest)
    else:
        again = REGISTRY.parse(invocation.words)
        assert again.words == invocation.words
        assert again.verb is invocation.verb
        assert again.arguments == invocation.arguments
        assert again.missing_guest == invocation.missing_guest
    assert len(invocation.words) <= 1_900
    # A machine that stops for a moment is no slow parser; one that is slow is so each time.
    assert any(_seconds_for(text) < 0.5 for _ in range(3))


def _seconds_for(text: str) -> float:
    began = time.thread_time()
    REGISTRY.parse(text)
    return time.thread_time() - began


@settings(max_examples=1_500, deadline=None)
@given(st.text(st.characters(exclude_categories=[]), max_size=300))
def test_any_characters_at_all_are_survived(text):
    invocation = REGISTRY.parse(text)

    assert invocation.verb or invocation.fault
    invocation.words.encode()


@pytest.mark.parametrize(
    "piece", ["x", '"', "“", "'", "--a ", "<@U1|", "&amp;", "ct ", "\\", "=", "<", "`"]
)
def test_ten_thousand_characters_are_read_in_a_blink(piece):
    began = time.thread_time()
    for size in (1_800, 7_900, 10_000):
        assert REGISTRY.parse(("ct create a --reason " + piece * size)[:size]) is not None

    assert time.thread_time() - began < 0.5


def test_usual_words_are_read_in_well_under_five_milliseconds():
    texts = [text for text, _words, _arguments in UNDERSTOOD]
    began = time.process_time()
    for text in texts:
        REGISTRY.parse(text)

    assert (time.process_time() - began) / len(texts) < 0.005
