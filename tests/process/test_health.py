"""Health and metrics tell an operator the truth, and nobody's business."""

from __future__ import annotations

import pytest

from tests.process.harness import free_port, until
from tests.process.site import PATIENCE_S, site_in

pytestmark = pytest.mark.process


def status_of(site, path: str) -> int:
    return int(site.bot.get(path).status_code)


def test_health_has_every_part_and_names_nobody(site):
    site.ask("ana", "ct start 105", "#acme").final("is running", PATIENCE_S)

    answer = site.bot.get("/health")

    body = answer.json()
    assert answer.status_code == 200
    assert body["status"] == "ok"
    assert body.keys() == {"status", "slack", "proxmox", "database", "scheduler", "version"}
    assert all(body[part]["ok"] for part in ("slack", "proxmox", "database", "scheduler"))
    assert body["slack"]["mode"] == "socket"
    assert body["slack"]["last_event_age_s"] < 30
    _names_nobody(site, answer.text)


def test_metrics_are_for_everybody_who_reaches_them_unless_a_token_is_set(site):
    answer = site.bot.get("/metrics")

    assert answer.status_code == 200
    assert "nubemox_" in answer.text
    _names_nobody(site, answer.text)


def _names_nobody(site, text: str) -> None:
    people = [site.workspace.user(name) for name in ("ana", "bruno", "carla")]
    names = ["acme", "globex", "web-1", *(person.id for person in people)]
    for name in [*names, "105", "ana", "carla"]:
        assert f'"{name}"' not in text
        assert f"={name}" not in text
    for name in names:
        assert name not in text


def test_without_pve_it_lives_and_is_not_ready_until_pve_is_there(folder):
    with site_in(folder, start=False) as site:
        site.cluster.endpoint.go_down()
        site.bot.launch()

        until(lambda: status_of(site, "/health/live") == 200, what="alive")
        until(lambda: site.workspace.connections, what="the socket")
        assert site.bot.get("/health/ready").json()["missing"] == ["proxmox"]
        assert status_of(site, "/health") == 503

        site.cluster.endpoint.come_back()
        until(lambda: status_of(site, "/health/ready") == 200, within_s=30, what="ready")


def test_without_slack_it_lives_and_is_not_ready_until_slack_is_there(folder):
    with site_in(folder, start=False) as site:
        there = site.bot.settings["SLACK_API_URL"]
        nothing = f"http://127.0.0.1:{free_port()}/api/"
        site.bot.settings["SLACK_API_URL"] = nothing
        site.bot.launch()
        until(lambda: status_of(site, "/health/live") == 200, what="alive")
        until(lambda: "trying on" in site.bot.log(), what="a second try")
        assert status_of(site, "/health/ready") == 503
        assert site.bot.stop() == 0

        site.bot.settings["SLACK_API_URL"] = there
        failing = site.workspace.fail_next("*", 3, status=503)
        site.bot.launch()
        until(lambda: failing.met, what="Slack asked in vain")
        assert status_of(site, "/health/ready") == 503

        until(lambda: status_of(site, "/health/ready") == 200, within_s=30, what="ready")
