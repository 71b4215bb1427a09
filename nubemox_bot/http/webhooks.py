"""Proxmox VE's own notifications: `POST /webhooks/proxmox`, for who knows the secret."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Callable
from typing import Final

from fastapi import APIRouter, Request, Response

from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.http.bodies import read_body

log = logging.getLogger("nubemox.http")

PATH: Final = "/webhooks/proxmox"
HEADER: Final = "x-nubemox-secret"
_LARGEST_BODY: Final = 512 * 1024


def webhook_router(secret: str, hear: Callable[[object], bool | None]) -> APIRouter:
    """The one route; there only where a secret is set.

    Args:
        secret: what the header must carry.
        hear: takes a body in, in a thread; False for one that is no notification, None while the
            bot is not up.
    """
    router = APIRouter(tags=["webhooks"])

    @router.post(PATH, summary="Notifications of Proxmox VE", status_code=202)
    async def proxmox(request: Request) -> Response:
        given = request.headers.get(HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return Response("the secret is wrong\n", 401)
        body = await read_body(request, _LARGEST_BODY)
        if body is None:
            return Response("the body is too large\n", 413)
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            return Response("the body is no JSON\n", 400)
        try:
            taken = await asyncio.to_thread(hear, told)
        except NubemoxError as error:
            log.warning("a notification of Proxmox VE could not be taken in: %s", error)
            taken = None
        if taken is None:
            return Response("not now\n", 503, {"retry-after": "10"})
        if not taken:
            return Response("this is no notification of the bot's template\n", 422)
        return Response(status_code=202)

    return router
