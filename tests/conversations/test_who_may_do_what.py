"""Every action, by everybody, through every door, against the table of roles as it was promised.

The table is written here by hand and knows nothing of the code that decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pytest

from playground.slack import Message, Turn
from tests.conversations.sentences import any_of
from tests.conversations.stage import Stage, is_settled

SOMEBODY = {
    "owner": "ana",
    "operator": "olga",
    "viewer": "vic",
    "by usergroup": "uma",
    "foreign": "bruno",
    "nobody": "dora",
    "admin": "carla",
    "deactivated": "del",
    "slack guest": "gus",
    "stranger": "sam",
}
NO = {
    "admins": "Only platform admins may do that.",
    "role": "That needs the role {needed}, which you do not have there.",
    "missing": "There is no guest {ref} in your pools.",
    "no such alert": "There is no alert {alert} that you may see.",
    "no such tenant": "There is no tenant {name} that you may see.",
    "no tenant": "You belong to no tenant yet, so there is nothing you can use.",
    "deactivated": "Your Slack account is deactivated, so you have no access here.",
    "slack guest": "Slack guests have no access here.",
    "stranger": "People of other workspaces have no access here.",
}
WHOEVER = dict.fromkeys(SOMEBODY, "yes")
COUNTED_OUT = {name: name for name in ("deactivated", "slack guest", "stranger")}
MEMBERS = ("owner", "operator", "viewer", "by usergroup")

ANY_MEMBER = {**COUNTED_OUT, **dict.fromkeys(SOMEBODY.keys() - COUNTED_OUT, "yes")}
ANY_MEMBER["nobody"] = "no tenant"
OWN_GUEST = {**ANY_MEMBER, "foreign": "missing"}
POWER = {**OWN_GUEST, "viewer": "role", "by usergroup": "role"}
OWNERS = {**POWER, "operator": "role"}
OWN_TENANT = {**ANY_MEMBER, "foreign": "no such tenant"}
OWN_ALERT = {**POWER, "foreign": "no such alert"}
CLUSTER_ALERT = {**ANY_MEMBER, **dict.fromkeys((*MEMBERS, "foreign"), "no such alert")}
ADMINS = {**COUNTED_OUT, **dict.fromkeys((*MEMBERS, "foreign", "nobody"), "admins"), "admin": "yes"}

OWN_STORE = (
    "Nothing was changed. It would change only what the bot itself keeps: nothing is sent to "
    "Proxmox VE."
)
ALL_WELL = "Nothing is wrong that I can see: no alert is firing."
BUSY = "{target} is being changed right now, by {who}."
RUNS = ("{target} is running. Started by {who} in {took}.", "{guest} is running already.", BUSY)
STOPS = ("{target} is stopped. Shut down by {who} in {took}.", "{guest} is not running.", BUSY)

# What is said, by whom, and what one of those reads for whom the answer is yes.
TABLE: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "help": (
        WHOEVER,
        ("Type `/nubemox`, a noun, what to do with it, and a guest's name or number.",),
    ),
    "whoami": (WHOEVER, ("You are {person}.",)),
    "why": (WHOEVER, ("{when} you were refused {action}.", "You were never refused anything.")),
    "ct list": (ANY_MEMBER, ("As of {age} ago.",)),
    "vm list": (ANY_MEMBER, ("As of {age} ago.",)),
    "pool list": (ANY_MEMBER, ("{n} pool",)),
    "node list": (ANY_MEMBER, ("{online} of {all} nodes are online.",)),
    "storage list": (ANY_MEMBER, ("{n} storage",)),
    "template list": (ANY_MEMBER, ("{n} template",)),
    "cluster summary": (ANY_MEMBER, ("{up} of {all} nodes are online",)),
    "cluster test": (ANY_MEMBER, ("Proxmox VE {version} answers, in {ms} ms.",)),
    "ct status 105": (OWN_GUEST, ("{target} is {state}.",)),
    "vm status gitlab": (OWN_GUEST, ("{target} is {state}.",)),
    "ct start 105": (POWER, RUNS),
    "ct stop 106": (POWER, STOPS),
    "ct stop 107 --force": (
        POWER,
        ("{target} is stopped. Its plug was pulled by {who} in {took}.", STOPS[1], BUSY),
    ),
    "vm reboot 121": (POWER, ("{target} is running again. Restarted by {who} in {took}.", BUSY)),
    "ct start 108 --dry-run": (
        POWER,
        ("Nothing was changed. This is what would be sent to Proxmox VE:",),
    ),
    "ct snapshot list 108": (
        OWN_GUEST,
        ("{target} has no snapshots.", "{target} has {n} snapshot"),
    ),
    "ct snapshot create 108 table": (
        POWER,
        (
            "The snapshot {what} of {target} is there. Made by {who} in {took}.",
            "{guest} has a snapshot {snapname} already.",
            BUSY,
        ),
    ),
    "ct snapshot rollback 108 none-1": (POWER, ("{guest} has no snapshot {snapname}.",)),
    "ct snapshot delete 108 none-1": (POWER, ("{guest} has no snapshot {snapname}.",)),
    "ct backup list 108": (
        OWN_GUEST,
        ("{target} has no backups.", "{target} has {n} backup"),
    ),
    "ct backup create 108": (
        POWER,
        ("{target} is backed up to {what}. Done for {who} in {took}.", BUSY),
    ),
    "ct backup restore 108 999": (POWER, ("{guest} has no backup {backup}.",)),
    "ct delete 108 --confirm nope": (
        OWNERS,
        ("You confirmed {typed}, and this guest is called {name}. Nothing was done.",),
    ),
    "ct resize 108 --memory 512": (OWNERS, ("{name} has that size already.",)),
    "ct clone 108 web-1": (OWNERS, ("There is a guest {name} in that pool already.",)),
    "ct backup restore 108 999 --as twin": (OWNERS, ("{guest} has no backup {backup}.",)),
    "ct migrate 108 --node pve3": (
        {**ADMINS, "foreign": "missing", "nobody": "no tenant"},
        ("{guest} is on that node already.",),
    ),
    "vm console 121": (
        POWER,
        ("The console of {target} is ready for you.", "Consoles are not installed on this server."),
    ),
    "token list": (
        {**ANY_MEMBER, "viewer": "role", "by usergroup": "role"},
        ("You have no token.", "You have {n} token"),
    ),
    "token create --dry-run": (
        {**ANY_MEMBER, "viewer": "role", "by usergroup": "role"},
        (OWN_STORE,),
    ),
    "request list": (
        ANY_MEMBER,
        (
            "You have asked for nothing that needed approval, and nothing waits for you.",
            "{n} request of yours",
            "{n} requests of yours",
        ),
    ),
    "request show req_00000000000000000000000000": (
        ANY_MEMBER,
        ("There is no request {request} that you may see.",),
    ),
    "request approve req_00000000000000000000000000": (
        ANY_MEMBER,
        ("There is no request {request} that you may see.",),
    ),
    "request increase acme --cores 999 --dry-run": (
        {**OWN_TENANT, **dict.fromkeys(("operator", "viewer", "by usergroup"), "role")},
        (OWN_STORE,),
    ),
    "alert list": (ANY_MEMBER, ("{n} alert is firing", "{n} alerts are firing", ALL_WELL)),
    "alert ack acmefire": (OWN_ALERT, ("{who} is on it: {what}",)),
    "alert silence acmefire --hours 1 --reason known": (
        OWN_ALERT,
        ("{who} silenced this until {when}: {why}.",),
    ),
    "alert unsilence acmefire": (
        OWN_ALERT,
        ("{who} ended the silence.", "The alert {alert} is not silenced."),
    ),
    "alert ack nodefire": (CLUSTER_ALERT, ("{who} is on it: {what}",)),
    "alert silence nodefire --hours 1 --reason known": (
        CLUSTER_ALERT,
        ("{who} silenced this until {when}: {why}.",),
    ),
    "tenant show acme": (
        OWN_TENANT,
        ("The tenant {name} has the pool {poolid} and is {state}.",),
    ),
    "tenant list": (ADMINS, ("{n} tenant",)),
    "tenant create zeta": (
        ADMINS,
        (
            "The tenant {target} is ready. Made by {who} in {took}.",
            "There is a tenant {name} already.",
        ),
    ),
    "tenant add globex @zoe": (ADMINS, ("{person} is {role} of {tenant} now, added by {who}.",)),
    "tenant remove globex @zoe": (
        ADMINS,
        (
            "{person} is no member of {tenant} any more, removed by {who}.",
            "{person} is no member of {name}.",
        ),
    ),
    "tenant repair acme": (
        ADMINS,
        ("The tenant {target} is ready again. Repaired by {who} in {took}.", BUSY),
    ),
    "tenant quota globex --guests 9": (
        ADMINS,
        ("The quota of {tenant} is {quota} now, set by {who}.",),
    ),
    "pool create scratch": (
        ADMINS,
        ("The pool {target} is there. Made by {who} in {took}.", "{name} is taken already.", BUSY),
    ),
    "audit --verify": (ADMINS, ("The audit is whole: {rows} linked rows, head {head}.",)),
    "doctor": (ADMINS, ("All is well.", "{n} fault was found.")),
    "freeze": (ADMINS, (":octagonal_sign: {who} stopped all changes.",)),
    "unfreeze": (
        ADMINS,
        ("{who} lets changes go on.", "Changes are not stopped, so there is nothing to end."),
    ),
}

Door = Callable[[Stage, str, str, Message], Turn]
DOORS: dict[str, tuple[str, Door]] = {
    "slash": ("#slash", lambda stage, who, words, _: stage.types(who, words, "#slash")),
    "dm": ("dm", lambda stage, who, words, _: stage.dms(who, words)),
    "mention": ("#mentions", lambda stage, who, words, _: stage.mentions(who, words, "#mentions")),
    "button": ("#buttons", lambda stage, who, _, button: stage.presses_only(who, button, "Do it")),
}


@pytest.fixture(scope="module")
def fires(running: Stage) -> Iterator[None]:
    """An alert of a guest of acme's and one of the cluster's, as nothing that is seen ends them."""
    [(acme,)] = running.sql("select id from tenants where name = 'acme'")
    now = "2026-03-02 09:00:00"
    for alert_id, rule, subject, tenant_id in (
        ("acmefire", "backup_failed", "guest/122", acme),
        ("nodefire", "certificate", "node/pve2", None),
    ):
        values = (
            alert_id,
            rule,
            subject,
            "firing",
            1,
            "{}",
            now,
            now,
            0,
            0,
            1,
            now,
            now,
            tenant_id,
        )
        running.sql(
            "insert into alerts (id, rule, subject, state, value, facts, began_at, seen_at, held_s,"
            " absent_s, times, fired_at, told_at, tenant_id)"
            f" values ({', '.join('?' for _ in values)})",
            *values,
        )
    yield
    running.sql("delete from alerts where id in ('acmefire', 'nodefire')")
    running.sql("delete from silences")


@pytest.fixture(scope="module")
def doors(running: Stage, fires: None) -> None:
    running.workspace.add_user("zoe")
    for name in ("slash", "mentions", "buttons"):
        running.workspace.add_channel(name, SOMEBODY.values())


def everybody_says(chat: Stage, words: str, roles: Iterable[str]) -> dict[tuple[str, str], str]:
    """What each of them reads, by role and door; all speak at once, each door in its own place."""
    typed = words.replace("@zoe", f"<@{chat.id_of('zoe')}>") if "@zoe" in words else words
    button = chat.button(typed, "#buttons")
    waits = {
        (role, door): _asked(
            chat, SOMEBODY[role], where, go, typed if door == "dm" else words, button
        )
        for role in roles
        for door, (where, go) in DOORS.items()
    }
    return {place: wait() for place, wait in waits.items()}


def _asked(
    chat: Stage, who: str, where: str, go: Door, words: str, button: Message
) -> Callable[[], str]:
    person = chat.person(who)
    before = len(person.sees(where))
    go(chat, who, words, button)

    def answer() -> str | None:
        for message in person.sees(where)[before:]:
            theirs = message.ephemeral_for == person.id or f"<@{person.id}>" in message.all_text
            from_bot = message.user == chat.workspace.state.bot.id
            if from_bot and (theirs or where == "dm") and is_settled(message):
                return message.all_text
        return None

    what = f"{words!r} to be answered to {who} in {where}"
    return lambda: chat.workspace.wait_until(answer, 15, what) or ""


@pytest.mark.usefixtures("doors")
@pytest.mark.parametrize("words", TABLE)
def test_the_table_of_roles_holds_at_every_door(chat, words):
    allowed, yes = TABLE[words]

    read = everybody_says(chat, words, SOMEBODY)

    wrong = []
    for (role, door), text in read.items():
        locale = chat.workspace.state.user(SOMEBODY[role]).locale
        said = yes if allowed[role] == "yes" else (NO[allowed[role]],)
        if not any_of(said, locale).search(text):
            wrong.append(f"{role} by {door}, expected {allowed[role]}: {text[:200]}")
    assert wrong == []


@pytest.mark.usefixtures("doors")
@pytest.mark.parametrize(
    "words", [one for one, (allowed, _) in TABLE.items() if allowed in (POWER, OWNERS)]
)
def test_whoever_is_refused_changes_nothing(chat, words):
    refused = [role for role, verdict in TABLE[words][0].items() if verdict != "yes"]

    with chat.nothing_changes():
        everybody_says(chat, words, refused)
