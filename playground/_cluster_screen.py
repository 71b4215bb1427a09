# SPDX-License-Identifier: MIT
"""A VNC server (RFC 6143) with a small screen: each key that is pressed becomes a patch."""

import secrets
import struct

from aiohttp import WSMsgType, web
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

WIDTH, HEIGHT, PATCH = 160, 96, 16
BACKGROUND = bytes((0x11, 0x33, 0x55, 0))  # red, green, blue
_PIXELS = struct.pack(">BBBBHHHBBBxxx", 32, 24, 0, 1, 255, 255, 255, 16, 8, 0)
_VERSION = b"RFB 003.008\n"


class Screen:
    """One viewer's connection."""

    def __init__(self, websocket: web.WebSocketResponse, name: str, keys: list[int]) -> None:
        self._websocket = websocket
        self._name = name
        self._keys = keys
        self._stream = b""
        self._pixels = bytearray(BACKGROUND * (WIDTH * HEIGHT))
        self._drawn = 0
        self._shifts = bytes((16, 8, 0))
        self._is_wanted = False
        self._is_new = True

    async def serve(self, password: str) -> None:
        """Let the viewer in, then show the screen until it leaves."""
        if not await self._let_in(password):
            return
        await self._read(1)  # ClientInit
        name = self._name.encode()
        size = struct.pack(">HH", WIDTH, HEIGHT)
        await self._send(size + _PIXELS + struct.pack(">I", len(name)) + name)
        while await self._hear():
            if self._is_wanted and self._is_new:
                await self._show()

    async def _let_in(self, password: str) -> bool:
        await self._send(_VERSION)
        if await self._read(12) != _VERSION:
            return False
        await self._send(b"\x01\x02")
        if await self._read(1) != b"\x02":
            return False
        challenge = secrets.token_bytes(16)
        await self._send(challenge)
        good = await self._read(16) == _answer(challenge, password)
        await self._send(struct.pack(">I", 0 if good else 1))
        return good

    async def _hear(self) -> bool:
        """One message of the viewer's."""
        kind = (await self._read(1))[0]
        match kind:
            case 0:
                self._shifts = (await self._read(19))[13:16]
            case 2:
                (count,) = struct.unpack(">xH", await self._read(3))
                await self._read(4 * count)
            case 3:
                incremental = (await self._read(9))[0]
                self._is_wanted = True
                self._is_new = self._is_new or not incremental
            case 4:
                is_down, key = struct.unpack(">BxxI", await self._read(7))
                self._press(key, is_down)
            case 5:
                await self._read(5)
            case 6:
                (length,) = struct.unpack(">xxxi", await self._read(7))
                await self._read(abs(length))
            case _:
                return False
        return True

    def _press(self, key: int, is_down: int) -> None:
        if not is_down:
            return
        self._keys.append(key)
        across = WIDTH // PATCH
        left, top = (self._drawn % across) * PATCH, (self._drawn // across) * PATCH % HEIGHT
        colour = bytes((0xFF, key * 101 % 256, key * 37 % 256, 0))
        for row in range(top, top + PATCH):
            at = (row * WIDTH + left) * 4
            self._pixels[at : at + PATCH * 4] = colour * PATCH
        self._drawn += 1
        self._is_new = True

    async def _show(self) -> None:
        self._is_wanted = self._is_new = False
        head = struct.pack(">BxH", 0, 1) + struct.pack(">HHHHi", 0, 0, WIDTH, HEIGHT, 0)
        shown = bytearray(len(self._pixels))
        for part, shift in enumerate(self._shifts):
            shown[shift // 8 :: 4] = self._pixels[part::4]
        await self._send(head + bytes(shown))

    async def _read(self, size: int) -> bytes:
        while len(self._stream) < size:
            frame = await self._websocket.receive()
            if frame.type is not WSMsgType.BINARY:
                raise ConnectionError("the viewer is gone")
            self._stream += frame.data
        data, self._stream = self._stream[:size], self._stream[size:]
        return data

    async def _send(self, data: bytes) -> None:
        await self._websocket.send_bytes(data)


def _answer(challenge: bytes, password: str) -> bytes:
    key = bytes(int(f"{byte:08b}"[::-1], 2) for byte in password.encode()[:8].ljust(8, b"\0"))
    encryptor = Cipher(TripleDES(key * 3), modes.ECB()).encryptor()
    return encryptor.update(challenge) + encryptor.finalize()
