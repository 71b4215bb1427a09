"""A TLS server that misbehaves to order, byte by byte, where the simulated cluster is polite."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

Behaviour = Callable[["Connection"], None]


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: str


class Connection:
    """One accepted connection; `tls` wraps it when the behaviour wants to talk."""

    def __init__(self, stub: WireStub, sock: socket.socket) -> None:
        self._stub = stub
        self.sock: socket.socket = sock

    def hang(self) -> None:
        """Say nothing until the stub goes down."""
        self._stub.over.wait()

    def tls(self) -> None:
        self.sock = self._stub.context.wrap_socket(self.sock, server_side=True)

    def read(self) -> Request | None:
        """The next request on this connection; None when the client has hung up."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.sock.recv(65536)
            if not piece:
                return None
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)
        }
        while len(body) < int(headers.get("content-length", 0)):
            body += self.sock.recv(65536)
        method, target, _ = first.split(" ", 2)
        request = Request(method, target, headers, body.decode())
        self._stub.requests.append(request)
        return request

    def send(
        self,
        status: int = 200,
        reason: str = "OK",
        body: bytes | None = None,
        *,
        data: object = None,
        headers: str = "",
        promise: int | None = None,
    ) -> None:
        """Answer; `promise` is a Content-Length that may be more than what comes."""
        content = json.dumps({"data": data}).encode() if body is None else body
        length = len(content) if promise is None else promise
        head = f"HTTP/1.1 {status} {reason}\r\nContent-Length: {length}\r\n{headers}\r\n"
        self.sock.sendall(head.encode("latin-1") + content)

    def reset(self) -> None:
        """Close with a TCP reset, as a crashed worker's kernel does."""
        with contextlib.suppress(OSError):
            linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.sock.close()


def polite(connection: Connection) -> None:
    """Answer everything on a connection with its target."""
    connection.tls()
    while request := connection.read():
        connection.send(data=request.target)


@dataclass
class WireStub:
    """Each new connection gets the next behaviour; the last one stays for all that follow."""

    certificate: tuple[str, str]
    behaviours: list[Behaviour] = field(default_factory=lambda: [polite])
    requests: list[Request] = field(default_factory=list)
    accepted: int = 0

    def __post_init__(self) -> None:
        self.over = threading.Event()
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(*self.certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, name="wire-stub", daemon=True).start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def will(self, *behaviours: Behaviour) -> WireStub:
        self.behaviours[:] = behaviours
        return self

    def close(self) -> None:
        self.over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._open:
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            behaviour = self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]
            self._open.append(sock)
            threading.Thread(target=self._serve, args=(behaviour, sock), daemon=True).start()

    def _serve(self, behaviour: Behaviour, sock: socket.socket) -> None:
        connection = Connection(self, sock)
        with contextlib.suppress(OSError):
            behaviour(connection)
        with contextlib.suppress(OSError):
            connection.sock.close()
