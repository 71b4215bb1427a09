"""What holds for every plan, every quota and every edit, not just for those we thought of."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nubemox_bot.approvals import errors
from nubemox_bot.approvals.changes import changes_between
from nubemox_bot.approvals.deciding import shrunk
from nubemox_bot.approvals.model import (
    AMOUNTS,
    SHRINKABLE,
    Amounts,
    Plan,
    Request,
    RequestState,
    Shrink,
    Standing,
)
from nubemox_bot.approvals.reckoning import Held, taken_by, used
from nubemox_bot.approvals.ruling import Outcome, Why, rule, shortages
from nubemox_bot.tenancy.model import PveCall
from nubemox_bot.tenancy.policy import Action

scalars = st.one_of(st.none(), st.booleans(), st.integers(-(10**9), 10**9), st.text(max_size=12))
stables = st.dictionaries(st.text(max_size=8), scalars, max_size=6)
sizes = st.builds(Amounts, *[st.integers(0, 10_000)] * 4)
deltas = st.builds(Amounts, *[st.integers(-10_000, 10_000)] * 4)
guests = st.dictionaries(st.integers(100, 120), sizes, max_size=8)
helds = st.lists(
    st.builds(Held, sizes, st.one_of(st.none(), st.integers(100, 120)), st.booleans()), max_size=8
)
limits = st.dictionaries(st.sampled_from(["cores", "memory", "disk"]), st.integers(0, 10_000))


# The plan's hash.


@given(stables, st.randoms())
def test_the_order_of_fields_and_the_calls_do_not_change_the_hash(
    stable: dict[str, Any], random: Any
) -> None:
    shuffled = list(stable.items())
    random.shuffle(shuffled)
    call = PveCall("POST", "/nodes/pve1/lxc", {"vmid": random.randint(100, 999)})

    assert Plan((), stable).hash == Plan((call,), dict(shuffled)).hash


@given(stables, stables)
def test_the_hash_changes_when_and_only_when_a_stable_field_does(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    same = _typed(one) == _typed(other)

    assert (Plan((), one).hash == Plan((), other).hash) is same


@given(stables, st.text(max_size=8), scalars)
def test_one_field_that_changes_is_named(stable: dict[str, Any], name: str, value: Any) -> None:
    assume("." not in name)
    changed = {**copy.deepcopy(stable), name: value}
    assume(name not in stable or stable[name] != value)
    assume(not (name not in stable and value is None))

    assert [each.field for each in changes_between(stable, changed)] == [name]
    assert changes_between(stable, copy.deepcopy(stable)) == []


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    """With what Python takes for equal told apart: 1 and True are two things in a plan."""
    return {name: (type(value).__name__, value) for name, value in values.items()}


# What is used.


@given(guests, helds)
def test_what_is_used_is_never_less_than_what_pve_shows(
    shown: dict[int, Amounts], held: list[Held]
) -> None:
    total = used(shown, held)

    assert (total - used(shown, [])).largest(Amounts()) == total - used(shown, [])


@given(guests, helds)
def test_no_guest_counts_twice(shown: dict[int, Amounts], held: list[Held]) -> None:
    everything = sum([*shown.values(), *(one.size for one in held)], Amounts())

    over = used(shown, held) - everything

    assert not over.grows


@given(guests, helds, st.randoms())
def test_the_order_of_requests_is_of_no_matter(
    shown: dict[int, Amounts], held: list[Held], random: Any
) -> None:
    shuffled = held[:]
    random.shuffle(shuffled)
    # One that counts only where there is a guest must not depend on another that says there is.
    assume(all(one.if_absent for one in held))

    assert used(shown, held) == used(shown, shuffled)


@given(guests, helds, sizes)
def test_what_one_more_takes_is_what_is_used_more_afterwards(
    shown: dict[int, Amounts], held: list[Held], size: Amounts
) -> None:
    wanted = Held(size)

    takes = taken_by(shown, held, wanted)

    assert takes == size
    assert used(shown, [*held, wanted]) == used(shown, held) + takes


@given(guests, helds, sizes, sizes)
def test_what_passes_never_goes_over_a_ceiling(
    shown: dict[int, Amounts], held: list[Held], size: Amounts, ceiling: Amounts
) -> None:
    standing = Standing(ceiling, used(shown, held))
    takes = taken_by(shown, held, Held(size))

    if not shortages(standing, takes):
        after = used(shown, [*held, Held(size)])
        for name in AMOUNTS:
            more = takes.named()[name]
            assert more <= 0 or after.named()[name] <= ceiling.named()[name]


@given(deltas, deltas)
def test_amounts_add_up(one: Amounts, other: Amounts) -> None:
    assert one + other - other == one
    assert Amounts.of(one.named()) == one


# The ruling.


@given(
    deltas, sizes, limits, st.lists(st.builds(Standing, sizes, sizes), max_size=2), st.booleans()
)
def test_a_ruling_always_says_why_and_never_runs_what_it_should_not(
    adds: Amounts, size: Amounts, allowed: dict[str, int], quotas: list[Standing], someone: bool
) -> None:
    ruling = rule(Action.GUEST_CREATE, adds, size, allowed, quotas, has_decider=someone)

    assert ruling.causes
    over = any(shortages(quota, adds) for quota in quotas)
    if over:
        assert ruling.outcome is Outcome.REFUSE
    if ruling.outcome is Outcome.RUN and adds.grows:
        assert allowed
        names = {"cores": size.cores, "memory": size.memory_mib, "disk": size.disk_gib}
        assert all(names[name] <= limit for name, limit in allowed.items())
    if ruling.outcome is Outcome.ASK:
        assert someone
    if not someone and not over and ruling.outcome is Outcome.REFUSE:
        assert ruling.causes[-1].why is Why.NOBODY_DECIDES


@given(limits)
def test_a_quota_is_never_raised_without_a_person(allowed: dict[str, int]) -> None:
    ruling = rule(Action.TENANT_QUOTA, Amounts(), Amounts(), allowed, [], has_decider=True)

    assert ruling.outcome is Outcome.ASK


# What an approver may change.


@given(
    st.dictionaries(st.sampled_from(SHRINKABLE), st.integers(1, 1000)),
    st.dictionaries(st.sampled_from(SHRINKABLE), st.integers(1, 1000)),
)
def test_an_edit_only_ever_shrinks(spec: dict[str, int], wish: dict[str, int]) -> None:
    request = _request(spec)
    try:
        smaller = shrunk(request, Shrink(**wish))
    except (errors.OnlySmaller, errors.NothingToShrink):
        assert any(name not in spec or value > spec[name] for name, value in wish.items())
        return

    for name, value in smaller.items():
        assert name in wish
        assert name == "days" or value < spec[name]
        assert name not in spec or value < spec[name]
    for name, value in wish.items():
        assert name in smaller or value == spec[name]


@pytest.mark.parametrize("spec", [{"days": 0}, {}])
def test_a_lease_can_be_given_where_none_was_asked_for(spec: dict[str, int]) -> None:
    assert shrunk(_request(spec), Shrink(days=7)) == {"days": 7}


def _request(spec: dict[str, int]) -> Request:
    now = datetime(2025, 6, 1, tzinfo=UTC)
    return Request(
        id="req_1", turn_id="turn_1", team_id="T1", user_id="U1", origin="slash",
        action="guest.create", tenant_id="ten_1", poolid="acme", kind="lxc", vmid=None,
        name="web-7", spec=spec, calls=(), stable={}, plan_hash="0" * 64, adds=Amounts(),
        size=Amounts(), facts=(), node=None, storage=None, days=None, reason="", why=(),
        state=RequestState.PENDING, created_at=now, expires_at=now,
    )  # fmt: skip
