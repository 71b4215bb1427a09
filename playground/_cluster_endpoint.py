# SPDX-License-Identifier: MIT
"""An address of the simulated cluster: it can refuse, or take a connection and never answer."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from aiohttp import web

HOST = "127.0.0.1"
PATIENCE_S = 30.0

T = TypeVar("T")


class Loop:
    """An event loop on a thread of its own."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        return self._loop is not None

    def start(self) -> None:
        loop = self._loop = asyncio.new_event_loop()

        def serve() -> None:
            asyncio.set_event_loop(loop)
            loop.run_forever()

        self._thread = threading.Thread(target=serve, name="playground-pve", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something on the loop and wait for its end, from another thread."""
        if self._loop is None:
            work.close()
            raise RuntimeError("the cluster has not been started")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    def stop(self) -> None:
        if self._loop is None or self._thread is None:
            return
        self.run(_settle(self._loop))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()
        self._loop = None


async def _settle(loop: asyncio.AbstractEventLoop) -> None:
    """Let what was closed just now come to its end, so that nothing is left open."""
    await loop.shutdown_default_executor()
    for _ in range(5):
        await asyncio.sleep(0)


class Endpoint:
    """One host:port. Several of them lead to the same cluster and fail apart from each other."""

    def __init__(
        self,
        loop: Loop,
        listener: Callable[[], web.AppRunner],
        certificate: tuple[str, str],
        port: int = 0,
    ) -> None:
        self._loop = loop
        self._listener = listener
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(*certificate)
        self._runner: web.AppRunner | None = None
        self._mute: asyncio.Server | None = None
        self._silent: set[asyncio.StreamWriter] = set()
        self.port = port
        self.come_back()

    @property
    def host(self) -> str:
        """`127.0.0.1:PORT`, as it stands in a list of hosts."""
        return f"{HOST}:{self.port}"

    @property
    def url(self) -> str:
        return f"https://{self.host}"

    def go_down(self) -> None:
        """Refuse connections, and cut those that are open."""
        self._loop.run(self._close())

    def come_back(self) -> None:
        """Answer on the same port as before."""
        self._loop.run(self._open())

    def hang(self) -> None:
        """Take connections and never say a word, not even TLS's."""
        self._loop.run(self._open_mute())

    async def _open(self) -> None:
        await self._close()
        self._runner = self._listener()
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self.port, ssl_context=self._tls).start()
        self.port = int(self._runner.addresses[0][1])

    async def _open_mute(self) -> None:
        await self._close()

        async def listen(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._silent.add(writer)

        self._mute = await asyncio.start_server(listen, HOST, self.port)

    async def _close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._mute is not None:
            self._mute.close()
        for writer in self._silent:
            writer.transport.abort()
        self._silent.clear()
        self._runner = self._mute = None
