"""Every route, by everybody, against the table of roles as it was promised.

The table is written here by hand and knows nothing of the code that decides.
"""

from __future__ import annotations

import pytest

from tests.rest.conftest import Program, RestStage

SOMEBODY = {
    "owner": "ana",
    "operator": "olga",
    "viewer": "vic",
    "foreign": "bruno",
    "nobody": "nina",
    "deactivated": "dan",
    "admin": "carla",
}
MEMBERS = ("owner", "operator", "viewer")
GONE = {"nobody": 401, "deactivated": 401}

ANY_MEMBER = {**dict.fromkeys((*MEMBERS, "foreign", "admin"), 200), **GONE}
OWN_GUEST = {**ANY_MEMBER, "foreign": 404}
POWER = {
    **dict.fromkeys(("owner", "operator", "admin"), 202),
    "viewer": 403,
    "foreign": 404,
    **GONE,
}
ADMINS = {**dict.fromkeys((*MEMBERS, "foreign"), 403), "admin": 202, **GONE}

TABLE = {
    "GET /test": (ANY_MEMBER, None),
    "GET /nodes": (ANY_MEMBER, None),
    "GET /cluster/summary": (ANY_MEMBER, None),
    "GET /templates": (ANY_MEMBER, None),
    "GET /vms": (ANY_MEMBER, None),
    "GET /cts": (ANY_MEMBER, None),
    "GET /cts?poolid=acme": (OWN_GUEST, None),
    "GET /pools": (ANY_MEMBER, None),
    "GET /vms/121/status": (OWN_GUEST, None),
    "GET /cts/105/status": (OWN_GUEST, None),
    "POST /cts/105/start": (POWER, None),
    "POST /cts/106/stop": (POWER, None),
    "POST /cts/107/stop?force=true": (POWER, None),
    "POST /vms/121/reboot": (POWER, None),
    "POST /pools": (ADMINS, {"poolid": "made-by-matrix"}),
    "POST /users": (ADMINS, {"userid": "made.by.matrix@pve"}),
    "PUT /acl": (ADMINS, {"poolid": "acme", "userid": "pat@pve"}),
}


@pytest.fixture(scope="module")
def programs(serving: RestStage) -> dict[str, Program]:
    """A program of each, made while each could still make one."""
    for name in ("nina", "dan"):
        serving.workspace.add_user(name)
        serving.workspace.channel("#all").members.add(serving.id_of(name))
        serving("carla", f"tenant add acme <@{serving.id_of(name)}>")
    serving("carla", "tenant add acme @vic --role operator")
    made = {role: serving.program(name) for role, name in SOMEBODY.items()}
    serving("carla", "tenant add acme @vic --role viewer")
    serving("carla", f"tenant remove acme <@{serving.id_of('nina')}>")
    serving.everybody_is_in()
    made["admin"].end_of(made["admin"].post("/users", {"userid": "pat@pve"}))
    serving.workspace.change_user("dan", deleted=True)
    serving.workspace.wait_until(
        lambda: made["deactivated"].get("/cts").status_code == 401, 10, "the account's end"
    )
    return made


@pytest.mark.parametrize("line", TABLE)
def test_the_table_of_roles_holds(site, programs, line):
    allowed, body = TABLE[line]
    method, path = line.split(" ")

    seen = {}
    for role in SOMEBODY:
        answer = programs[role](method, path, body)
        seen[role] = answer.status_code
        if answer.status_code == 202:
            ended = programs[role].end_of(answer)
            assert ended["state"] in ("done", "failed"), ended
            site.as_before()

    # It is so already, or somebody before did it: allowed all the same.
    wrong = {
        role: status
        for role, status in seen.items()
        if status != allowed[role] and not (allowed[role] == 202 and status == 409)
    }
    assert wrong == {}


@pytest.mark.parametrize("line", [one for one, (allowed, _) in TABLE.items() if allowed is POWER])
def test_a_foreign_guest_answers_exactly_as_a_missing_one(site, programs, line):
    method, path = line.split(" ")
    vmid = path.split("/")[2]

    foreign = programs["foreign"](method, path)
    missing = programs["foreign"](method, path.replace(vmid, "999"))

    assert foreign.status_code == missing.status_code == 404
    assert foreign.text.replace(vmid, "999") == missing.text


def test_whoever_is_refused_changes_nothing(site, programs):
    with site.nothing_changes():
        for line, (allowed, body) in TABLE.items():
            method, path = line.split(" ")
            if method == "GET":
                continue
            for role, status in allowed.items():
                if status != 202:
                    programs[role](method, path, body)


def test_operations_are_seen_by_whom_they_concern(site, programs):
    begun = programs["operator"].post("/cts/105/start")
    ended = programs["operator"].end_of(begun)
    path = f"/operations/{ended['id']}"

    seen = {role: program.get(path) for role, program in programs.items()}

    assert {role: answer.status_code for role, answer in seen.items()} == {
        "owner": 200,
        "operator": 200,
        "viewer": 404,
        "foreign": 404,
        "admin": 200,
        "nobody": 401,
        "deactivated": 401,
    }
    missing = programs["viewer"].get("/operations/op_0")
    assert seen["viewer"].text.replace(ended["id"], "op_0") == missing.text
    rule = "select rule from audit where turn_id = ? and phase = 'refused'"
    assert site.sql(rule, missing.headers["X-Request-Id"]) == [("operation_not_found",)]


def test_a_refusal_is_in_the_audit_with_its_rule(site, programs):
    answer = programs["viewer"].post("/cts/105/start")

    rows = site.sql(
        "select phase, action, rule, origin, vmid from audit where turn_id = ?",
        answer.headers["X-Request-Id"],
    )
    assert rows == [("refused", "guest.start", "role_too_low", "rest", 105)]


def test_a_change_is_in_the_audit_before_and_after(site, programs):
    answer = programs["operator"].post("/cts/105/start")
    ended = programs["operator"].end_of(answer)

    rows = site.sql(
        "select phase, action, origin from audit where operation_id = ? order by seq", ended["id"]
    )
    assert rows == [("intent", "guest.start", "rest"), ("outcome", "guest.start", "rest")]
    assert "The audit is whole" in site("carla", "audit --verify").text


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"userid": "ana@pam"}, "realm_foreign"),
        ({"userid": "t-acme@pve"}, "user_reserved"),
        ({"userid": "t-later@pve"}, "user_reserved"),
        ({"userid": "nubemox@pve"}, "user_reserved"),
        ({"userid": "pat@pve"}, "user_exists"),
    ],
)
def test_users_that_must_not_be_made_are_not(site, programs, body, code):
    with site.nothing_changes():
        answer = programs["admin"].post("/users", body)

    assert answer.json()["error"]["code"] == code


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"poolid": "acme", "userid": "ana@pve", "roleid": "Administrator"}, 422),
        ({"poolid": "nowhere", "userid": "ana@pve"}, 404),
        ({"poolid": "globex", "userid": "t-acme@pve"}, 409),
        ({"poolid": "acme", "userid": "nubemox@pve"}, 409),
    ],
)
def test_rights_that_must_not_be_given_are_not(site, programs, body, status):
    with site.nothing_changes():
        answer = programs["admin"]("PUT", "/acl", body)

    assert answer.status_code == status, answer.text


def test_a_user_is_made_without_a_password_and_let_in(site, programs):
    carla = programs["admin"]
    carla.end_of(carla.post("/users", {"userid": "eva@pve"}))

    ended = carla.end_of(carla("PUT", "/acl", {"poolid": "acme", "userid": "eva@pve"}))

    assert (ended["state"], ended["error"]) == ("done", None)
    calls = [call for call in site.cluster.calls() if call.path.startswith("/access/")]
    made = next(call for call in calls if call.params.get("userid") == "eva@pve")
    assert made.params["groups"] == "nubemox-tenants"
    assert "password" not in made.params
    granted = next(call for call in calls if call.params.get("users") == "eva@pve")
    assert (granted.params["path"], granted.params["roles"]) == ("/pool/acme", "NubemoxTenant")
    site.cluster.access.delete_user("eva@pve")
