"""A TCP line to a Unix socket that a test can cut and mend, as a network between two machines."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from types import TracebackType
from typing import Self

from sqlalchemy.engine import URL, make_url


class Cable:
    """Carries a database's traffic; whoever is cut off gets connections refused or no answer."""

    def __init__(self, url: str) -> None:
        self._target = make_url(url)
        self._flowing = threading.Event()
        self._listener: socket.socket | None = None
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._lock = threading.Lock()
        self._port = 0

    @property
    def url(self) -> str:
        """The same database, through this cable."""
        here = self._target.set(host="127.0.0.1", port=self._port, query={})
        return here.render_as_string(hide_password=False)

    def cut(self) -> None:
        """Break every connection and refuse new ones."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        with self._lock:
            for one in list(self._pairs):
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Take connections again, at the same address."""
        self._flowing.set()
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def freeze(self) -> None:
        """Carry nothing any more, and tell nobody."""
        self._flowing.clear()

    def __enter__(self) -> Self:
        self.mend()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._flowing.set()
        self.cut()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        far = _connect(self._target)
        with self._lock:
            self._pairs |= {near: far, far: near}
        with near, far, selectors.DefaultSelector() as ready, contextlib.suppress(OSError):
            ready.register(near, selectors.EVENT_READ)
            ready.register(far, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    here = key.fileobj
                    assert isinstance(here, socket.socket)
                    data = here.recv(65536)
                    if not data:
                        raise ConnectionResetError
                    self._flowing.wait()
                    self._pairs[here].sendall(data)
        with self._lock:
            self._pairs.pop(near, None)
            self._pairs.pop(far, None)


def _connect(target: URL) -> socket.socket:
    folder = target.query.get("host")
    if isinstance(folder, str):
        there = socket.socket(socket.AF_UNIX)
        there.connect(f"{folder}/.s.PGSQL.{target.port or 5432}")
        return there
    return socket.create_connection((target.host or "127.0.0.1", target.port or 5432))
