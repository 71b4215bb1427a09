"""A server that answers from a script, and what the tests of the services ask it about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nubemox_bot.pve.figures import PveVersion
from nubemox_bot.pve.model import Guest, GuestKind
from tests.pve.wire_stub import Connection, Request, WireStub

MakeStub = Callable[[], WireStub]
UPID = "UPID:pve1:0002F1A4:01A2B3C4:67420000:qmstart:100:nubemox@pve!bot:"
GUEST = Guest(vmid=100, kind=GuestKind.QEMU, name="web", node="pve1")


class Scripted:
    """A server that answers from a list of (status, reason, data), the last one for ever."""

    def __init__(self, stub: WireStub, *answers: Any) -> None:
        self._answers = list(answers)
        self.stub = stub
        stub.will(self._serve)

    def _serve(self, connection: Connection) -> None:
        connection.tls()
        while connection.read():
            answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
            if isinstance(answer, tuple):
                connection.send(answer[0], answer[1], b'{"data":null}')
            else:
                connection.send(data=answer)

    @property
    def requests(self) -> list[Request]:
        return self.stub.requests


class Version:
    def __init__(self, text: str) -> None:
        self._version = PveVersion.from_row({"version": text})

    def version(self) -> PveVersion:
        return self._version
