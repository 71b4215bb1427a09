"""A bot with one form, and the services behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from playground.slack import SlackWorkspace
from tests.slack.small_forms import Shop, conversation


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    yield shop
    shop.gate.set()


@pytest.fixture
def talk(shop: Shop) -> object:
    return conversation(shop)


@pytest.fixture(autouse=True)
def nothing_to_complain_of(slack: SlackWorkspace) -> Iterator[None]:
    yield
    assert slack.complaints == []
