"""One call of a program, from its token to its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from nubemox_bot.approvals.model import Request as Wished
from nubemox_bot.approvals.model import Submitted
from nubemox_bot.core.actor import Actor, Origin
from nubemox_bot.core.turn import Turn
from nubemox_bot.core.workers import Workers
from nubemox_bot.http.rest.parts import RestParts, RestServices
from nubemox_bot.http.rest.shapes import answer, asked, begun, encoded, found, request_link
from nubemox_bot.operations.model import Operation
from nubemox_bot.tokens.model import Token

T = TypeVar("T")


@dataclass(slots=True)
class Call:
    """Who asks, and the turn that the audit and the operations of this call belong to.

    Routes are given one, and hand their blocking work to it.
    """

    request: Request
    parts: RestParts
    crew: Workers
    token: Token
    actor: Actor
    turn_id: str

    @property
    def services(self) -> RestServices:
        """What routes may use."""
        return self.parts.services

    async def read(self, work: Callable[[], Mapping[str, Any] | bytes]) -> Response:
        """Answer with what there is; 304 when the client has it already."""
        body = await self.crew.run(lambda: _encoded(work()))
        return found(body, self.request.headers.get("if-none-match"))

    async def look(self, work: Callable[[], Mapping[str, Any]]) -> Response:
        """Answer with what is so at this moment, which nobody may keep."""
        body = await self.crew.run(lambda: encoded(work()))
        return Response(body, headers={"Cache-Control": "no-store"}, media_type="application/json")

    async def change(self, work: Callable[[], Operation]) -> Response:
        """Begin an operation in a turn of its own; the caller follows it by its link."""
        operation = await self.crew.run(lambda: self._in_turn(work))
        return answer(begun(operation, self.parts.public_url), 202)

    async def ask(self, work: Callable[[], Submitted]) -> Response:
        """Ask for something that may need an approval, in a turn of its own."""
        submitted = await self.crew.run(lambda: self._in_turn(work))
        return answer(asked(submitted, self.parts.public_url), 202)

    async def decide(self, work: Callable[[], Wished]) -> Response:
        """Change a request, in a turn of its own; the caller follows it by its link."""
        request = await self.crew.run(lambda: self._in_turn(work))
        link = request_link(request, self.parts.public_url)
        return answer({"data": {"request": link}}, 202)

    async def settle(self, work: Callable[[], Mapping[str, Any]]) -> Response:
        """Change what needs nothing of Proxmox VE, and answer with how it is now."""
        return answer(await self.crew.run(lambda: self._in_turn(work)))

    def _in_turn(self, work: Callable[[], T]) -> T:
        request = self.request
        self.parts.turns.keep(
            Turn(
                id=self.turn_id,
                key=self.turn_id,
                team_id=self.actor.team_id,
                user_id=self.actor.user_id,
                origin=Origin.REST,
                words=f"{request.method} {request.url.path}",
                channel_id="",
                received_at=self.parts.clock.now(),
            )
        )
        return work()


def call_of(request: Request) -> Call:
    """The call that the edge has let in; a dependency of every route."""
    call = request.state.call
    if not isinstance(call, Call):
        raise TypeError("not let in by the edge")
    return call


def _encoded(payload: Mapping[str, Any] | bytes) -> bytes:
    return payload if isinstance(payload, bytes) else encoded(payload)
