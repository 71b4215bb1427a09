"""What an operator's monitoring asks: is it alive, can it serve, what is wrong.

Nothing here names a guest, a tenant, a pool or a person.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

Part = Callable[[], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class HealthParts:
    """Who is asked; each part gives plain data with `"ok": bool` among it.

    Attributes:
        database: may block for as long as the database takes to answer.
    """

    slack: Part
    proxmox: Part
    database: Part
    scheduler: Part
    version: str


def health_router(
    parts: HealthParts, metrics: CollectorRegistry, metrics_token: str | None
) -> APIRouter:
    """`/health`, `/health/live`, `/health/ready` and `/metrics`."""
    router = APIRouter(tags=["health"])

    async def examined() -> dict[str, Mapping[str, Any]]:
        database = await asyncio.to_thread(parts.database)
        return {
            "slack": parts.slack(),
            "proxmox": parts.proxmox(),
            "database": database,
            "scheduler": parts.scheduler(),
        }

    @router.get("/health", summary="How every part is")
    async def health() -> JSONResponse:
        found = await examined()
        ready = _is_ready(found)
        everything = all(part["ok"] for part in found.values())
        status = "ok" if everything else "degraded" if ready else "down"
        return JSONResponse(
            {"status": status, **found, "version": parts.version}, 200 if ready else 503
        )

    @router.get("/health/live", summary="The process answers")
    async def live() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    @router.get("/health/ready", summary="People are served now")
    async def ready() -> JSONResponse:
        found = await examined()
        missing = [name for name in _NEEDED if not found[name]["ok"]]
        if missing:
            return JSONResponse({"status": "down", "missing": missing}, 503)
        return JSONResponse({"status": "ok"})

    @router.get("/metrics", summary="Figures for Prometheus", include_in_schema=False)
    async def metrics_page(request: Request) -> Response:
        if metrics_token:
            given = request.headers.get("authorization", "")
            expected = f"Bearer {metrics_token}"
            if not hmac.compare_digest(given.encode(), expected.encode()):
                return Response("a bearer token is needed\n", 401)
        page = await asyncio.to_thread(generate_latest, metrics)
        return Response(page, media_type=CONTENT_TYPE_LATEST)

    return router


_NEEDED = ("slack", "proxmox", "database")


def _is_ready(found: Mapping[str, Mapping[str, Any]]) -> bool:
    return all(found[name]["ok"] for name in _NEEDED)
