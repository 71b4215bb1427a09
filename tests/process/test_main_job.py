"""The whole way, over real wires: people type in Slack, PVE starts a container, people see it."""

from __future__ import annotations

import pytest

from tests.process import main_job

pytestmark = pytest.mark.process


def test_tenants_are_made_by_commands_and_their_operator_starts_a_container(site):
    main_job.start_105(site)


def test_the_other_tenant_learns_nothing_and_changes_nothing(site):
    main_job.ask_for_a_foreign_guest(site)


def test_the_audit_is_whole(site):
    assert site.is_audit_whole()


def test_every_change_has_one_intent_and_one_outcome(site):
    counted = site.rows(
        "SELECT operation_id, SUM(phase = 'intent') AS begun, SUM(phase = 'outcome') AS ended"
        " FROM audit WHERE operation_id IS NOT NULL GROUP BY operation_id"
    )

    assert counted
    assert {(row["begun"], row["ended"]) for row in counted} == {(1, 1)}


def test_slack_has_nothing_to_complain_of(site):
    assert site.workspace.complaints == []
