"""The embedded HTTP server, as the settings want it."""

from __future__ import annotations

from nubemox_bot.http.server import HttpServer
from nubemox_bot.settings import Settings


def http_server(settings: Settings, version: str) -> HttpServer:
    """The server, without its routes."""
    return HttpServer(
        settings.http_host,
        settings.http_port,
        version=version,
        public_url=settings.nubemox_public_url,
        request_within_s=settings.http_request_timeout_s,
        trusted_proxies=settings.http_trusted_proxies,
    )
