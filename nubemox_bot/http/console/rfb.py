"""VNC's first words (RFC 6143, section 7.1), spoken by the server on both sides.

Towards PVE it answers the challenge with the password; towards the browser it asks for none. What
follows is relayed as it is.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Awaitable, Callable
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.modes import ECB

from nubemox_bot.consoles.errors import ScreenRefused

VERSION: Final = b"RFB 003.008\n"
_VERSION_LENGTH = 12
_NONE, _VNC_AUTHENTICATION = 1, 2
_CHALLENGE_LENGTH = 16
_PASSWORD_LENGTH = 8
_LONGEST_REASON = 4096

# What the person does, by the first byte of a message: keys, pointer, clipboard, keys by scancode.
_INPUT: Final = frozenset({4, 5, 6, 255})


class Gone(Exception):
    """The other side closed the connection."""


class Stream:
    """Messages put back into one stream of bytes."""

    def __init__(self, receive: Callable[[], Awaitable[bytes]]) -> None:
        self._receive = receive
        self._kept = b""

    async def read(self, size: int) -> bytes:
        """So many bytes, waited for."""
        while len(self._kept) < size:
            self._kept += await self._receive()
        taken, self._kept = self._kept[:size], self._kept[size:]
        return taken

    @property
    def rest(self) -> bytes:
        """What came beyond what was read."""
        return self._kept


async def log_in(stream: Stream, send: Callable[[bytes], Awaitable[None]], password: str) -> None:
    """Be the client of PVE's VNC server, until it has let us in.

    Raises:
        ScreenRefused: it does not, or is no VNC server of version 3.8.
    """
    version = await stream.read(_VERSION_LENGTH)
    if not version.startswith(b"RFB 003.") or version < VERSION:
        raise ScreenRefused
    await send(VERSION)
    count = (await stream.read(1))[0]
    kinds = await stream.read(count) if count else b""
    if _VNC_AUTHENTICATION in kinds:
        await send(bytes([_VNC_AUTHENTICATION]))
        await send(response(await stream.read(_CHALLENGE_LENGTH), password))
    elif _NONE in kinds:
        await send(bytes([_NONE]))
    else:
        raise ScreenRefused
    (result,) = struct.unpack(">I", await stream.read(4))
    if result:
        raise ScreenRefused


async def let_in(stream: Stream, send: Callable[[bytes], Awaitable[None]]) -> None:
    """Be a VNC server that asks the browser for no password: its cookie has let it in.

    Raises:
        ScreenRefused: it speaks another version, or wants another way in.
    """
    await send(VERSION)
    if await stream.read(_VERSION_LENGTH) != VERSION:
        raise ScreenRefused
    await send(bytes([1, _NONE]))
    if await stream.read(1) != bytes([_NONE]):
        raise ScreenRefused
    await send(struct.pack(">I", 0))


def response(challenge: bytes, password: str) -> bytes:
    """VNC's answer to a challenge: DES with the password as key, the bits of each byte turned."""
    key = password.encode("latin-1", "replace")[:_PASSWORD_LENGTH].ljust(_PASSWORD_LENGTH, b"\0")
    turned = bytes(int(f"{byte:08b}"[::-1], 2) for byte in key)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # DES is what VNC's servers speak; TLS is around it
        # Three times the same key is DES once.
        cipher = Cipher(TripleDES(turned * 3), ECB())  # noqa: S305
    encryptor = cipher.encryptor()
    return encryptor.update(challenge) + encryptor.finalize()


def is_input(message: bytes) -> bool:
    """Whether somebody is doing something; noVNC sends each message in a frame of its own."""
    return bool(message) and message[0] in _INPUT
