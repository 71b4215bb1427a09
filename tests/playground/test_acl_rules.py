"""The permission rules as laws: true of every configuration, not only of those in the vectors."""

from hypothesis import given
from hypothesis import strategies as st

from playground.acl import BUILTIN_ROLES, AccessControl, Pool, Token, User

USER, TOKEN = "ana@pve", "ana@pve!ci"
POOL_OF = {100: "acme", 101: "acme", 200: "globex"}
PATHS = ("/", "/pool", "/pool/acme", "/pool/globex", "/vms", "/vms/100", "/vms/200", "/storage")

paths = st.sampled_from(PATHS)
roles = st.sampled_from(sorted(BUILTIN_ROLES))
real_roles = st.sampled_from(sorted(set(BUILTIN_ROLES) - {"NoAccess"}))
holders = st.sampled_from([USER, TOKEN, "@ops"])
entries = st.lists(st.tuples(paths, holders, roles, st.booleans()), max_size=8)
Entries = list[tuple[str, str, str, bool]]


def world(entries: Entries, *, privsep: bool = True) -> AccessControl:
    access = AccessControl()
    access.users[USER] = User(tokens={"ci": Token(privsep=privsep)})
    access.groups["ops"] = {USER}
    for vmid, poolid in POOL_OF.items():
        access.pools.setdefault(poolid, Pool()).vms.add(vmid)
    for path, who, role, propagate in entries:
        access.set_acl(path, who, role, propagate=propagate)
    return access


@given(entries, paths)
def test_a_privilege_separated_token_never_has_more_than_its_owner(entries: Entries, path: str):
    access = world(entries)

    owners = access.permissions(USER, path)

    assert access.permissions(TOKEN, path).items() <= {
        (name, bit) for name, top in owners.items() for bit in {top, False}
    }


@given(entries, paths)
def test_a_full_token_is_its_owner(entries: Entries, path: str):
    access = world(entries, privsep=False)

    assert access.permissions(TOKEN, path) == access.permissions(USER, path)


@given(entries, st.sampled_from(["/vms/100", "/vms/200"]), st.booleans())
def test_no_access_on_the_path_itself_kills_whatever_else_was_given(
    entries: Entries, path: str, propagate: bool
):
    access = world(entries)

    access.set_acl(path, USER, "NoAccess", propagate=propagate)

    assert access.permissions(USER, path) == {}


@given(real_roles, real_roles)
def test_a_role_set_deeper_replaces_the_one_from_above(above: str, below: str):
    access = world([("/vms", USER, above, True), ("/vms/300", USER, below, True)])

    assert access.permissions(USER, "/vms/300").keys() == BUILTIN_ROLES[below]
    assert access.permissions(USER, "/vms/301").keys() == BUILTIN_ROLES[above]


@given(real_roles)
def test_a_pool_adds_its_roles_to_its_members_and_to_nobody_else(role: str):
    access = world([("/pool/acme", USER, role, True)])

    for vmid, poolid in POOL_OF.items():
        gained = BUILTIN_ROLES[role] if poolid == "acme" else set()
        assert access.permissions(USER, f"/vms/{vmid}").keys() == gained
    for elsewhere in ("/", "/vms", "/nodes/pve1", "/pool/globex", "/storage/local"):
        assert access.permissions(USER, elsewhere) == {}


@given(real_roles)
def test_what_does_not_propagate_counts_on_its_own_path_only(role: str):
    access = world([("/pool", USER, role, False)])

    assert access.permissions(USER, "/pool").keys() == BUILTIN_ROLES[role]
    assert access.permissions(USER, "/pool/acme") == {}
    assert access.permissions(USER, "/vms/100") == {}


@given(real_roles)
def test_a_group_gives_nothing_to_a_privilege_separated_token(role: str):
    access = world([("/vms", "@ops", role, True)])

    assert access.permissions(USER, "/vms/100").keys() == BUILTIN_ROLES[role]
    assert access.permissions(TOKEN, "/vms/100") == {}


def test_the_acl_of_a_nested_pool_outlives_it_as_in_pve():
    access = world([("/pool/acme/sub", USER, "PVEPoolUser", True)])

    access.delete_pool_acl("acme/sub")

    assert access.permissions(USER, "/pool/acme/sub") == {"Pool.Audit": True}


def test_the_acl_of_a_flat_pool_goes_with_it_and_takes_those_below_along():
    access = world(
        [("/pool/acme", USER, "PVEPoolUser", True), ("/pool/acme/sub", USER, "PVEPoolAdmin", True)]
    )

    access.delete_pool_acl("acme")

    assert access.permissions(USER, "/pool/acme") == {}
    assert access.permissions(USER, "/pool/acme/sub") == {}


def test_a_deleted_user_leaves_no_trace_in_the_acl():
    access = world([("/vms", USER, "PVEVMUser", True), ("/vms", TOKEN, "PVEVMUser", True)])

    access.delete_user(USER)

    assert list(access.entries()) == []
    assert access.groups["ops"] == set()
