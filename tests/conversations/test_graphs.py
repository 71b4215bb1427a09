"""A guest's graph: a picture, and its numbers in words."""

from __future__ import annotations

import re
import time

import pytest

SOON = 60  # a drawing process on a machine that has other work


def picture_of(chat, answer):
    """The file that the answer shows, and the words for those who cannot see it."""
    (shown,) = [block for block in answer.message.blocks if block["type"] == "image"]
    return chat.workspace.state.files[shown["slack_file"]["id"]], shown["alt_text"]


@pytest.mark.parametrize(
    ("words", "name"),
    [("ct graph 106", "web-2"), ("vm graph gitlab --hours 1", "gitlab")],
    ids=["container, a day", "vm, an hour"],
)
def test_a_graph_is_a_picture_with_its_numbers_in_words(chat, words, name):
    answer = chat("vic", words, within=SOON)

    file, alt = picture_of(chat, answer)
    assert file.content.startswith(b"\x89PNG")
    assert name in file.title
    for line in ("Processor: ", "Memory: ", "Network: received ", "Disk: read "):
        assert line in answer
        assert line in alt
    assert re.search(r"Processor: [\d.]+ % now \([\d.]+ % on average, [\d.]+ % at most\)", alt)
    assert answer.is_private
    assert "Share" in answer.labels


def test_other_times_are_a_press_away(chat):
    first = chat("olga", "ct graph 106 --hours 1", within=SOON)

    week = chat.end_of(chat.presses_only("olga", first.message, "7 days"), within=SOON)

    assert "web-2* `106` over the last 7 days:" in week
    assert {"1 hour", "24 hours"} <= set(week.labels)


def test_what_never_ran_is_said_in_words(chat):
    chat.cluster.add_container(490, name="brand-new", pool="acme")
    chat("olga", "ct start 490 --dry-run")  # reads the inventory anew

    answer = chat("vic", "ct graph 490", within=SOON)

    assert "Proxmox VE has no data of brand-new for that time yet." in answer
    assert not [block for block in answer.message.blocks if block["type"] == "image"]


def test_without_a_picture_the_numbers_are_still_told(chat):
    """Pictures go to Slack by another way than words, and that one may be closed."""
    chat.workspace.fail_next("files.getUploadURLExternal", times=1, error="fatal_error")

    answer = chat("vic", "ct graph 107 --hours 1", within=SOON)

    assert "Processor: " in answer


def test_a_foreign_guests_graph_answers_as_a_missing_ones(chat):
    foreign, missing = chat("vic", "ct graph 205"), chat("vic", "ct graph 999")

    assert foreign.text == missing.text.replace("999", "205")
    assert not chat.cluster.calls("GET", "lxc/205/rrddata")


def test_in_portuguese_with_the_readers_numbers(chat):
    answer = chat("bruno", "ct graph 205", within=SOON)

    _file, alt = picture_of(chat, answer)
    assert "Processador: " in alt
    assert re.search(r"\d,\d+ % agora", alt)


def test_the_tenants_own_token_reads_it(chat):
    chat.cluster.clear_calls()

    chat("vic", "ct graph 106 --hours 3", within=SOON)

    (call,) = chat.cluster.calls("GET", "lxc/106/rrddata")
    assert call.params["timeframe"] == "day"
    assert call.tokenid is not None
    assert call.tokenid.startswith("t-acme@pve!")


@pytest.mark.parametrize("hours", ["0", "-3", "9000", "x"])
def test_hours_that_make_no_sense(chat, hours):
    began = time.monotonic()

    answer = chat("vic", f"ct graph 106 --hours {hours}")

    assert "--hours" in answer
    assert time.monotonic() - began < 8
