"""A storm is one message: what is done about all of it is done there, by who may."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from playground.slack import Message
from tests.conversations.rehearsal import Rehearsal
from tests.conversations.test_alerts import (  # noqa: F401 - a fixture among them
    is_told,
    look,
    watched,
)

MANY = 12


@pytest.fixture
def storm(watched: Rehearsal) -> Iterator[Message]:  # noqa: F811
    """A dozen guests of acme's in error at once."""
    for number in range(MANY):
        watched.cluster.add_container(8000 + number, name=f"s-{number}", pool="acme", node="pve1")
        watched.cluster.guest(8000 + number).manage_by_ha("error")
    look(watched)
    is_told(watched)
    yield watched.person("ana").sees("#all")[-1]
    for number in range(MANY):
        watched.cluster.remove_guest(8000 + number)


def test_all_of_it_is_acknowledged_by_one_press(watched, storm):  # noqa: F811
    answer = watched.presses("olga", storm, "Acknowledge all")
    is_told(watched)

    olga = f"<@{watched.id_of('olga')}>"
    assert answer.text == f"{olga} is on it: {MANY} alerts."
    assert answer.is_private
    assert f"{olga} is on {MANY} of them" in storm.all_text
    assert "Acknowledge all" not in [button.text for button in storm.buttons]
    acked = watched.sql("select count(*) from alerts where acked_by is not null")
    intents = "select count(*) from audit where action = 'alert.ack' and phase = 'intent'"
    assert acked == [(MANY,)]
    assert watched.sql(f"{intents} and vmid >= 8000 and vmid < 8100") == [(MANY,)]


def test_all_of_it_is_silenced_and_heard_again(watched, storm):  # noqa: F811
    watched.person("olga").clicks(storm, "Silence all")
    modal = watched.workspace.wait_until(
        lambda: (one := watched.person("olga").modal) and f"{MANY} alerts." in one.all_text and one,
        10,
        "the form",
    )
    watched.person("olga").submits(modal, {"hours": "2", "reason": "the switch is changed"})
    watched.workspace.wait_until(
        lambda: watched.sql("select count(*) from silences") == [(MANY,)], 10, "the silences"
    )
    is_told(watched)
    assert f"{MANY} are silenced" in storm.all_text

    watched.presses("olga", storm, "End the silence")
    is_told(watched)

    assert watched.sql("select count(*) from silences") == [(0,)]
    assert "Silence all" in [button.text for button in storm.buttons]


def test_who_may_not_change_one_may_not_change_all(watched, storm):  # noqa: F811
    [digest_id] = watched.sql("select distinct digest_id from alerts")[0]

    by_viewer = watched.presses("vic", storm, "Acknowledge all")
    by_foreigner = watched("bruno", f"alert ack {digest_id}")

    assert "operator" in by_viewer.text
    assert "Não há nenhum alerta" in by_foreigner.text
    assert watched.sql("select count(*) from alerts where acked_by is not null") == [(0,)]
