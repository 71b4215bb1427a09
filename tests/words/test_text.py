"""Nobody's text does anything in a message."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nubemox_bot import blockkit as bk

HOSTILE = "<!channel> <@U1> `code` *bold* _it_ ~no~ :fire: &amp;\n> quote\u202e"


def test_other_peoples_text_does_nothing():
    text = bk.mrkdwn(HOSTILE)

    assert text == (
        "&lt;!channel&gt; &lt;@U1&gt; ˋcodeˋ ∗bold∗ ˍitˍ ∼no∼ ∶fire: &amp;amp; &gt; quote"
    )


def test_names_stay_as_they_are_read():
    assert bk.mrkdwn("my_pool-1.example.com") == "my_pool-1.example.com"
    assert (
        bk.mrkdwn("local:vztmpl/debian-12_amd64.tar.zst") == "local:vztmpl/debian-12_amd64.tar.zst"
    )
    assert bk.mrkdwn("10:30:00") == "10∶30:00"


def test_text_is_cut_before_it_is_escaped():
    assert bk.mrkdwn("<" * 300, 10) == "&lt;" * 9 + "…"


def test_code_cannot_be_ended_from_inside():
    assert bk.code("a`b <x>") == "`aˋb &lt;x&gt;`"
    assert bk.code("") == "`–`"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<@U1>", "<@U1>"),
        ("<@U1>, <!subteam^S2>", "<@U1>, <!subteam^S2>"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("<@U1> x", "&lt;@U1&gt; x"),
        ("<@U1|ana>", "&lt;@U1|ana&gt;"),
    ],
)
def test_only_text_that_is_mentions_alone_mentions(text, shown):
    assert bk.safe(text) == shown


def test_people_groups_channels_and_links():
    assert bk.user("U1") == "<@U1>"
    assert bk.user("S1") == "<!subteam^S1>"
    assert bk.user("U1>x") == "U1&gt;x"
    assert bk.channel("C1") == "<#C1>"
    assert bk.channel("!here") == "!here"
    assert bk.link("https://a/?x=1&y=2|z", "a|b>") == "<https://a/?x=1&amp;y=2%7Cz|a¦b&gt;>"


def test_a_moment_is_written_in_the_readers_time():
    moment = datetime(2026, 1, 2, 4, 4, tzinfo=timezone(timedelta(hours=1)))

    assert bk.when(moment) == ("<!date^1767323040^{date_short_pretty} {time}|2026-01-02 03:04 UTC>")
    assert moment.astimezone(UTC).hour == 3


@settings(max_examples=700, deadline=None)
@given(st.text(st.characters(exclude_categories=[]), max_size=200))
def test_anybodys_text_stays_text(text):
    for shown in (bk.mrkdwn(text), bk.code(text), bk.safe(f"{text}!")):
        assert "<" not in shown
        assert ">" not in shown
        assert "\n" not in shown
        assert bk.faults_of_block(bk.section(shown, "b")) == []
    assert "`" not in bk.mrkdwn(text)
    assert bk.code(text).count("`") == 2
