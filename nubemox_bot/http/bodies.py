"""Bodies of requests, of which no more is kept than the route may need."""

from __future__ import annotations

from fastapi import Request


async def read_body(request: Request, most: int) -> bytes | None:
    """The body, or None as soon as it is larger than so many bytes."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > most:
        return None
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            return None
    return bytes(body)
