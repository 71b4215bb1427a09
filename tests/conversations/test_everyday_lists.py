"""Lists and status: what somebody reads who only looks."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("ct list", {105, 106, 107, 108}),
        ("cts", {105, 106, 107, 108}),
        ("vm ls", {120, 121, 122}),
        ("ct list --status running", {106, 107}),
        ("ct list --status=stopped", {105, 108}),
        ("ct list --node pve1", {105, 107}),
        ("ct list --tag web", {105, 106}),
        ("ct list --pool acme --tag db", {107}),
        ("vm list --tag prod --node pve1", {121}),
    ],
)
def test_a_list_shows_ones_own_guests_that_fit(chat, words, shown):
    answer = chat("vic", words)

    assert {g.vmid for g in chat.cluster.guests if f"`{g.vmid}`" in answer} == shown
    assert answer.is_private
    assert "Share" in answer.labels


def test_a_list_that_is_empty_says_why(chat):
    answer = chat("vic", "ct list --tag nobody-has-this")

    assert "There are no containers to show." in answer
    assert "nothing fits" in answer


def test_a_list_has_buttons_for_those_who_may_use_them(chat):
    assert "Start" in chat("olga", "ct list").labels
    assert not {"Start", "Stop"} & set(chat("vic", "ct list").labels)


def test_long_lists_are_turned_by_buttons(chat):
    for vmid in range(400, 440):
        chat.cluster.add_container(vmid, name=f"many-{vmid}", pool="acme", tags="many")
    chat("olga", "ct start 400 --dry-run")

    first = chat("olga", "ct list --tag many")
    second = chat.presses("olga", first.message, "Next")
    third = chat.presses("olga", second.message, "Next")

    assert "40 containers" in first
    assert "Page 1 of 3." in first
    assert "many-400" in first
    assert "Previous" not in first.labels
    assert "many-415" in second
    assert "many-400" not in second
    assert "many-439" in third
    assert "Next" not in third.labels


def test_a_page_that_is_not_there_shows_the_last(chat):
    assert "web-1" in chat("olga", "ct list --page 7")


def test_status_shows_one_guest_as_it_is_now(chat):
    chat.cluster.guest(106).set_usage(cpu=0.5, mem=256 * 1024**2)

    answer = chat("vic", "ct status web-2")

    assert "*web-2* `106` is running." in answer.text
    assert all(fact in answer for fact in ("pve2", "acme", "50 % of 1 core", "Up for"))
    assert answer.labels[:2] == ["Stop", "Restart"]


def test_the_card_of_a_running_guest_leads_to_its_console_whoever_may_open_it(chat):
    seen, offered = chat("vic", "ct status 106"), chat("olga", "ct status 106")

    opened = chat.presses("olga", offered.message, "Console")

    assert "Console" not in seen.labels
    assert "The console of *web-2* `106` is ready for you." in opened.text
    assert opened.is_private
    chat.cluster.guest(106).set_status("stopped")
    assert "Console" not in chat("olga", "ct status 106").labels


def test_status_is_live_where_the_inventory_is_not(chat):
    chat("vic", "ct status 106")
    chat.cluster.guest(106).set_status("stopped")

    assert "is stopped" in chat("vic", "ct status 106").text


def test_refresh_asks_again(chat):
    first = chat("vic", "ct status 106")
    chat.cluster.guest(106).set_status("stopped")

    again = chat.presses("vic", first.message, "Refresh")

    assert "is stopped" in again.text


def test_a_name_that_fits_several_guests_lists_them(chat):
    chat.cluster.add_container(400, name="web-1", pool="acme", node="pve3")
    chat("carla", "ct start 108 --dry-run")

    answer = chat("olga", "ct status web-1")

    assert "2 of your guests are called web-1: 105 (pve1), 400 (pve3)." in answer
    with chat.nothing_changes():
        assert "2 of your guests are called web-1" in chat("olga", "ct start web-1")


def test_a_vm_called_a_container_is_corrected_with_a_button(chat):
    answer = chat("olga", "ct start win-test")

    assert "/nubemox vm start 120" in answer
    assert "is running" in chat.presses("olga", answer.message, "Do that").text
    assert chat.cluster.guest(120).status == "running"


def test_a_misspelt_name_meets_ones_own_nearest(chat):
    assert "Did you mean web-1" in chat("olga", "ct start web-11").all_text


def test_a_missing_guest_is_asked_for_and_the_choice_runs(chat):
    answer = chat("olga", "ct start")
    picked = chat.picks("olga", answer.message, "guest.pick", "105")

    assert "Which guest do you mean?" in answer
    assert "db-1" not in answer, "it runs already"
    assert "is running" in picked.text
    assert chat.cluster.guest(105).status == "running"


def test_the_choice_keeps_the_options(chat):
    answer = chat("olga", "ct stop --force")
    picked = chat.picks("olga", answer.message, "guest.pick", "107")

    assert "Its plug was pulled" in picked.text


def test_a_viewer_who_names_no_guest_is_offered_none(chat):
    assert "you have none that you may use for it" in chat("vic", "ct start")


def test_nodes_and_the_summary_tell_of_a_node_that_is_down(chat):
    chat.cluster.take_node_offline("pve3")
    chat("olga", "ct start 105 --dry-run")

    nodes = chat("vic", "node list")
    summary = chat("vic", "cluster summary")

    assert "2 of 3 nodes are online." in nodes
    assert "Offline: pve3." in summary


def test_a_public_summary_is_for_everybody(chat):
    assert not chat("ana", "cluster summary --public").is_private
    assert chat("ana", "cluster summary").is_private
