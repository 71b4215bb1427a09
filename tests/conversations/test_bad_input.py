"""Whatever is typed gets one helpful answer: no traceback, no change that nobody asked for."""

from __future__ import annotations

import random
import string
from datetime import UTC, datetime

import pytest

from nubemox_bot.core.actor import Actor, Origin
from nubemox_bot.core.ids import new_id
from nubemox_bot.core.turn import Turn
from tests.conversations.rehearsal import Rehearsal
from tests.conversations.stage import Stage

NOUNS = [
    "ct",
    "vm",
    "pool",
    "node",
    "cluster",
    "tenant",
    "audit",
    "help",
    "freeze",
    "why",
    "cts",
    "",
]
VERBS = [
    "list",
    "status",
    "start",
    "stop",
    "reboot",
    "create",
    "add",
    "remove",
    "quota",
    "show",
    "",
]
OPTIONS = [
    "--pool",
    "--node",
    "--force",
    "--tag",
    "--page",
    "--memory",
    "--dry-run",
    "—force",
    "--",
    "-",
]
ODD = [
    "../../200/status/stop",
    "..%2f..%2f200",
    "105/status/stop?x=",
    "105;reboot",
    "$(reboot)",
    "`id`",
    "' OR 1=1 --",
    '"; drop table tenants; --',
    "<script>alert(1)</script>",
    "<@U1|ana>",
    "<!channel>",
    "<!here|here>",
    "<!subteam^S1|all>",
    "<#C1|ops>",
    "<https://x.example|web-1>",
    "&lt;&amp;&gt;",
    "“web-1”",
    "‘web-1’",
    "«web-1»",
    '"',
    "'",
    "“",
    "`",
    "```",
    "\\",
    '\\"',
    "%s%n",
    "{vmid}",
    "{0}",
    "{target.__class__}",
    "-1",
    "-105",
    "0",
    "+5",
    "1e9",
    "99999999999999999999",
    "105.0",
    "0x69",
    "１０５",
    "١٠٥",
    "²",
    "NaN",
    "null",
    "None",
    "true",
    "\u202e105",
    "105\u200b",
    "\ufeffct",
    "\x00",
    "\x1b[31m",
    "\r\n",
    "\t",
    "\u00a0",
    "😀",
    "e\u0301" * 20,
    "ﬀ",
    "ß",
    "İ",
    "日本語",
    "x" * 300,
    "*bold*",
    "_it_",
    "~s~",
    ":tada:",
    "web-1",
    "105",
    "106",
    "acme",
    "205",
    "--dry-run=yes",
    "--tag=",
    "=",
    "==",
    "--=x",
    "a=b",
    "@ana",
    "#ops",
]
TYPED = 10_000
THROUGH_SLACK = 300


def lines(count: int, seed: int) -> list[str]:
    """Command texts that nobody would type, and some that somebody would; the same every time."""
    chance = random.Random(seed)
    everything = [chr(n) for n in (*range(0x20, 0x2FF), *range(0x2000, 0x2070), 0xFFFD, 0x1F600)]
    made = []
    for number in range(count):
        match number % 5:
            case 0:
                words = [chance.choice(NOUNS), chance.choice(VERBS), *chance.choices(ODD, k=2)]
            case 1:
                words = chance.choices([*NOUNS, *VERBS, *OPTIONS, *ODD], k=chance.randint(1, 7))
            case 2:
                words = ["".join(chance.choices(everything, k=chance.randint(1, 80)))]
            case 3:
                words = [chance.choice(NOUNS), *chance.choices(OPTIONS, k=2), chance.choice(ODD)]
            case _:
                words = [
                    "ct",
                    chance.choice(VERBS),
                    "".join(chance.choices(string.printable, k=12)),
                ]
        made.append(" ".join(words))
    made[::500] = [chance.choice(ODD) * 2_000 for _ in made[::500]]
    return [line[:10_000] for line in made]


def somebody(backstage: Stage, name: str) -> Actor:
    user = backstage.workspace.state.user(name)
    return Actor(backstage.workspace.state.team_id, user.id, name, locale=user.locale)


def turn_of(actor: Actor, words: str) -> Turn:
    new = new_id("turn")
    now = datetime.now(UTC)
    return Turn(new, new, actor.team_id, actor.user_id, Origin.SLASH, words, "C1", now)


def test_ten_thousand_odd_lines_each_get_one_answer(backstage: Rehearsal) -> None:
    """By a viewer and by nobody: whatever the words were, nothing may change."""
    people = [somebody(backstage, "vic"), somebody(backstage, "dora")]
    silent = []

    with backstage.nothing_changes():
        for number, line in enumerate(lines(TYPED, seed=7)):
            actor = people[number % 2]
            heard = backstage.conversation.hear(line)
            reply = backstage.conversation.answer(heard, actor, turn_of(actor, heard.words))
            unsound = [
                mark for mark in ("<!channel>", "<!here", "went wrong") if mark in reply.text
            ]
            if reply.following or not reply.text.strip() or unsound:
                silent.append((line, reply.text))

    assert silent == []
    assert backstage.tracebacks() == []


def test_odd_lines_by_an_operator_reach_nothing_but_what_they_name(backstage: Rehearsal) -> None:
    """Only lines with a guest of their own may change one; nothing foreign is ever touched."""
    actor = somebody(backstage, "olga")
    foreign = {g.vmid: g.status for g in backstage.cluster.guests if g.pool != "acme"}

    with backstage.calls() as made:
        for line in lines(1_000, seed=8):
            heard = backstage.conversation.hear(line)
            if heard.mutates:
                assert heard.verb is not None
                backstage.conversation.answer(heard, actor, turn_of(actor, heard.words))
        backstage.workspace.wait_until(backstage._is_idle, 30)

    paths = {call.path for call in made if call.is_mutation}
    assert all(path.split("/")[4] in ("105", "106") for path in paths)
    assert {g.vmid: g.status for g in backstage.cluster.guests if g.pool != "acme"} == foreign
    assert backstage.tracebacks() == []


@pytest.mark.parametrize("door", ["slash", "dm"])
def test_odd_lines_through_slack_itself_are_answered(backstage: Rehearsal, door: str) -> None:
    said = [line for line in lines(THROUGH_SLACK, seed=9) if line.strip()]
    person = backstage.person("vic")
    place = "#all" if door == "slash" else "dm"
    before = len(person.sees(place))

    with backstage.nothing_changes():
        for line in said:
            typed = line.replace("\r", " ").replace("\n", " ")
            turn = (
                backstage.types("vic", typed, "#all")
                if door == "slash"
                else backstage.dms("vic", typed)
            )
        bot = backstage.workspace.state.bot.id
        backstage.workspace.wait_until(
            lambda: sum(m.user == bot for m in person.sees(place)[before:]) >= len(said),
            60,
            "an answer to each",
        )

    assert turn.ack.ok
    answers = [message for message in person.sees(place)[before:] if message.user == bot]
    assert len(answers) == len(said)
    assert all(message.text.strip() for message in answers)
    assert "<!channel>" not in "".join(message.all_text for message in answers)
