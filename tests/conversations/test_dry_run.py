"""--dry-run: the very calls that would be made, and nothing changed."""

from __future__ import annotations

import re

import pytest

from commands.registry import build_registry
from playground.cluster import Call

REGISTRY = build_registry()
MUTATING = [
    verb for noun in (*REGISTRY.nouns, REGISTRY.alone) for verb in noun.verbs if verb.mutates
]
FIRST = {
    "ct backup restore 430 1": "ct backup create 430",
    "ct snapshot rollback 108 dry-2 --skip-safety": "ct snapshot create 108 dry-2",
    "vm snapshot delete 122 dry-3": "vm snapshot create 122 dry-3",
    "tenant remove globex @vic": "tenant add globex @vic --pve-user vic@pve",
    "tenant remove globex @dora": "tenant add globex @dora",
}


@pytest.mark.parametrize("verb", MUTATING, ids=lambda verb: verb.said)
def test_every_verb_that_changes_something_has_a_dry_run(verb):
    assert verb.find_option("--dry-run") is not None


@pytest.mark.parametrize(
    "words",
    [
        "ct start 105",
        "ct start 105 108",
        "ct stop 106",
        "ct stop 107 --force",
        "ct reboot --tag prod",
        "vm start 120",
        "vm stop 121",
        "vm stop 122 --force",
        "vm reboot 121",
        'ct snapshot create 108 dry-1 --note "As it was"',
        "ct snapshot rollback 108 dry-2 --skip-safety",
        "vm snapshot delete 122 dry-3",
        'ct backup create 108 --note "As it was"',
        "ct backup restore 430 1",
        "ct resize 430 --memory 256",
        "ct delete 430 --confirm brief",
        "ct delete 430 --confirm brief --force --skip-backup",
        "pool create dry1",
        'pool create dry2 --comment "For tests"',
        "tenant create dry3",
        "tenant create dry4 --pool dry-pool",
        "tenant repair globex",
        "tenant add globex @vic --pve-user vic@pve",
        "tenant remove globex @vic",
        "tenant add globex @dora",
        "tenant remove globex @dora",
        "tenant quota globex --cores 11",
        "freeze for a while",
    ],
)
def test_the_plan_names_exactly_the_calls_that_are_then_made(chat, words):
    who = "ana" if words.startswith(("ct", "vm")) else "carla"
    if " 430" in words:
        chat.cluster.add_container(430, name="brief", pool="acme", status="running")
    if words in FIRST:
        chat(who, FIRST[words])

    with chat.nothing_changes():
        planned = chat(who, f"{words} --dry-run")
    with chat.calls() as made:
        chat(who, words)

    sent = {_as_planned(call) for call in made if call.is_mutation}
    named = {_sorted(call) for call in re.findall(r"`((?:POST|PUT|DELETE) [^`]+)`", planned.text)}
    if_missing = re.findall(r"`(POST [^`]+)` \(unless", planned.text)
    assert "Nothing was changed." in planned.text
    assert planned.is_private
    assert sent <= named
    assert named - sent <= set(map(_sorted, if_missing))


def test_the_plan_says_whose_token_would_act(chat):
    assert "as `t-acme@pve!nubemox`" in chat("olga", "ct start 105 --dry-run").text


@pytest.mark.parametrize(
    "words",
    [
        "tenant create dry9",
        "tenant add acme @dora --role owner",
        "tenant remove acme @vic",
        "tenant quota acme --guests 1",
        "freeze",
        "pool create dry9",
        "tenant repair acme",
    ],
)
def test_a_dry_run_leaves_the_bots_own_books_as_they_are(chat, words):
    def books():
        return [
            chat.sql(f"select * from {table} order by 1")
            for table in ("tenants", "members", "operations", "flags")
        ]

    before = books()

    chat("carla", f"{words} --dry-run")

    assert books() == before


def test_a_dry_run_refuses_as_the_act_would(chat):
    assert "web-1 is not running." in chat("olga", "ct stop 105 --dry-run").text
    assert "needs the role operator" in chat("vic", "ct start 105 --dry-run").text
    assert "Only platform admins" in chat("ana", "tenant repair acme --dry-run").text
    assert "There is a tenant acme already." in chat("carla", "tenant create acme --dry-run").text
    assert "nothing to end" in chat("carla", "unfreeze --dry-run").text


def _as_planned(call: Call) -> str:
    given = "".join(f" {name}={value}" for name, value in call.params.items())
    return _sorted(f"{call.method} {call.path}{given}")


def _sorted(planned: str) -> str:
    """A planned call with its parameters in order: PVE does not mind theirs."""
    verb, path, *given = re.split(r" (?=\S+=)|(?<=[A-Z]) (?=/)", planned)
    return " ".join([verb, path, *sorted(given)])
