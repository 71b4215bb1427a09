"""Consoles of guests: a ticket for one connection, and the websocket that it opens.

Tickets and passwords stay in here and in whoever relays the bytes; no browser gets one.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp

from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.log import hide
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import PveSlow, PveUnintelligible, PveUnreachable
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.pve.paths import PvePath, guest_path

# PVE waits so long for the connection that a ticket is for (PVE: qemu-server and pve-container).
CONNECT_WITHIN_S: Final = 9.0
LARGEST_FRAME: Final = 1024 * 1024
_PACKAGE: Final = "pve-container"
_TOKENS_SINCE: Final = {6: (6, 1, 3), 5: (5, 3, 4)}
"""From these versions on, by major one, a container's terminal takes API tokens."""
_REMEMBERED_S = 600.0


@dataclass(frozen=True, slots=True)
class ConsoleTicket:
    """What PVE gives for one connection, to the host that gave it and to no other."""

    host: str
    path: str
    is_terminal: bool
    user: str
    port: int
    ticket: str = field(repr=False)
    password: str = field(repr=False)


class PveConsoles:
    """Opens consoles with whatever client is given: the tenant's own token, as a rule.

    Args:
        client: the bot's own, which may read the versions of a node's packages.
    """

    def __init__(self, client: PveClient) -> None:
        self._client = client
        self._takes_tokens: dict[str, tuple[float, bool]] = {}

    def has_terminal(self, guest: Guest) -> bool:
        """Whether a guest's console is a terminal: a container's where PVE lets tokens have one."""
        return guest.kind is GuestKind.LXC and self._terminals_take_tokens(guest.node)

    def ticket(self, client: PveClient, guest: Guest, *, is_terminal: bool) -> ConsoleTicket:
        """Ask for a console, as a terminal or as a screen.

        Raises:
            PveForbidden: the client's token has no such right on it.
            GuestConfigMissing: it is not on that node (any more).
        """
        word = "termproxy" if is_terminal else "vncproxy"
        given: dict[str, object] = {} if is_terminal else {"websocket": True}
        if guest.kind is GuestKind.QEMU:
            # Before qemu-server 9.1.7 the password is the ticket unless one is asked for.
            given["generate-password"] = True
        answered = client.open_at(guest_path(guest, word), **given)
        return _ticket(answered.data, answered.host, guest, is_terminal=is_terminal)

    def _terminals_take_tokens(self, node: str) -> bool:
        """Whether pve-container on the node is new enough; unknown is no, and a screen will do."""
        known = self._takes_tokens.get(node)
        if known is not None and time.monotonic() - known[0] < _REMEMBERED_S:
            return known[1]
        path = PvePath.to("/nodes/{node}/apt/versions", node=node)
        try:
            takes = _takes_tokens(self._client.get(path))
        except NubemoxError:
            return False
        self._takes_tokens[node] = (time.monotonic(), takes)
        return takes

    @staticmethod
    async def connect(
        client: PveClient, ticket: ConsoleTicket, session: aiohttp.ClientSession
    ) -> aiohttp.ClientWebSocketResponse:
        """Open the websocket that a ticket is for.

        Raises:
            PveUnreachable, PveSlow: it does not open.
        """
        query = urlencode({"port": ticket.port, "vncticket": ticket.ticket})
        try:
            return await session.ws_connect(
                f"wss://{ticket.host}/api2/json{ticket.path}?{query}",
                headers={"Authorization": client.authorization()},
                protocols=("binary",),
                ssl=client.tls,
                max_msg_size=LARGEST_FRAME,
                timeout=aiohttp.ClientWSTimeout(ws_close=2),
                heartbeat=None,
            )
        except TimeoutError:
            raise PveSlow from None
        except aiohttp.ClientError:
            # Its words hold the address, and that the ticket.
            raise PveUnreachable from None


def _ticket(data: Any, host: str, guest: Guest, *, is_terminal: bool) -> ConsoleTicket:
    try:
        secret = str(data["ticket"])
        password = str(data.get("password") or secret)
        hide(secret, password)
        return ConsoleTicket(
            host=host,
            path=str(guest_path(guest, "vncwebsocket")),
            is_terminal=is_terminal,
            user=str(data["user"]),
            port=int(data["port"]),
            ticket=secret,
            password=password,
        )
    except (KeyError, TypeError, ValueError):
        raise PveUnintelligible from None


def _takes_tokens(packages: Any) -> bool:
    for package in packages or ():
        if package.get("Package") == _PACKAGE:
            text = str(package.get("OldVersion") or package.get("Version") or "")
            version = tuple(int(number) for number in re.findall(r"\d+", text)[:3])
            needed = _TOKENS_SINCE.get(version[0]) if version else None
            return (
                version >= needed if needed else bool(version) and version[0] > max(_TOKENS_SINCE)
            )
    return False
