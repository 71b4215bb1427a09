from __future__ import annotations

import pytest

from tests.rest.test_shapes import is_error


def test_a_token_is_shown_to_its_owner_alone_and_once(site):
    answer = site("olga", "token create --name ci --days 30")

    assert answer.is_private
    assert "ci" in answer.text
    secret = site._tokens["ci"] = _secret(answer.all_text)
    assert secret not in answer.text
    assert secret not in site("olga", "token list").all_text
    for name in ("ana", "carla", "vic"):
        for message in site.person(name).sees("#all"):
            assert secret not in message.all_text


def test_a_token_is_in_no_log_and_in_no_row(site):
    secret = site.token_of("olga").rpartition("_")[2]

    assert secret not in site.log()
    tables = [name for (name,) in site.sql("select name from sqlite_master where type = 'table'")]
    for table in tables:
        assert secret not in str(site.sql(f'select * from "{table}"'))


@pytest.mark.parametrize("where", ["dm", "#all"])
def test_a_token_asked_for_in_words_reaches_its_owner_alone(site, where):
    turn = (
        site.dms("olga", "token create") if where == "dm" else site.mentions("olga", "token create")
    )

    answer = site.end_of(turn)

    assert _secret(answer.all_text)
    assert answer.is_private or where == "dm"


@pytest.mark.parametrize(
    ("who", "code"), [("vic", "role"), ("dora", "belong"), ("gus", "guests"), ("sam", "workspaces")]
)
def test_tokens_are_for_operators_and_above(site, who, code):
    answer = site(who, "token create")

    assert "nbx_" not in answer.all_text
    assert code in answer.all_text


def test_a_revoked_token_opens_nothing(site):
    token = site.token_of("olga")
    program = site.program(None)
    program.token = token
    assert program.get("/cts").status_code == 200

    said = site("olga", f"token revoke {token.split('_')[1]}")

    assert "opens nothing any more" in said.text
    assert is_error(program.get("/cts"), 401, "token_revoked")


def test_an_expired_token_opens_nothing(site):
    program = site.program(None)
    program.token = site.token_of("olga", words="token create --days 1")
    site.sql(
        "update tokens set expires_at = '2020-01-01 00:00:00.000000' where id = ?",
        program.token.split("_")[1],
    )

    assert is_error(program.get("/cts"), 401, "token_expired")


def test_a_token_with_the_right_number_and_another_secret_is_unknown(site):
    program = site.program(None)
    token = site.token_of("olga")
    program.token = token[:-1] + ("a" if token[-1] != "a" else "b")

    assert is_error(program.get("/cts"), 401, "token_unknown")


def test_nobody_revokes_the_token_of_another_but_the_admin(site):
    token = site.token_of("olga")
    number = token.split("_")[1]

    refused = site("ana", f"token revoke {number}").text
    missing = site("ana", "token revoke zzzzzzzz").text
    rows = site.sql("select rule from audit where action = 'token.revoke' and phase = 'refused'")
    assert rows[-2:] == [("token_not_found",)] * 2
    done = site("carla", f"token revoke {number}").text

    assert refused.replace(number, "zzzzzzzz") == missing
    assert "opens nothing any more" in done


def test_a_token_acts_with_the_role_of_now(site):
    olga = site.program("olga")
    site("carla", "tenant add acme @olga --role viewer")

    refused = olga.post("/cts/105/start")
    seen = olga.get("/cts")

    assert is_error(refused, 403, "role_too_low")
    assert seen.status_code == 200


def test_a_token_ends_with_the_slack_account(site):
    program = site.program(None)
    program.token = site.token_of("olga")
    assert program.get("/cts").status_code == 200

    site.workspace.change_user("olga", deleted=True)
    try:
        site.workspace.wait_until(
            lambda: program.get("/cts").status_code == 401, 10, "the account's end"
        )
    finally:
        site.workspace.change_user("olga", deleted=False)


def test_a_token_ends_with_the_last_membership_and_does_not_come_back(site):
    program = site.program(None)
    program.token = site.token_of("olga")

    site("carla", "tenant remove acme @olga")
    gone = program.get("/cts")
    site("carla", "tenant add acme @olga")
    back = program.get("/cts")

    assert is_error(gone, 401, "token_revoked")
    assert is_error(back, 401, "token_revoked")
    site.forget_tokens()


def test_dry_runs_make_and_end_no_token(site):
    before = site.sql("select count(*) from tokens")

    said = site("olga", "token create --dry-run")

    assert "Nothing was changed" in said.text
    assert site.sql("select count(*) from tokens") == before


def _secret(text: str) -> str:
    from tests.rest.conftest import _TOKEN

    found = _TOKEN.search(text)
    assert found is not None, text
    return found[0]
