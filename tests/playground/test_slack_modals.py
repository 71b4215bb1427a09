"""Modals with a real Bolt app: triggers, forms, the stack, and updates that race."""

import json
import urllib.request

import pytest

from playground.slack import default_workspace
from tests.playground.slack_app import FORM, talking
from tests.playground.slack_support import RunningApp


@pytest.fixture(scope="module")
def heard():
    return []


@pytest.fixture(scope="module")
def running(heard):
    with default_workspace() as workspace, RunningApp(workspace, talking(heard)):
        yield workspace


@pytest.fixture
def workspace(running, heard):
    heard.clear()
    running.complaints.clear()
    yield running
    assert running.complaints == []


@pytest.fixture
def ana(workspace):
    return workspace.user("ana")


def test_a_form_with_a_wrong_field_stays_open_and_a_right_one_closes(ana):
    view = ana.types("/nubemox form", "#ops").view()

    refused = ana.submits(view, {"Name": "taken", "Size": "Small"})
    assert refused.errors == {"name": "It is taken."}
    assert ana.modal is view

    made = ana.submits(view, {"Name": "web-7"})
    assert made.message().text == "made web-7"
    assert made.ack.ok
    assert ana.modal is None
    with pytest.raises(AssertionError, match="closed"):
        ana.submits(view)


def test_slacks_own_client_keeps_an_incomplete_form(ana):
    view = ana.types("/nubemox form", "#ops").view()

    with pytest.raises(AssertionError, match="complete this required field"):
        ana.submits(view, {"Name": "web-7"})
    with pytest.raises(AssertionError, match="between 0 and 20"):
        ana.submits(view, {"Name": "x" * 21, "Size": "Small"})


def test_a_pick_updates_the_form_and_keeps_what_was_typed(ana, heard):
    view = ana.types("/nubemox form", "#ops").view()
    ana.fills(view, {"Name": "web-8"})
    hash_before = view.hash

    turn = ana.selects(view, "Size", "Large")

    assert turn.ack.ok
    changed = turn._workspace.wait_until(lambda: view.text == "Bigger" and view)
    assert changed.hash != hash_before
    assert changed.entered["name"]["value"]["value"] == "web-8"
    assert changed.entered["size"]["value"]["selected_option"]["value"] == "l"
    action = heard[-1]["actions"][0]
    assert (action["type"], action["selected_option"]["value"]) == ("static_select", "l")
    assert heard[-1]["container"] == {"type": "view", "view_id": view.id}


def test_an_external_select_asks_the_app_for_options(ana):
    view = ana.types("/nubemox form", "#ops").view()

    options = ana.searches(view, "Guest", "web")
    ana.fills(view, {"Guest": "web-2"})

    assert [option["value"] for option in options] == ["web-1", "web-2"]
    assert view.entered["guest"]["guests"]["selected_option"]["value"] == "web-2"


def test_a_second_modal_lies_on_the_first_and_closing_is_told(workspace, ana, heard):
    first = ana.types("/nubemox form", "#ops").view()

    second = ana.submits(first, {"Name": "next", "Size": "s"}).final("Second")

    assert second.previous_view_id == first.id
    assert second.root_view_id == first.id
    assert ana.modal is second
    heard.clear()
    turns = ana.closes(second, whole_stack=True)
    assert all(turn.ack.ok for turn in turns)
    assert [payload["is_cleared"] for payload in heard] == [True, True]
    assert ana.modal is None


def test_a_trigger_opens_one_view_within_three_seconds(workspace, ana):
    turn = ana.types("/nubemox form", "#ops")
    view = turn.view()
    old = workspace.state.new_trigger(turn.record)
    workspace.state.triggers[old].issued_at -= 3.1
    pushed = workspace.state.new_trigger(turn.record)

    assert _views(workspace, "open", turn.envelope.payload["trigger_id"]) == "exchanged_trigger_id"
    assert _views(workspace, "open", old) == "expired_trigger_id"
    assert _views(workspace, "open", "1.2.abc") == "invalid_trigger_id"
    assert _views(workspace, "push", pushed) == "invalid_trigger_id"
    errors = [_views(workspace, "push", _inner(workspace, turn, view)) for _ in range(3)]
    assert errors == ["", "", "push_limit_reached"]


def _inner(workspace, turn, view):
    return workspace.state.new_trigger(turn.record, view.id)


def _views(workspace, method, trigger_id):
    return _call(workspace, f"views.{method}", {"trigger_id": trigger_id, "view": FORM})["error"]


def _call(workspace, method, body):
    headers = {
        "Authorization": f"Bearer {workspace.bot_token}",
        "Content-Type": "application/json",
    }
    request = urllib.request.Request(
        workspace.api_url + method, data=json.dumps(body).encode(), headers=headers
    )
    with urllib.request.urlopen(request) as response:
        return {"error": "", **json.load(response)}


def test_an_update_with_an_old_hash_is_a_conflict(workspace, ana):
    view = ana.types("/nubemox form", "#ops").view()
    body = {"view_id": view.id, "view": FORM, "hash": view.hash}

    assert _call(workspace, "views.update", body)["error"] == ""
    assert _call(workspace, "views.update", body)["error"] == "hash_conflict"
    assert _call(workspace, "views.update", body | {"view_id": "V0"})["error"] == "not_found"
    unsound = {**FORM, "submit": None}
    refused = _call(workspace, "views.update", {"view_id": view.id, "view": unsound})
    assert refused["error"] == "invalid_arguments"
    assert "missing required field: submit" in refused["response_metadata"]["messages"][0]
