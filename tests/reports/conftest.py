import pytest

from tests.databases import HeldClock
from tests.reports.slots import MONDAY


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock(MONDAY)
