"""How a console ends, with a clock that runs fast."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import aiohttp
import pytest

from nubemox_bot.consoles.errors import ScreenRefused
from nubemox_bot.consoles.model import Ending
from nubemox_bot.http.console import rfb, terminal
from nubemox_bot.http.console.relay import Limits, Relay


class Pve:
    """PVE's side: a VNC server that has let everybody in."""

    def __init__(self, *frames: bytes) -> None:
        self.frames: asyncio.Queue[bytes] = asyncio.Queue()
        for frame in frames:
            self.frames.put_nowait(frame)
        self.heard: list[bytes | str] = []
        self.closed = False

    async def receive(self) -> aiohttp.WSMessage:
        frame = await self.frames.get()
        if not frame:
            self.closed = True
            return aiohttp.WSMessage(aiohttp.WSMsgType.CLOSED, None, None)
        return aiohttp.WSMessage(aiohttp.WSMsgType.BINARY, frame, None)

    async def send_bytes(self, data: bytes) -> None:
        self.heard.append(data)

    async def send_str(self, data: str) -> None:
        self.heard.append(data)


class Browser:
    def __init__(self, *frames: bytes | str | None) -> None:
        self.frames: asyncio.Queue[bytes | str | None] = asyncio.Queue()
        for frame in frames:
            self.frames.put_nowait(frame)
        self.heard: list[bytes] = []

    async def receive(self) -> dict[str, object]:
        frame = await self.frames.get()
        if frame is None:
            return {"type": "websocket.disconnect"}
        name = "text" if isinstance(frame, str) else "bytes"
        return {"type": "websocket.receive", name: frame}

    async def send_bytes(self, data: bytes) -> None:
        self.heard.append(data)


CHALLENGE = bytes(range(16))
LETS_IN = (rfb.VERSION, b"\x01\x02", CHALLENGE, b"\x00\x00\x00\x00")
COMES_IN = (rfb.VERSION, b"\x01")


def relay(
    pve: Pve, browser: Browser, *, may: bool = True, left_s: float = 5, **limits: float
) -> Relay:
    async def still_may() -> bool:
        return may

    return Relay(browser, pve, Limits(**limits), still_may=still_may, left_s=left_s)  # type: ignore[arg-type]


def run(work: Coroutine[Any, Any, Ending]) -> Ending:
    async def within() -> Ending:
        async with asyncio.timeout(10):
            return await work

    return asyncio.run(within())


def test_the_password_is_spoken_by_the_server_and_the_browser_needs_none():
    pve, browser = Pve(*LETS_IN, b"pixels"), Browser(*COMES_IN, b"\x01", None)

    ending = run(relay(pve, browser).screen("secret12"))

    assert ending is Ending.BROWSER_LEFT
    assert pve.heard[:3] == [rfb.VERSION, b"\x02", rfb.response(CHALLENGE, "secret12")]
    assert browser.heard[:3] == [rfb.VERSION, b"\x01\x01", b"\x00\x00\x00\x00"]


def test_the_answer_to_a_challenge_is_what_vnc_servers_expect():
    """The worked example of DES everywhere, its key written as a password with the bits turned."""
    password = bytes([0xC8, 0x2C, 0xEA, 0x9E, 0xD9, 0x3D, 0xFB, 0x8F]).decode("latin-1")
    block, cipher = bytes.fromhex("0123456789ABCDEF"), bytes.fromhex("85E813540F0AB405")

    assert rfb.response(block * 2, password) == cipher * 2


@pytest.mark.parametrize(
    "frames",
    [
        (b"HTTP/1.1 400\r\n\r\n",),
        (b"RFB 003.003\n",),
        (rfb.VERSION, b"\x01\x13"),
        (rfb.VERSION, b"\x00"),
        (rfb.VERSION, b"\x01\x02", CHALLENGE, b"\x00\x00\x00\x01"),
    ],
)
def test_a_screen_that_does_not_open_is_told_so(frames):
    with pytest.raises(ScreenRefused):
        run(relay(Pve(*frames, b"padding to be read"), Browser(*COMES_IN)).screen("secret12"))


def test_a_screen_in_small_pieces_opens_too():
    whole = b"".join(LETS_IN)
    pve = Pve(*(whole[at : at + 1] for at in range(len(whole))))

    ending = run(relay(pve, Browser(*COMES_IN, b"\x01", None)).screen("secret12"))

    assert ending is Ending.BROWSER_LEFT


def test_it_ends_when_nobody_does_anything():
    async def watching() -> Ending:
        browser = Browser(*COMES_IN, b"\x01")
        running = asyncio.create_task(relay(Pve(*LETS_IN), browser, idle_s=0.3).screen("secret12"))
        for _ in range(4):  # noVNC asks for pictures all the time, which is no sign of a person
            await asyncio.sleep(0.05)
            browser.frames.put_nowait(b"\x03" + bytes(9))
        return await running

    assert run(watching()) is Ending.IDLE


def test_somebody_who_types_is_not_idle():
    async def typing() -> Ending:
        browser = Browser(*COMES_IN, b"\x01")
        running = asyncio.create_task(
            relay(Pve(*LETS_IN), browser, idle_s=0.3, left_s=10).screen("secret12")
        )
        for _ in range(6):
            await asyncio.sleep(0.1)
            browser.frames.put_nowait(b"\x04\x01\x00\x00\x00\x00\x00\x61")
        assert not running.done()
        browser.frames.put_nowait(None)
        return await running

    assert run(typing()) is Ending.BROWSER_LEFT


def test_it_ends_when_its_time_is_over():
    ending = run(relay(Pve(*LETS_IN), Browser(*COMES_IN, b"\x01"), left_s=0.2).screen("secret12"))

    assert ending is Ending.TOO_LONG


def test_it_ends_when_the_role_is_lost():
    browser = Browser(*COMES_IN, b"\x01")

    ending = run(relay(Pve(*LETS_IN), browser, may=False, look_s=0.1).screen("secret12"))

    assert ending is Ending.ROLE_LOST


def test_it_ends_when_the_guest_leaves():
    ending = run(relay(Pve(*LETS_IN, b""), Browser(*COMES_IN, b"\x01")).screen("secret12"))

    assert ending is Ending.GUEST_LEFT


def test_a_terminal_is_logged_in_by_the_server():
    pve = Pve(b"OKLinux")
    browser = Browser("ls é".encode(), '{"columns": 80, "rows": 24}', "{}", "nonsense", None)

    ending = run(relay(pve, browser).terminal("t-acme@pve!nubemox", "PVEVNC:1"))

    assert ending is Ending.BROWSER_LEFT
    assert pve.heard == ["t-acme@pve!nubemox:PVEVNC:1\n", "0:5:ls é", "1:80:24:"]
    assert browser.heard == [b"Linux"]


def test_a_long_text_is_pasted_in_frames_that_pve_takes():
    pve, browser = Pve(b"OK"), Browser("é".encode() * 40_000, None)

    run(relay(pve, browser).terminal("somebody", "ticket"))

    frames = [str(one) for one in pve.heard[1:]]
    assert max(len(one.encode()) for one in frames) < 128 * 1024
    assert "".join(one.split(":", 2)[2] for one in frames) == "é" * 40_000
    for one in frames:
        assert int(one.split(":", 2)[1]) == len(one.split(":", 2)[2].encode())


def test_a_large_message_reaches_a_screen_in_parts():
    message = b"\x06" + bytes(200_000)
    pve, browser = Pve(*LETS_IN), Browser(*COMES_IN, b"\x01", message, None)

    run(relay(pve, browser).screen("secret12"))

    parts = [bytes(one) for one in pve.heard[4:] if isinstance(one, bytes)]
    assert b"".join(parts) == message
    assert max(map(len, parts)) <= 64 * 1024


def test_a_terminal_that_is_refused_is_told_so():
    with pytest.raises(ScreenRefused):
        run(relay(Pve(b"no"), Browser()).terminal("somebody", "nothing"))


def test_sizes_that_make_no_sense_are_not_passed_on():
    for said in ("", "[]", '{"columns": 0, "rows": 1}', '{"columns": 1e9, "rows": 1}', "null"):
        assert terminal.resized(said) is None
