"""Lists of any length come in pages that Slack takes, and nothing of them is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from commands.registry import build_registry
from nubemox_bot.blockkit import faults_of_message
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.cluster import views as cluster_views
from nubemox_bot.cluster.model import PoolUse
from nubemox_bot.core.i18n import speaking
from nubemox_bot.leases import views as lease_views
from nubemox_bot.leases.model import Lease, LeaseState
from nubemox_bot.pve.figures import TemplateList
from nubemox_bot.pve.model import GuestKind, Node, Storage, Template
from nubemox_bot.tenancy import views as tenancy_views
from nubemox_bot.tenancy.model import Quota, Tenant, TenantState, TenantView
from nubemox_bot.tokens import views as token_views
from nubemox_bot.tokens.model import Token

CONTENT = ("images", "rootdir", "vztmpl", "backup", "iso", "snippets", "import")


def _tenant(number: int) -> TenantView:
    name = f"tenant-with-a-long-name-{number:04}"
    state = TenantState.MAKING if number % 7 == 0 else TenantState.READY
    tenant = Tenant(f"ten_{number}", name, name, None, state, f"t-{name}@pve", "nubemox",
                    True, Quota(), "U0ADMIN", datetime(2026, 1, 1, tzinfo=UTC))  # fmt: skip
    return TenantView(tenant, ())


def _pool(number: int) -> PoolUse:
    return PoolUse(f"pool-{'x' * 30}-{number:04}", _tenant(number).tenant, number, 1)


def _storage(number: int) -> Storage:
    nodes = tuple(f"node-{number:04}-{each}" for each in range(16))
    return Storage(f"storage-{number:04}", nodes, "available", False, "dir", CONTENT, 5 << 40, 9)


def _template(number: int) -> Template:
    volid = f"local:vztmpl/{'t' * 150}-{number:04}.tar.zst"
    return Template(f"{'t' * 150}-{number:04}", GuestKind.LXC, ("pve1",), volid)


def _node(number: int) -> Node:
    return Node(f"node-{number:04}", "online", 0.5, 256, 1 << 40, 2 << 40)


NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _lease(number: int) -> Lease:
    name = f"guest-with-a-rather-long-name-{number:04}"
    return Lease(number, "lxc", name, "acme", None, "T1", "U0ANA", LeaseState.ACTIVE, NOW, NOW)


def _leases(found: Sequence[Lease], page: int = 1) -> Reply:
    return lease_views.listing(found, NOW, page)


def _templates(found: Sequence[Template], page: int = 1) -> Reply:
    return cluster_views.templates(TemplateList(tuple(found), ()), page)


def _token(number: int) -> Token:
    return Token(f"{number:08}", "T1", "U0ANA", f"{'t' * 50}-{number:04}", NOW, NOW, None, None)


LISTS: dict[str, tuple[int, Callable[[int], Any], Callable[..., Reply]]] = {
    "tenant list": (200, _tenant, tenancy_views.tenants),
    "pool list": (500, _pool, cluster_views.pools),
    "storage list": (300, _storage, cluster_views.storages),
    "template list": (500, _template, _templates),
    "node list": (64, _node, cluster_views.nodes),
    "lease list": (200, _lease, _leases),
    "token list": (60, _token, token_views.tokens),
}
REGISTRY = build_registry()


def _buttons(reply: Reply) -> dict[str, str]:
    """The buttons that turn pages, by label."""
    return {
        element["text"]["text"]: element["value"]
        for block in reply.blocks
        if block["type"] == "actions"
        for element in block.get("elements", [])
        if element["type"] == "button"
    }


@pytest.mark.parametrize("locale", ["en-US", "pt-BR"])
@pytest.mark.parametrize("words", LISTS)
def test_every_item_is_on_one_page_that_slack_takes(words: str, locale: str) -> None:
    count, make, view = LISTS[words]
    items = [make(number) for number in range(count)]
    text, page = "", 0

    with speaking(locale):
        while True:
            page += 1
            reply = view(items, page)
            text += str(list(reply.blocks))
            assert faults_of_message(reply.text, reply.blocks) == []
            following = _buttons(reply).get("Next" if locale == "en-US" else "Próxima")
            if following is None:
                break
            assert following == f"{words} --page {page + 1}"

    assert page == -(-count // 20)
    assert [number for number in range(count) if f"-{number:04}" not in text] == []


@pytest.mark.parametrize("words", LISTS)
def test_the_buttons_say_what_can_be_said(words: str) -> None:
    count, make, view = LISTS[words]

    reply = view([make(number) for number in range(count)], 2)

    said = _buttons(reply)
    assert said == {"Previous": f"{words} --page 1", "Next": f"{words} --page 3"}
    for each in said.values():
        assert REGISTRY.parse(each).fault is None


@pytest.mark.parametrize("words", LISTS)
def test_a_page_that_is_not_there_is_the_nearest(words: str) -> None:
    count, make, view = LISTS[words]
    items = [make(number) for number in range(count)]

    assert list(view(items, 10_000).blocks) == list(view(items, -(-count // 20)).blocks)


def test_a_tenant_can_be_shown_and_one_that_is_not_ready_repaired() -> None:
    reply = tenancy_views.tenants([_tenant(1), _tenant(7)])

    pressed = [block["accessory"]["value"] for block in reply.blocks if "accessory" in block]
    assert pressed == [
        "tenant show tenant-with-a-long-name-0001",
        "tenant repair tenant-with-a-long-name-0007",
    ]
