"""`bot.py doctor`: each fault with the line that mends it, and an exit status for scripts."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.process.harness import ROOT
from tests.process.site import Site

pytestmark = pytest.mark.process


def examined(site: Site, **differing: str) -> tuple[int, str]:
    """What the command prints beside a bot that runs, and its exit status."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "bot.py"), "doctor"],
        cwd=site.bot.folder,
        env={"PYTHONPATH": str(ROOT), **site.bot.settings, **differing},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


def test_all_is_well(site: Site):
    status, printed = examined(site)

    assert (status, printed.splitlines()[-1]) == (0, "All is well.")
    assert "ok    tenant acme" in printed
    assert "ok    Slack Socket Mode opens" in printed


def test_any_certificate_that_was_chosen_is_noted_and_is_no_fault(site: Site):
    status, printed = examined(site, PROXMOX_VERIFY_SSL="false", PROXMOX_CA_FILE="")

    assert (status, printed.splitlines()[-1]) == (0, "All is well.")
    assert "note  PROXMOX_VERIFY_SSL is false: any certificate is accepted" in printed


def test_what_is_missing_in_pve_comes_with_the_line_that_makes_it(site: Site):
    roles = site.cluster.access.roles
    kept = roles.pop("NubemoxTenant")
    try:
        status, printed = examined(site)
    finally:
        roles["NubemoxTenant"] = kept

    assert status == 1
    assert "FAULT role NubemoxTenant is missing" in printed
    assert '-> pveum role add NubemoxTenant -privs "' in printed


def test_a_token_that_slack_refuses_and_a_cluster_that_is_away_are_both_named(site: Site):
    status, printed = examined(
        site, SLACK_BOT_TOKEN="xoxb-not-this-one", PROXMOX_HOST="127.0.0.1:1"
    )

    assert status == 1
    assert "FAULT Slack refuses SLACK_BOT_TOKEN: invalid_auth" in printed
    assert "FAULT Proxmox VE: " in printed
    assert printed.splitlines()[-1].endswith("faults.")
