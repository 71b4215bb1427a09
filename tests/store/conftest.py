import pytest

from nubemox_bot.store.turns import TurnStore


@pytest.fixture
def store(turns: TurnStore) -> TurnStore:
    return turns
