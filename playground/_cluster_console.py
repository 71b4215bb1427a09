# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""Consoles that answer: a screen that shows each key as a patch, a terminal that echoes."""

import secrets
import time
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import WSMsgType, web
from fakepve import PveError
from fakepve.server import USER, params

from playground._cluster_gate import Gate, answered
from playground._cluster_screen import Screen

_FIRST_PORT: Final = 5900


@dataclass(frozen=True)
class _Ticket:
    """What opens one console, once; a screen's has a password."""

    text: str
    user: str
    issued: float
    password: str | None


class ConsoleRoutes(Gate):
    """vncproxy, termproxy and vncwebsocket of both kinds of guest."""

    certificate: str = ""
    container_package = "6.1.10"
    """Which pve-container the nodes have: it decides whether a terminal takes a token."""

    def _lxc_routes(self, router: web.UrlDispatcher, node: str) -> None:
        super()._lxc_routes(router, node)
        ct = node + "/lxc/{vmid}"
        router.add_post(ct + "/vncproxy", self._vncproxy)
        router.add_post(ct + "/termproxy", self._termproxy)
        router.add_get(ct + "/vncwebsocket", self._vncwebsocket)
        router.add_get(node + "/apt/versions", self._package_versions)

    async def _package_versions(self, _request: web.Request) -> web.Response:
        """The packages of a node, as far as anybody here asks for them."""
        installed = {"pve-manager": "9.2.11", "pve-container": self.container_package}
        return answered(
            [
                {"Package": name, "OldVersion": version, "CurrentState": "Installed"}
                for name, version in installed.items()
            ]
        )

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
        """A ticket for one connection; each has a port of its own, so a guest may have several."""
        guest, user = self._vm(request), request[USER]
        given = _Ticket(
            text=f"PVEVNC:{secrets.token_hex(8)}",
            user=user,
            issued=time.time(),
            password=secrets.token_hex(4) if rfb else None,
        )
        waiting: dict[str, _Ticket] = vars(guest).setdefault("console_tickets", {})
        port = _FIRST_PORT + len(waiting)
        waiting[given.text] = given

        async def body() -> None:
            """The proxy waits for its one connection; here it needs no waiting."""

        kind = "vncproxy" if rfb else "termproxy"
        told = {
            "ticket": given.text,
            "port": port,
            "user": user,
            "upid": await self.task(guest.node, kind, guest.vmid, user, body),
        }
        if rfb:
            told |= {"password": given.password, "cert": self.certificate}
        return answered(told)

    def _taken(self, request: web.Request, guest: Any) -> "_Ticket":
        """Use a ticket up: it is for one connection of who asked for it, and soon."""
        waiting: dict[str, _Ticket] = vars(guest).get("console_tickets", {})
        ticket = waiting.pop(request.query.get("vncticket", ""), None)
        if (
            ticket is None
            or ticket.user != request[USER]
            or time.time() - ticket.issued > self.vnc_ticket_ttl
        ):
            raise PveError(401, "permission denied - invalid PVEVNC ticket")
        return ticket

    async def _vncwebsocket(self, request: web.Request) -> web.StreamResponse:
        guest = self._vm(request, "VM.Console" if "/qemu/" in request.path else None)
        ticket = self._taken(request, guest)
        websocket = web.WebSocketResponse(protocols=("binary",))
        await websocket.prepare(request)
        guest.console_keys = getattr(guest, "console_keys", [])
        guest.consoles_open = getattr(guest, "consoles_open", 0) + 1
        try:
            if ticket.password is not None:
                await Screen(websocket, guest.name, guest.console_keys).serve(ticket.password)
            else:
                await self._terminal(websocket, guest, f"{ticket.user}:{ticket.text}\n")
        except ConnectionError:
            pass  # the other side is gone
        finally:
            guest.consoles_open -= 1
        await websocket.close()
        return websocket

    async def _terminal(self, websocket: web.WebSocketResponse, guest: Any, login: str) -> None:
        """Termproxy's protocol, with a shell behind it that only repeats what it is told."""
        hello = await websocket.receive()
        if hello.type is not WSMsgType.TEXT or hello.data != login:
            return
        prompt = f"root@{guest.name}:~# "
        await websocket.send_bytes(b"OK")
        await websocket.send_bytes(f"Linux {guest.name}\r\n\r\n{prompt}".encode())
        async for frame in websocket:
            if frame.type is not WSMsgType.TEXT:
                return
            kind, _, rest = frame.data.partition(":")
            if kind == "1":
                guest.console_size = tuple(map(int, rest.split(":")[:2]))
            if kind != "0":
                continue
            length, _, keys = rest.partition(":")
            if int(length) != len(keys.encode()):
                return
            guest.console_keys.append(keys)
            await websocket.send_bytes(keys.replace("\r", f"\r\n{prompt}").encode())
