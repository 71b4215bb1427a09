# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""Consoles of containers too: fakepve serves those of VMs, and containers go the same way."""

import secrets
from typing import Any

from aiohttp import web
from fakepve.server import USER, params

from playground._cluster_gate import Gate, answered


class ConsoleRoutes(Gate):
    """vncproxy, termproxy and vncwebsocket of both kinds of guest."""

    certificate: str = ""

    def _lxc_routes(self, router: web.UrlDispatcher, node: str) -> None:
        super()._lxc_routes(router, node)
        ct = node + "/lxc/{vmid}"
        router.add_post(ct + "/vncproxy", self._vncproxy)
        router.add_post(ct + "/termproxy", self._termproxy)
        router.add_get(ct + "/vncwebsocket", self._vncwebsocket)

    def _vm(self, request: web.Request, priv: str | None = None) -> Any:
        """The guest of a path; fakepve knows only VMs here."""
        if "/lxc/" not in request.path:
            return super()._vm(request, priv)
        return self._find_ct(request.match_info["node"], request.match_info["vmid"])

    async def _vncproxy(self, request: web.Request) -> web.Response:
        # The password is given for every websocket since qemu-server 9.1.7.
        websocket = bool((await params(request)).get("websocket"))
        return await self._console(request, rfb=websocket)

    async def _termproxy(self, request: web.Request) -> web.Response:
        return await self._console(request, rfb=False)

    async def _console(self, request: web.Request, *, rfb: bool) -> web.Response:
        guest, user = self._vm(request), request[USER]
        self._issue_vnc_ticket(request, guest, rfb)
        guest.vncpassword = secrets.token_hex(4) if rfb else None

        async def body() -> None:
            """The proxy waits for its one connection; here it needs no waiting."""

        kind = "vncproxy" if rfb else "termproxy"
        told = {
            "ticket": guest.vncticket,
            "port": 5900,
            "user": user,
            "upid": await self.task(guest.node, kind, guest.vmid, user, body),
        }
        if rfb:
            told |= {"password": guest.vncpassword, "cert": self.certificate}
        return answered(told)
