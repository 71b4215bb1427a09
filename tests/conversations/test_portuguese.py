"""Whoever has Slack in Portuguese reads Portuguese, and not one sentence of English."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.conversations.stage import Answer, Stage

# Words that English sentences can hardly do without and Portuguese ones never have.
ENGLISH = {
    *("the", "is", "was", "are", "were", "be", "been", "being", "you", "your", "yours", "not"),
    *("nothing", "and", "or", "with", "without", "that", "this", "there", "which", "who", "has"),
    *("have", "had", "by", "for", "from", "what", "when", "where", "only", "may", "can", "cannot"),
    *("could", "would", "should", "must", "need", "needs", "running", "stopped", "started"),
    *("asked", "shut", "down", "page", "share", "refresh", "next", "previous", "show", "again"),
    *("repair", "role", "viewer", "owner", "it", "its", "they", "them", "their", "right", "now"),
    *("try", "minute", "second", "seconds", "already", "done", "made", "make", "makes", "any"),
    *("every", "each", "all", "last", "first", "rows", "row", "asks"),
}
NOT_OURS = re.compile(r"`[^`]*`|<[^>]*>|:[a-z_]+:|\b[a-z]+-[a-z0-9-]+\b")


def english_in(answer: Answer) -> set[str]:
    """English words outside of code, mentions and guests' names."""
    text = NOT_OURS.sub(" ", answer.all_text)
    return {word.lower() for word in re.findall(r"[A-Za-zÀ-ÿ']+", text)} & ENGLISH


@pytest.fixture
def in_portuguese(chat: Stage) -> Iterator[Stage]:
    """Everybody's profile says Brazil."""
    names = ("ana", "olga", "vic", "carla", "dora")
    for name in names:
        chat.workspace.change_user(name, locale="pt-BR")
    yield chat
    for name in names:
        chat.workspace.change_user(name, locale="en-US")


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("bruno", ""),
        ("bruno", "help"),
        ("bruno", "help ct"),
        ("bruno", "help tenant"),
        ("bruno", "help ct stop"),
        ("bruno", "whoami"),
        ("bruno", "ct list"),
        ("bruno", "vm list --tag nada"),
        ("bruno", "ct status 205"),
        ("bruno", "ct start 206"),
        ("bruno", "ct start 205"),
        ("bruno", "ct stop 205"),
        ("bruno", "ct stop 205 --force"),
        ("bruno", "vm reboot 220"),
        ("bruno", "ct start 206 999 205"),
        ("bruno", "ct start 999 998"),
        ("bruno", "ct start"),
        ("bruno", "ct start --dry-run 206"),
        ("bruno", "ct strat 206"),
        ("bruno", "ct start 206 --sudo"),
        ("bruno", "start 206"),
        ("bruno", "ct list --page many"),
        ("bruno", 'ct start "206'),
        ("bruno", "tenant list"),
        ("bruno", "tenant show globex"),
        ("bruno", "tenant show acme"),
        ("bruno", "pool list"),
        ("bruno", "node list"),
        ("bruno", "cluster summary"),
        ("bruno", "cluster test"),
        ("bruno", "audit"),
        ("bruno", "why"),
        ("bruno", "freeze"),
        ("vic", "ct start 105"),
        ("dora", "ct list"),
        ("ana", "audit"),
        ("ana", "tenant show acme"),
        ("carla", "tenant list"),
        ("carla", "tenant create portugal"),
        ("carla", "tenant create acme"),
        ("carla", "tenant create fresh --dry-run"),
        ("carla", "tenant add globex @vic --role viewer"),
        ("carla", "tenant add globex @vic --pve-user vic@pve"),
        ("carla", "tenant remove globex @vic"),
        ("carla", "tenant remove globex @ana"),
        ("carla", "tenant repair globex"),
        ("carla", "tenant quota globex --guests 5"),
        ("carla", "tenant quota globex --guests 5 --dry-run"),
        ("carla", "pool create lisboa"),
        ("carla", "pool create acme"),
        ("carla", "audit --verify"),
        ("carla", "freeze"),
        ("carla", "unfreeze"),
    ],
)
def test_no_english_leaks(in_portuguese, who, words):
    answer = in_portuguese(who, words)

    assert english_in(answer) == set(), answer.all_text


@pytest.mark.parametrize(
    "trouble",
    [
        lambda cluster: cluster.guest(206).set_lock("backup"),
        lambda cluster: cluster.lose_quorum(),
        lambda cluster: cluster.take_node_offline("pve2"),
        lambda cluster: cluster.fail(596, method="POST", path="/206/"),
        lambda cluster: cluster.fail(403, "x", method="POST", path="/206/"),
        lambda cluster: cluster.slow(4, path="/cluster/resources"),
        lambda cluster: cluster.guest(206).move_to_pool("acme"),
    ],
)
def test_trouble_is_told_in_portuguese_too(chat, trouble):
    trouble(chat.cluster)

    answer = chat("bruno", "ct start 206", within=20)

    assert english_in(answer) == set(), answer.all_text


def test_a_shutdown_that_is_ignored_and_the_force_are_told_in_portuguese(chat):
    chat.cluster.guest(205).ignore_shutdown()

    failed = chat("bruno", "ct stop 205")
    forced = chat.presses("bruno", failed.message, failed.labels[0])

    assert english_in(failed) == english_in(forced) == set()
    assert chat.cluster.guest(205).status == "stopped"


def test_every_door_speaks_the_same_language(chat):
    answers = [
        chat("bruno", "ct status 205"),
        chat.end_of(chat.dms("bruno", "ct status 205")),
        chat.end_of(chat.mentions("bruno", "ct status 205")),
        chat.presses("bruno", chat.button("ct status 205"), "Do it"),
        chat("bruno", "ct start 206", "#quiet"),
    ]

    for answer in answers:
        assert english_in(answer) == set(), answer.all_text


def test_the_reader_of_a_refusal_learns_the_role_in_their_language(in_portuguese):
    answer = in_portuguese("vic", "ct start 105")

    assert "operador" in answer.text


def test_numbers_and_names_are_the_same_in_both_languages(chat):
    in_english = chat("carla", "ct status 205").all_text
    in_portuguese = chat("bruno", "ct status 205").all_text

    assert re.findall(r"`\d+`|shop-1|pve1|globex", in_english) == re.findall(
        r"`\d+`|shop-1|pve1|globex", in_portuguese
    )
