"""Trouble made at the panel is told by the bot where it belongs."""

import pytest

pytestmark = pytest.mark.process


@pytest.fixture
def panel(screen, demo):
    screen.open(demo.url, "carla", "ops")
    screen.await_(lambda: screen.find(".panel .nodes"))
    yield screen
    demo.cluster.heal()


@pytest.mark.timeout(240)
def test_a_node_that_is_taken_away_is_one_message_from_its_alert_to_its_end(panel):
    panel.presses("Take away", "[data-node=pve2]")
    alert = panel.sees("The node pve2 is offline.", within_s=40).get_attribute("data-ts")
    message = f".center [data-ts='{alert}']"

    panel.presses("Acknowledge", message)
    panel.await_(lambda: "Carla Diaz is on it" in panel.find(message).text, what="the ack")
    panel.presses("Bring back", "[data-node=pve2]")

    panel.await_(lambda: "The node pve2 is back." in panel.find(message).text, 150, "the end")
    panel.await_(lambda: "2 replies" in panel.find(message).text, what="its notes")
    assert not panel.every(f"{message} button.primary")


def test_a_storage_can_be_filled_and_emptied(panel, demo):
    panel.presses("Fill it", "[data-storage=nfs]")
    panel.await_(lambda: "93 % full" in panel.find("[data-storage=nfs]").text)

    panel.presses("Empty it", "[data-storage=nfs]")
    panel.await_(lambda: panel.find("[data-storage=nfs].up"))
    assert demo.cluster.storage_use()["nfs"] < 50


def test_a_backup_can_be_made_to_fail(panel, demo):
    panel.presses("Fail web-1's backup")

    panel.await_(lambda: "Back web-1 up well" in panel.find("[data-knob=backup]").text)
    demo.cluster.wait_for_tasks(20)
    assert any(task.exitstatus == "job errors" for task in demo.cluster.tasks("vzdump"))
