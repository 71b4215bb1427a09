from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nubemox_bot.core.actor import Actor, Standing
from nubemox_bot.tenancy.model import Caller, Role
from nubemox_bot.tenancy.policy import RULES, Action, Reason, Scope, decide

_TENANTS = ("ten_1", "ten_2", "ten_3")
_STANDINGS = st.sampled_from(Standing)
_ACTIONS = st.sampled_from(Action)
_WHERE = st.none() | st.sampled_from(_TENANTS)
_ROLES = st.dictionaries(st.sampled_from(_TENANTS), st.sampled_from(Role))


@st.composite
def _callers(draw: st.DrawFn) -> Caller:
    actor = Actor("T1", "U1", standing=draw(_STANDINGS))
    is_admin, is_approver = draw(st.booleans()), draw(st.booleans())
    return Caller(actor, is_admin=is_admin, is_approver=is_approver, roles=draw(_ROLES))


@given(_callers(), _ACTIONS, _WHERE, st.sampled_from(_TENANTS), st.sampled_from(Role))
def test_a_higher_role_never_may_less(
    caller: Caller, action: Action, where: str | None, raised: str, role: Role
) -> None:
    before = caller.roles.get(raised)
    higher = role if before is None else max(before, role)
    more = replace(caller, roles={**caller.roles, raised: higher})

    if decide(caller, action, where).allowed:
        assert decide(more, action, where).allowed


@given(_callers(), _ACTIONS, _WHERE)
@example(Caller(Actor("T1", "U1")), Action.REQUEST_DECIDE, None)
def test_an_admin_may_everything_but_approve_unless_their_account_may_not(
    caller: Caller, action: Action, where: str | None
) -> None:
    """Who decides requests is said by itself; where nobody is named, admins are approvers too."""
    admin = replace(caller, is_admin=True)

    verdict = decide(admin, action, where)

    if caller.actor.standing is Standing.ACTIVE:
        approves = RULES[action].scope is Scope.APPROVERS
        assert verdict.allowed == (caller.is_approver or not approves)
    elif not verdict.allowed:
        assert verdict.reason.startswith("account_")


@given(_ACTIONS, _WHERE)
def test_whoever_has_no_role_may_only_what_everybody_may(action: Action, where: str | None) -> None:
    verdict = decide(Caller(Actor("T1", "U1")), action, where)

    assert verdict.allowed == (RULES[action].scope is Scope.EVERYBODY)


@given(_callers(), _ACTIONS, _WHERE)
def test_a_bad_account_may_only_what_everybody_may(
    caller: Caller, action: Action, where: str | None
) -> None:
    verdict = decide(caller, action, where)
    if caller.actor.standing is Standing.UNREADABLE and verdict.allowed:
        assert RULES[action].is_list
        assert not RULES[action].mutates
    elif caller.actor.standing is not Standing.ACTIVE:
        assert verdict.allowed == (action in (Action.HELP, Action.WHOAMI, Action.WHY))


@given(_ROLES, _ACTIONS, st.sampled_from(_TENANTS))
def test_a_thing_of_a_foreign_tenant_is_never_allowed(
    roles: dict[str, Role], action: Action, where: str
) -> None:
    caller = Caller(Actor("T1", "U1"), roles={k: v for k, v in roles.items() if k != where})

    verdict = decide(caller, action, where)

    if RULES[action].scope is Scope.THERE:
        assert not verdict.allowed
        assert verdict.reason in (Reason.NO_TENANT, Reason.NOT_YOUR_POOL)


@given(_callers(), _ACTIONS)
def test_a_thing_of_nobodys_is_for_admins_alone(caller: Caller, action: Action) -> None:
    if RULES[action].scope is Scope.THERE and decide(caller, action, None).allowed:
        assert caller.is_admin


def test_every_action_has_a_rule_and_no_list_changes_anything() -> None:
    assert set(RULES) == set(Action)
    assert not [action for action, rule in RULES.items() if rule.is_list and rule.mutates]


_LOWEST = {
    Role.VIEWER: ["guest.list", "guest.status", "pool.list", "node.list", "cluster.summary",
                  "cluster.test", "tenant.show", "audit.own"],
    Role.OPERATOR: ["guest.start", "guest.stop", "guest.force_stop", "guest.reboot"],
    Role.OWNER: ["audit.tenant"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("lowest", "action"), [(role, Action(one)) for role, all_ in _LOWEST.items() for one in all_]
)
def test_each_role_may_what_was_promised(lowest: Role, action: Action) -> None:
    for role in Role:
        caller = Caller(Actor("T1", "U1"), roles={"ten_1": role})

        assert decide(caller, action, "ten_1").allowed == (role >= lowest)


@pytest.mark.parametrize(
    "action",
    [one for one in Action if one.startswith(("tenant.", "freeze", "unfreeze", "pool.create"))],
)
def test_the_platform_is_for_its_admins(action: Action) -> None:
    owner = Caller(Actor("T1", "U1"), roles={"ten_1": Role.OWNER})

    assert decide(owner, action, "ten_1").allowed == (action is Action.TENANT_SHOW)
    assert decide(replace(owner, is_admin=True), action).allowed
