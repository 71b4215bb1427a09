"""A service in three steps: ask, fill one form or say it in words, use it."""

from __future__ import annotations

import logging

import pytest

from tests.conversations.conftest import watched
from tests.conversations.rehearsal import rehearsal
from tests.conversations.stage import onboard
from tests.creation.test_sshkeys import ed25519

KEY = ed25519("ana@laptop", bytes(32))
WORDS = "ct create web-7 --template debian-12 --cores 2 --memory 2048 --disk 8"


@pytest.fixture(scope="module")
def making(tmp_path_factory):
    """A bot that lets small guests be made without a second person."""
    lines = []

    class Lines(logging.Handler):
        def emit(self, record):
            lines.append(self.format(record))

    handler = Lines()
    logging.getLogger("nubemox").addHandler(handler)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nubemox_bot.creation.work.ADDRESS_PATIENCE_S", 0.5)
        patch.setattr("nubemox_bot.operations.engine._RETRY_SLICE_S", 0.1)
        settings = {"NUBEMOX_AUTO_APPROVE": "cores<=2,memory<=2048,disk<=16"}
        folder = tmp_path_factory.mktemp("making")
        with rehearsal(folder, lambda: "\n".join(lines), **settings) as stage:
            onboard(stage)
            yield stage
    logging.getLogger("nubemox").removeHandler(handler)


@pytest.fixture
def chat(making):
    yield from watched(making)


def new_guests(chat):
    """The guests that the bot made, by their numbers."""
    return {guest.vmid: guest for guest in chat.cluster.guests if guest.vmid >= 10_000}


def test_a_small_container_is_made_at_once_and_its_card_says_how_to_use_it(chat):
    answer = chat("ana", f'{WORDS} --ssh-key "{KEY}" --address 10.0.0.5/24 --gateway 10.0.0.1')

    (guest,) = new_guests(chat).values()
    assert "is ready. Made for" in answer.text
    for fact in ("web-7", str(guest.vmid), guest.node, "acme", "10.0.0.5", "ssh root@10.0.0.5"):
        assert fact in answer, fact
    assert "Lease until" in answer
    assert (guest.pool, guest.status) == ("acme", "running")
    assert str(guest.config["unprivileged"]) == "1"


def test_without_an_address_it_says_so_in_words(chat):
    answer = chat("ana", f'{WORDS} --ssh-key "{KEY}"')

    assert "no address yet" in answer
    assert "When it has an address" in answer
