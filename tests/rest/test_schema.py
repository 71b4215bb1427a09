"""Calls made up from the schema itself: no fault of ours, and nothing that it does not tell."""

from __future__ import annotations

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from nubemox_bot.http.rest.app import install_rest
from nubemox_bot.http.rest.edge import RestEdge
from nubemox_bot.http.server import HttpServer
from tests.rest.conftest import PLACES, PREFIX, RestStage

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def _schema():
    from nubemox_bot.core.clock import SystemClock

    server = HttpServer("127.0.0.1", 0, version="0")
    install_rest(server.api, RestEdge(lambda: None, SystemClock()), ())
    return schemathesis.openapi.from_dict(server.api.openapi())


SCHEMA = _schema()


@schemathesis.hook
def before_call(context, case, kwargs):
    """Every call comes from another place, so that no 429 hides what is behind it."""
    del context, kwargs
    case.headers = {**(case.headers or {}), "X-Forwarded-For": str(next(PLACES))}


OPERATIONS = [
    found.ok() for found in SCHEMA.get_all_operations() if found.ok().path.startswith(PREFIX)
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.method} {one.path}")
def test_made_up_calls_are_answered_as_documented(serving: RestStage, operation):
    tokens = [serving.program("olga").token, serving.program("carla").token, "nonsense"]

    @settings(
        max_examples=15,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), token=st.sampled_from(tokens))
    def called(case, token):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}
        response = case.call(base_url=serving.base, timeout=30)
        if response.status_code == 429:
            serving.forget_tokens()
            return
        case.validate_response(response, checks=CHECKS)

    called()
    assert requests.get(f"{serving.base}/health/live", timeout=5).ok
