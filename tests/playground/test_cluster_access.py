"""/access and /pools under the bot's rights: what it may hand out, and what it may not."""

from playground.cluster import SimulatedCluster
from playground.world import TENANT_GROUP
from tests.playground.conftest import Answer, Caller


def make_user(bot: Caller, userid: str = "x@pve", **params: object) -> Answer:
    return bot.post("/access/users", userid=userid, **params)


def test_the_bot_makes_users_in_its_own_group_only(cluster: SimulatedCluster, bot: Caller):
    cluster.access.groups["admins"] = set()

    alone, elsewhere = make_user(bot), make_user(bot, groups="admins")
    other_realm = make_user(bot, "x@pam", groups=TENANT_GROUP)

    assert alone.message == "Permission check failed (/access/groups, User.Modify)"
    assert elsewhere.message == "Permission check failed (/access/groups/admins, User.Modify)"
    assert other_realm.message == "Permission check failed (/access/realm/pam, Realm.AllocateUser)"
    assert make_user(bot, groups=TENANT_GROUP).status == 200


def test_the_bot_makes_tokens_for_members_of_its_group_only(bot: Caller):
    make_user(bot, groups=TENANT_GROUP)

    assert bot.post("/access/users/x@pve/token/mine", privsep=0).status == 200
    assert bot.post("/access/users/root@pam/token/mine", privsep=0).status == 403
    assert bot.post("/access/users/nubemox@pve/token/mine", privsep=0).status == 403


def test_a_second_user_or_token_of_the_name_is_refused(bot: Caller):
    make_user(bot, groups=TENANT_GROUP)
    bot.post("/access/users/x@pve/token/mine")

    user = make_user(bot, groups=TENANT_GROUP)
    token = bot.post("/access/users/x@pve/token/mine")

    assert (user.status, user.message) == (500, "create user failed: user 'x@pve' already exists")
    assert (token.status, token.errors) == (400, {"tokenid": "Token already exists."})


def test_a_token_can_be_read_changed_and_given_a_new_secret(cluster: SimulatedCluster, bot: Caller):
    make_user(bot, groups=TENANT_GROUP)
    path = "/access/users/x@pve/token/mine"
    first = bot.post(path, comment="ours").data["value"]

    second = bot.put(path, regenerate=1, privsep=0).data["value"]

    assert bot.get(path).data == {"privsep": 0, "expire": 0, "comment": "ours"}
    assert [token["tokenid"] for token in bot.get("/access/users/x@pve/token").data] == ["mine"]
    assert Caller(cluster, "x@pve!mine", first).get("/version").status == 401
    assert Caller(cluster, "x@pve!mine", second).get("/version").status == 200


def test_a_deleted_token_is_refused_and_unknown(cluster: SimulatedCluster, bot: Caller):
    make_user(bot, groups=TENANT_GROUP)
    secret = bot.post("/access/users/x@pve/token/mine").data["value"]

    bot.delete("/access/users/x@pve/token/mine")

    assert Caller(cluster, "x@pve!mine", secret).get("/version").status == 401
    again = bot.delete("/access/users/x@pve/token/mine")
    assert again.message == "no such token 'mine' for user 'x@pve'"


def test_the_bot_hands_out_what_it_has_and_no_more(cluster: SimulatedCluster, bot: Caller):
    make_user(bot, groups=TENANT_GROUP)

    fitting = bot.put("/access/acl", path="/pool/acme", users="x@pve", roles="NubemoxTenant")
    too_much = bot.put("/access/acl", path="/pool/acme", users="x@pve", roles="PVEAdmin")
    nothing = bot.put("/access/acl", path="/pool/acme", users="x@pve", roles="NoAccess")

    assert fitting.status == 200
    assert too_much.status == nothing.status == 500
    assert too_much.message == (
        "ACL update failed: 400 Parameter verification failed.\n"
        "role: Cannot add role 'PVEAdmin' - requires 'Permissions.Modify' "
        "or superset of privileges."
    )
    assert nothing.message.endswith(
        "role: Cannot add role 'NoAccess' - requires 'Permissions.Modify'"
    )
    assert {e.roleid for e in cluster.access.entries() if e.ugid == "x@pve"} == {"NubemoxTenant"}


def test_the_bot_may_not_touch_acls_of_bridges_nodes_or_the_whole(bot: Caller):
    make_user(bot, groups=TENANT_GROUP)

    for path in ("/", "/nodes/pve1", "/sdn/zones/localnetwork/vmbr0", "/storage/local", "/vms"):
        answer = bot.put("/access/acl", path=path, users="x@pve", roles="NubemoxSee")
        assert answer.status == 403, path


def test_an_acl_needs_a_holder_a_role_and_a_path_that_exist(root: Caller):
    nobody = root.put("/access/acl", path="/pool/acme", roles="PVEAuditor")
    unknown = root.put("/access/acl", path="/pool/acme", users="x@pve", roles="PVEAuditor")
    no_role = root.put("/access/acl", path="/pool/acme", users="root@pam", roles="Ghost")
    no_path = root.put("/access/acl", path="/nowhere", users="root@pam", roles="PVEAuditor")

    assert nobody.errors is not None
    assert nobody.errors["users"] == "either 'users', 'groups' or 'tokens' is required."
    assert unknown.message == "ACL update failed: user 'x@pve' does not exist"
    assert no_role.message == "ACL update failed: role 'Ghost' does not exist"
    assert no_path.errors == {"path": "invalid ACL path '/nowhere'"}


def test_permissions_of_others_are_for_auditors(acme: Caller, bot: Caller):
    assert acme.get("/access/permissions").status == 200
    assert acme.get("/access/permissions", userid="nubemox@pve").status == 403
    assert bot.get("/access/permissions", userid="t-acme@pve", path="/pool/globex").data == {
        "/pool/globex": {}
    }


def test_a_user_shows_its_groups_and_tokens(acme: Caller, bot: Caller):
    shown = bot.get("/access/users/t-acme@pve").data

    assert shown["enable"] == 1
    assert shown["groups"] == [TENANT_GROUP]
    assert set(shown["tokens"]) == {"nubemox"}
    assert acme.get("/access/users/t-acme@pve").status == 403


def test_roles_are_read_by_all_and_made_by_admins(bot: Caller, root: Caller):
    assert "VM.PowerMgmt" in bot.get("/access/roles/NubemoxTenant").data
    assert bot.post("/access/roles", roleid="Mine", privs="VM.Audit").status == 403

    assert root.post("/access/roles", roleid="Mine", privs="VM.Audit,VM.Console").status == 200
    old = root.post("/access/roles", roleid="Old", privs="VM.Monitor")

    assert old.message == "invalid privilege 'VM.Monitor'"
    assert bot.get("/access/roles/Mine").data == {"VM.Audit": 1, "VM.Console": 1}


def test_a_pool_with_members_cannot_be_deleted(bot: Caller):
    answer = bot.delete("/pools", poolid="acme")

    assert answer.message == "delete pool failed: pool 'acme' is not empty (contains VM 105)"


def test_a_pool_needs_a_good_and_unused_name(bot: Caller):
    again, digit = bot.post("/pools", poolid="acme"), bot.post("/pools", poolid="2acme")
    orphan = bot.post("/pools", poolid="nowhere/sub")

    assert again.message == "create pool failed: pool 'acme' already exists"
    assert digit.message == "create pool failed: pool name must start with a letter"
    assert orphan.message == (
        "create pool failed: parent 'nowhere' of pool 'nowhere/sub' does not exist"
    )


def test_guests_are_moved_between_pools_only_when_told_so(cluster: SimulatedCluster, bot: Caller):
    stays = bot.put("/pools", poolid="globex", vms="105")
    moves = bot.put("/pools", poolid="globex", vms="105", **{"allow-move": 1})

    assert stays.message == (
        "update pools failed: VM 105 belongs already to pool 'acme' and 'allow-move' is not set"
    )
    assert moves.status == 200
    assert cluster.guest(105).pool == "globex"


def test_a_guest_of_nobodys_needs_rights_on_itself_to_be_taken_into_a_pool(
    cluster: SimulatedCluster, bot: Caller, root: Caller
):
    refused = bot.put("/pools", poolid="acme", vms="300")
    allowed = root.put("/pools", poolid="acme", vms="300")

    assert refused.message == (
        "update pools failed: 403 Permission check failed "
        "(/vms/300, Permissions.Modify|VM.Allocate)"
    )
    assert allowed.status == 200
    assert cluster.guest(300).pool == "acme"


def test_an_acl_of_a_nested_pool_lives_on_and_meets_its_successor(
    cluster: SimulatedCluster, bot: Caller
):
    make_user(bot, groups=TENANT_GROUP)
    bot.post("/pools", poolid="acme/lab")
    bot.put("/access/acl", path="/pool/acme/lab", users="x@pve", roles="NubemoxTenant")

    bot.delete("/pools", poolid="acme/lab")
    bot.post("/pools", poolid="acme/lab")

    assert "VM.PowerMgmt" in cluster.access.permissions("x@pve", "/pool/acme/lab")


def test_the_realms_are_told_to_the_world(cluster: SimulatedCluster):
    nobody = Caller(cluster, "x", "y")
    del nobody.session.headers["Authorization"]

    assert {realm["realm"] for realm in nobody.get("/access/domains").data} == {"pam", "pve"}
