"""Serves the page beside the workspace's own routes, on loopback and for itself alone."""

import asyncio
import json
import mimetypes
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web

from playground.page.doings import COMMANDS, Acts, Json, Refused
from playground.page.snapshot import pieces
from playground.slack import SlackWorkspace, User

STATIC = Path(__file__).parent / "static"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
TOGETHER_S = 0.03
LOOK_AGAIN_S = 0.25
HEARTBEAT_S = 15.0


@dataclass(frozen=True)
class Persona:
    """Somebody whose place one can take on the page."""

    name: str
    caption: str


@dataclass(frozen=True)
class Tip:
    """Something to try: as whom, where, and what to type."""

    who: str
    where: str
    line: str
    why: str


class Panel(Protocol):
    """What plays the cluster; both may be called from any thread."""

    def look(self) -> Json:
        """Nodes, guests and knobs as they are now."""
        ...

    def turn(self, wish: Json) -> str:
        """Do what the person wants with the cluster; what to tell them of it."""
        ...


class Page:
    """The routes of the page, for `SlackWorkspace.add_routes`."""

    def __init__(
        self,
        workspace: SlackWorkspace,
        personas: tuple[Persona, ...] = (),
        panel: Panel | None = None,
        tips: tuple[Tip, ...] = (),
    ) -> None:
        self._workspace = workspace
        self._acts = Acts(workspace)
        self._personas = personas
        self._panel = panel
        self._tips = tips
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open: set[asyncio.Event] = set()
        self._files = {path.name: path for path in STATIC.iterdir() if path.is_file()}
        workspace.state.watchers.append(self._changed)
        workspace.add_routes(self.routes())

    def routes(self) -> list[web.RouteDef]:
        """Everything that the browser asks for."""
        return [
            web.get("/", self._index),
            web.get("/static/{name}", self._static),
            web.get("/stream", self._stream),
            web.get("/file/{id}", self._file),
            web.post("/do/{what}", self._do),
        ]

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        return _answer((STATIC / "index.html").read_bytes(), "text/html")

    async def _static(self, request: web.Request) -> web.StreamResponse:
        path = self._files.get(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return _answer(path.read_bytes(), kind)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """An upload of a place that this person is in; only pictures are shown as such."""
        state = self._workspace.state
        with state.changed:
            user = self._user(request.query.get("user", ""))
            file = state.files.get(request.match_info["id"])
            if file is None or not file.completed:
                raise web.HTTPNotFound
            kind = mimetypes.guess_type(file.name)[0] or ""
            content, name = file.content, file.name
            places = [state.channels[place] for place in file.shares if place in state.channels]
            if places and not any(user.id in place.members for place in places):
                raise web.HTTPNotFound
        if kind in PICTURES:
            return _answer(content, kind)
        answer = _answer(content, "application/octet-stream")
        safe = "".join(letter for letter in name if letter.isalnum() or letter in "._-")
        answer.headers["Content-Disposition"] = f'attachment; filename="{safe}"'
        return answer

    async def _do(self, request: web.Request) -> web.StreamResponse:
        """One act of a person's; only our own page may ask, as only it can set this type."""
        if request.headers.get("Origin") != f"{request.scheme}://{request.host}":
            raise web.HTTPForbidden(text="only the page itself may do this")
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        acts: dict[str, Callable[[User, Json], Awaitable[Json]]] = {
            "say": self._acts.say,
            "act": self._acts.act,
            "search": self._acts.search,
            "submit": self._acts.submit,
            "close": self._acts.close,
            "tab": self._acts.open_tab,
            "dismiss": self._acts.dismiss,
            "cluster": self._turn,
        }
        act = acts.get(request.match_info["what"])
        wish = await request.json()
        if act is None or not isinstance(wish, dict):
            raise web.HTTPNotFound
        try:
            answer = await act(self._user(str(wish.get("user"))), wish)
        except Refused as refused:
            return _json({"refused": str(refused)})
        return _json(answer)

    async def _turn(self, _user: User, wish: Json) -> Json:
        if self._panel is None:
            raise Refused("There is no cluster here.")
        # The cluster lives on a loop of its own, which may take its time.
        return {"told": await asyncio.to_thread(self._panel.turn, wish)}

    def _user(self, name: str) -> User:
        try:
            return self._workspace.state.user(name)
        except KeyError:
            raise web.HTTPNotFound from None

    # What goes on, live

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """What this person sees, and from then on whatever changes of it."""
        user = self._user(request.query.get("user", ""))
        self._loop = asyncio.get_running_loop()
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        told: dict[str, str] = {}
        wake = asyncio.Event()
        wake.set()
        self._open.add(wake)
        silent_s = 0.0
        try:
            while True:
                news = self._news(user, told, everything=wake.is_set())
                wake.clear()
                if news:
                    await response.write(f"data: {json.dumps(news)}\n\n".encode())
                    silent_s = 0
                elif silent_s > HEARTBEAT_S:
                    await response.write(b":\n\n")
                    silent_s = 0
                try:
                    await asyncio.wait_for(wake.wait(), LOOK_AGAIN_S)
                    await asyncio.sleep(TOGETHER_S)
                except TimeoutError:
                    silent_s += LOOK_AGAIN_S
        except ConnectionError:
            return response
        finally:
            self._open.discard(wake)

    def _news(self, user: User, told: dict[str, str], *, everything: bool) -> Json:
        """What differs from what was told; the cluster is looked at each time, as nobody calls."""
        now: Json = {"cluster": self._panel.look()} if self._panel is not None else {}
        if everything:
            now["page"] = self._about()
            with self._workspace.state.changed:
                now |= pieces(self._workspace.state, user)
                now["slack"] = {"connected": bool(self._workspace.sockets.open)}
                written = {name: json.dumps(piece) for name, piece in now.items()}
        else:
            written = {name: json.dumps(piece) for name, piece in now.items()}
        changed = [name for name, text in written.items() if told.get(name) != text]
        gone = [name for name in told if name not in written] if everything else []
        told.update((name, written[name]) for name in changed)
        for name in gone:
            del told[name]
        news: Json = {"set": {name: now[name] for name in changed}, "gone": gone}
        return news if changed or gone else {}

    def _about(self) -> Json:
        people = self._workspace.state.users.values()
        personas = self._personas or tuple(
            Persona(one.name, "") for one in people if not one.is_bot and not one.deleted
        )
        return {
            "personas": [asdict(one) for one in personas],
            "tips": [asdict(one) for one in self._tips],
            "commands": list(COMMANDS),
            "has_cluster": self._panel is not None,
        }

    def _changed(self) -> None:
        """Called under the workspace's lock by whichever thread changed something."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for wake in self._open:
            wake.set()


def _answer(body: bytes, kind: str) -> web.Response:
    charset = "utf-8" if kind.startswith("text/") else None
    return web.Response(body=body, content_type=kind, charset=charset, headers=HEADERS)


def _json(answer: Any) -> web.Response:
    return web.json_response(answer, headers=HEADERS)
