"""What comes by HTTP: a request for Bolt, or nothing that Slack would send."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

log = logging.getLogger("nubemox.slack")


def request_of(headers: Mapping[str, str], body: bytes) -> AsyncBoltRequest | None:
    """The POST as Bolt takes it; None when its body is no form and no JSON object."""
    text = body.decode("utf-8", "replace")
    try:
        return AsyncBoltRequest(body=text, headers={k: [v] for k, v in headers.items()})
    except (ValueError, AttributeError):
        # Bolt reads the body before it looks at the signature.
        return None


def refusal(signing_secret: str, headers: Mapping[str, str], body: bytes) -> int:
    """How such a body is refused: 400 to who may knock, 401 to everybody else."""
    lowered = {name.lower(): value for name, value in headers.items()}
    try:
        is_slack = SignatureVerifier(signing_secret).is_valid_request(body, lowered)
    except ValueError:
        is_slack = False
    return 400 if is_slack else 401


async def answer_of(bolt: AsyncApp, request: AsyncBoltRequest) -> BoltResponse:
    """What Bolt makes of it; 400 for a payload that lacks what every one of its kind has."""
    try:
        response: BoltResponse = await bolt.async_dispatch(request)
    except (LookupError, TypeError, AttributeError) as error:
        # Bolt looks for the listener before any of ours is asked; the content is never logged.
        log.warning("a payload is refused, it lacks something: %s", type(error).__name__)
        return BoltResponse(status=400)
    return response
