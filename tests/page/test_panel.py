"""Playing the cluster from the page while people use the bot."""

import pytest

pytestmark = pytest.mark.process


@pytest.fixture
def panel(screen, demo):
    screen.open(demo.url, "ana", "acme")
    screen.await_(lambda: screen.find(".panel .nodes"))
    return screen


def test_a_node_can_be_taken_away_and_brought_back(panel, demo):
    panel.presses("Take away", "[data-node=pve3]")
    panel.await_(lambda: panel.find("[data-vmid='108'][data-status=unknown]"))

    panel.says("/nubemox ct start 108")
    panel.sees("build-1")

    panel.presses("Bring back", "[data-node=pve3]")
    panel.await_(lambda: panel.find("[data-node=pve3].up"))
    panel.await_(lambda: not panel.every("[data-vmid='108'][data-status=unknown]"))


def test_the_next_task_can_be_made_to_fail_and_the_one_after_works(panel, demo):
    panel.presses("Fail the next task")
    panel.await_(lambda: "will fail" in panel.find("[data-knob=fail]").text)

    panel.says("/nubemox ct start 105")
    panel.sees("startup for container '105' failed")
    assert demo.cluster.guest(105).status == "stopped"

    panel.says("/nubemox ct start 105")
    panel.sees("web-1 105 is running")


def test_with_a_slow_cluster_the_click_is_answered_at_once_and_the_message_ends(panel, demo):
    panel.find("[data-knob=slow]").click()
    panel.await_(lambda: demo.cluster._server.faults._faults)

    panel.says("/nubemox ct list")
    panel.sees("web-1", within_s=25)

    panel.find("[data-knob=slow]").click()
    panel.await_(lambda: not panel.find("[data-knob=slow]").is_selected())


def test_when_slack_closes_the_socket_the_bot_comes_back_and_answers(panel, demo):
    before = len(demo.workspace.sockets.history)

    panel.presses("Close Slack's socket")
    demo.workspace.wait_until(lambda: len(demo.workspace.sockets.history) > before, 15)
    demo.workspace.wait_connected()

    panel.says("/nubemox ct status 107")
    panel.sees("db-1 107 is running")


def test_the_clusters_time_can_be_made_to_run_faster(panel, demo):
    panel.presses("Instant")
    panel.await_(lambda: demo.cluster.time_scale == 0)

    panel.says("/nubemox ct start 105")
    panel.sees("web-1 105 is running")
