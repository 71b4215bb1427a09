"""A guest of another tenant answers exactly as a guest that does not exist."""

from __future__ import annotations

import re

import pytest

# Those who ask, what of another tenant's they name, and what nobody has.
ASKERS = [
    pytest.param("olga", "205", "205", "999", id="operator, a number"),
    pytest.param("ana", "205", "205", "999", id="owner, a number"),
    pytest.param("vic", "205", "205", "999", id="viewer, a number"),
    pytest.param("ana", "erp", "erp", "xyq", id="owner, a name"),
    pytest.param("bruno", "105", "105", "999", id="in Portuguese, a number"),
    pytest.param("bruno", "gitlab", "gitlab", "zzzzzz", id="in Portuguese, a name"),
]
VERBS = [
    "ct status {}",
    "ct start {}",
    "ct stop {}",
    "ct stop {} --force",
    "ct reboot {}",
    "ct start {} --dry-run",
    "ct stop {} --dry-run",
    "vm status {}",
    "vm start {}",
    "vm stop {}",
    "vm reboot {}",
    "ct snapshot list {}",
    "ct snapshot create {} x1",
    "ct snapshot rollback {} x1",
    "ct snapshot delete {} x1",
    "ct snapshot rollback {} x1 --dry-run",
    "ct backup list {}",
    "ct backup create {}",
    "ct backup restore {} 1",
    "ct delete {} --confirm shop-1",
    "ct delete {} --dry-run",
    "ct resize {} --memory 4096",
    "ct clone {} twin",
    "ct backup restore {} 1 --as twin",
    "ct migrate {} --node pve2",
]


@pytest.mark.parametrize("words", VERBS)
@pytest.mark.parametrize(("who", "foreign", "named", "missing"), ASKERS)
def test_a_foreign_guest_answers_as_a_missing_one(chat, who, foreign, named, missing, words):
    chat(who, words.format(missing))  # so that both find the inventory equally young

    with chat.calls() as for_missing:
        of_missing = chat(who, words.format(missing))
    with chat.calls() as for_foreign:
        of_foreign = chat(who, words.format(foreign))

    assert of_foreign.all_text == of_missing.all_text.replace(missing, named)
    assert of_foreign.labels == of_missing.labels
    assert of_foreign.is_private
    assert [(c.method, c.path) for c in for_foreign] == [(c.method, c.path) for c in for_missing]
    assert [call for call in for_foreign if call.is_mutation] == []


@pytest.mark.parametrize("who", ["olga", "bruno"])
def test_among_several_a_foreign_guest_answers_as_a_missing_one(chat, who):
    own, foreign = ("105", "206") if who == "olga" else ("206", "105")

    with_foreign = chat(who, f"ct start {own} {foreign}")
    chat.as_before()
    with_missing = chat(who, f"ct start {own} 999")

    assert with_foreign.all_text == with_missing.all_text.replace("999", foreign)
    assert chat.cluster.guest(int(foreign)).status == "stopped"


def test_when_all_of_several_are_foreign_nothing_begins(chat):
    with chat.nothing_changes():
        answer = chat("olga", "ct start 205 206")

    assert "There is no guest 205 in your pools." in answer
    assert answer.is_private


def test_a_tag_touches_none_but_ones_own_guests(chat):
    answer = chat("olga", "vm stop --tag prod")

    assert "gitlab" in answer.text
    assert "erp" not in answer.text
    assert chat.cluster.guest(121).status == "stopped"
    assert chat.cluster.guest(220).status == "running"


def test_a_tag_that_only_foreign_guests_have_fits_nothing(chat):
    of_foreign = chat("olga", "ct start --tag shop").all_text
    of_missing = chat("olga", "ct start --tag nothing").all_text

    assert of_foreign == of_missing
    assert "None of your guests fits that." in of_foreign


def test_no_foreign_name_is_proposed(chat):
    near_foreign = chat("olga", "ct status shop-3").all_text
    near_own = chat("olga", "ct status web-3").all_text

    assert "shop" not in near_foreign.replace("shop-3", "")
    assert "web-1" in near_own


def test_a_foreign_pool_is_filtered_as_a_missing_one(chat):
    of_foreign = chat("olga", "ct list --pool globex").all_text
    of_missing = chat("olga", "ct list --pool nowhere").all_text

    assert of_foreign == of_missing.replace("nowhere", "globex")


def test_a_foreign_tenant_is_shown_as_a_missing_one(chat):
    of_foreign = chat("olga", "tenant show globex").all_text
    of_missing = chat("olga", "tenant show nowhere").all_text

    assert of_foreign == of_missing.replace("nowhere", "globex")


def test_the_choice_of_guests_offers_ones_own_alone(chat):
    answer = chat("bruno", "vm start")

    assert "erp-test" in answer
    assert "win-test" not in answer


def test_why_explains_a_foreign_guest_as_a_missing_one(chat):
    chat("olga", "ct start 205")
    of_foreign = chat("olga", "why").all_text
    chat("olga", "ct start 999")
    of_missing = chat("olga", "why").all_text

    assert "205" in of_foreign
    assert _without_time(of_foreign) == _without_time(of_missing).replace("999", "205")


def test_the_audit_of_a_foreign_guest_holds_nothing_of_others(chat):
    chat("bruno", "ct status 205")

    answer = chat("ana", "audit 205")

    assert f"<@{chat.id_of('bruno')}>" not in answer


def _without_time(text: str) -> str:
    return re.sub(r"<!date[^>]*>", "", text)


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("tenant show acme", "tenant.show"),
        ("request increase acme --cores 90", "quota.request"),
        ("ct list --pool acme", "guest.list"),
    ],
)
def test_a_foreign_tenant_or_pool_is_refused_as_a_missing_one_and_the_audit_has_it(
    chat, words, action
):
    foreign = chat("bruno", words).text
    missing = chat("bruno", words.replace("acme", "nowhere")).text

    assert foreign.replace("acme", "nowhere") == missing
    rows = chat.sql(
        "select phase, action, rule from audit where user_id = ? order by seq desc limit 2",
        chat.id_of("bruno"),
    )
    rule = "pool_not_found" if action == "guest.list" else "tenant_not_found"
    assert rows == [("refused", action, rule)] * 2
    assert "nada assim existe ali" in chat("bruno", "why").text
