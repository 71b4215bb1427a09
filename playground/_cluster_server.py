# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""The simulated API server: fakepve, with what it lacks put in front of it and into it."""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

from aiohttp import web
from fakepve import PveError, TaskError
from fakepve.server import API, GENERIC, SECRET_KEYS, USER, params

from playground._cluster_addresses import AddressRoutes
from playground._cluster_console import ConsoleRoutes
from playground._cluster_faults import Call, CallLog, Faults, Trouble
from playground._cluster_gate import as_text
from playground._cluster_graphs import GraphRoutes
from playground._cluster_moves import MoveRoutes
from playground._cluster_pools import PoolRoutes
from playground._cluster_power import PowerActions
from playground._cluster_reads import ReadRoutes
from playground._cluster_versions import VersionRoutes
from playground._cluster_volumes import VolumeRoutes
from playground._cluster_watching import WatchRoutes
from playground.acl import AccessControl

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = logging.getLogger("playground.cluster")

# Workers that remove what they have begun, and with what the running one shall fail.
_CLEANED_UP = frozenset({"vzclone", "vzcreate", "vzrestore"})
_FAILS: ContextVar[str | None] = ContextVar("fails", default=None)


class PveServer(
    VersionRoutes,
    VolumeRoutes,
    AddressRoutes,
    PoolRoutes,
    PowerActions,
    WatchRoutes,
    MoveRoutes,
    ConsoleRoutes,
    GraphRoutes,
    ReadRoutes,
):
    """One cluster's API. All of its state is touched on its own event loop only."""

    def __init__(self) -> None:
        # fakepve's own tables of pools are views of this one's, so it comes first.
        self.access = AccessControl()
        self.secrets: dict[str, str] = {}
        super().__init__(password=secrets.token_urlsafe(24), host="127.0.0.1", port=0)
        # Not None, so that fakepve asks `allowed`; its own grants stay empty.
        self.acl: dict[str, list[Any]] = {}
        self.cluster_name = "playground"
        self.faults = Faults()
        self.log = CallLog()
        self.version, self.release_version = "9.2.3", "9.2"
        self.auth_delay_s = 0.0
        self.keepalive_s = 5.0
        self.requests_per_connection = 100
        self.message_in_body = True
        self.task_seconds = 0.0
        self.backup_secs = self.migrate_secs = 0.0
        self._held: set[str] = set()
        self._failing: dict[str, str] = {}
        self._let_go = asyncio.Event()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._served: WeakKeyDictionary[Any, int] = WeakKeyDictionary()

    def listener(self) -> web.AppRunner:
        """A front onto this cluster, to be bound to a port of its own."""
        return web.AppRunner(
            self._build_app(),
            keepalive_timeout=self.keepalive_s,
            access_log=None,
            shutdown_timeout=0.1,
            handler_cancellation=False,
        )

    # ------------------------------------------------------------- each request

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        began, at = time.perf_counter(), time.monotonic()
        path = request.path.removeprefix(API)
        met = {fault.trouble: fault for fault in self.faults.meet(request.method, path)}
        response: web.StreamResponse | None = None
        try:
            await self._read_body(request)
            if Trouble.SLOW in met:
                await asyncio.sleep(met[Trouble.SLOW].seconds)
            if Trouble.HANG in met:
                await asyncio.to_thread(met[Trouble.HANG].cleared.wait)
            if Trouble.HANG in met or Trouble.LOST_REQUEST in met:
                return _dropped(request)
            if Trouble.ERROR in met:
                response = self._refusal(met[Trouble.ERROR].as_error())
            else:
                response = await self._respond(request, handler)
                if Trouble.LATE_ERROR in met:
                    response = self._refusal(met[Trouble.LATE_ERROR].as_error())
        finally:
            await self._note(request, path, response, at, time.perf_counter() - began)
        if Trouble.LOST_ANSWER in met:
            return _dropped(request)
        self._finish(request, response)
        if Trouble.SLOW_BODY in met and isinstance(response, web.Response):
            return await _trickle(request, response, met[Trouble.SLOW_BODY].seconds)
        return response

    async def _respond(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            request[USER] = await self._who(request)
            request[GENERIC] = await self.admit(request, request[USER])
            return await handler(request)
        except PveError as error:
            return self._refusal(error)
        except web.HTTPException as error:
            return self._refusal(PveError(error.status, error.reason))
        except Exception:
            log.exception("the simulated cluster failed in %s %s", request.method, request.path)
            return self._refusal(PveError(500, "internal error of the simulated cluster"))

    async def _who(self, request: web.Request) -> str | None:
        try:
            return self._authenticate(request)
        except PveError:
            if self.is_world(self.find_match(request), request.method):
                return None
            # pveproxy makes whoever guesses wait; tests mostly do without that.
            await asyncio.sleep(self.auth_delay_s)
            raise

    def _refusal(self, error: PveError) -> web.Response:
        """An error as pveproxy words it: the body's shape depends on its version."""
        reason = str(error.message).splitlines()[0] if error.message else None
        if error.status >= 595:
            # What the proxying node makes up itself has no body at all.
            return web.Response(status=error.status, reason=reason)
        body: dict[str, Any] = {"data": None}
        if self.message_in_body:
            body["message"] = f"{error.message}\n"
        if error.errors:
            body["errors"] = error.errors
        return web.json_response(body, status=error.status, reason=reason)

    def _finish(self, request: web.Request, response: web.StreamResponse) -> None:
        """Close the connection where pveproxy does: after errors, and after so many requests."""
        if request.transport is None or response.prepared:
            return
        served = self._served.get(request.transport, 0) + 1
        self._served[request.transport] = served
        response.headers["Server"] = "pve-api-daemon/3.0"
        if response.status >= 400 or served >= self.requests_per_connection:
            response.force_close()

    async def _note(
        self,
        request: web.Request,
        path: str,
        response: web.StreamResponse | None,
        at: float,
        seconds: float,
    ) -> None:
        tokenid = request.headers.get("Authorization", "").removeprefix("PVEAPIToken=")
        given: dict[str, Any] = {}
        with contextlib.suppress(PveError):
            given = await params(request)
        endpoint = ""
        if request.transport is not None and not request.transport.is_closing():
            endpoint = "{}:{}".format(*(request.transport.get_extra_info("sockname") or ("", 0)))
        self.log.add(
            Call(
                method=request.method,
                path=path,
                tokenid=tokenid.rpartition("=")[0] or request.get(USER),
                params={name: "***" if name in SECRET_KEYS else x for name, x in given.items()},
                status=response.status if response is not None else None,
                at=at,
                seconds=seconds,
                endpoint=endpoint,
            )
        )

    # -------------------------------------------------------------------- tasks

    async def task(
        self,
        node: str,
        ttype: str,
        tid: object,
        user: str,
        body: Callable[[], Awaitable[str | None]],
        vm: Any = None,
        lock: bool = True,
        log: tuple[str, ...] | list[str] = (),
    ) -> str:
        """Start a worker and return its UPID; at time scale 0 it has ended by then, unless held."""
        upid, pid, start = self._upid(node, ttype, tid, user)
        record = {
            "upid": upid,
            "node": node,
            "pid": pid,
            "pstart": pid * 7,
            "starttime": start,
            "type": ttype,
            "id": str(tid),
            "user": user,
            "status": "running",
            "log": list(log),
        }
        self.tasks[upid] = record
        self.tasklog.append(record)
        work = self._work(record, body, vm if lock else None)
        if not self.time_scale and not self.is_held(ttype):
            await work
            return str(upid)
        self.later(work, upid)
        return str(upid)

    def later(self, work: Coroutine[Any, Any, None], name: str | None = None) -> None:
        """Let something go on by itself, and keep hold of it: the loop alone would forget it."""
        running = asyncio.create_task(work, name=name)
        self._running[running.get_name()] = running
        running.add_done_callback(lambda done: self._running.pop(done.get_name(), None))

    async def _work(
        self, record: dict[str, Any], body: Callable[[], Awaitable[str | None]], vm: Any
    ) -> None:
        upid, status = record["upid"], "OK"
        try:
            if vm is not None:
                await self.acquire(vm, upid)
            try:
                await self.while_held(record["type"])
                await self.pause(self.task_seconds)
                error = self._failing.get(record["type"])
                if error and record["type"] not in _CLEANED_UP:
                    self._forget_unmade(vm)
                    raise TaskError(error)
                _FAILS.set(error)
                note = await body()
                record["log"] += note.split("\n") if note else []
            finally:
                if vm is not None:
                    self.release(vm, upid)
        except TaskError as error:
            status = str(error)
            record["log"] += getattr(error, "notes", [])
        except PveError as error:
            status = as_text(error).replace("\n", " ")
        except asyncio.CancelledError:
            status = "interrupted by signal"
        if status == "OK" and record.get("warnings"):
            status = f"WARNINGS: {record['warnings']}"
        record.update(status="stopped", exitstatus=status, endtime=int(time.time()))
        good = status == "OK" or status.startswith("WARNINGS")
        record["log"].append(f"TASK {status}" if good else f"TASK ERROR: {status}")

    def _forget_unmade(self, vm: Any) -> None:
        """A guest whose making fails is gone again, as PVE's own workers see to it."""
        if vm is not None and vm.config.get("lock") == "create":
            for guests in (self.vms, self.cts):
                guests[:] = [guest for guest in guests if guest is not vm]

    def hold(self, what: str) -> None:
        """Keep tasks of a type (`*` for all, `ha` for the HA manager) from going on."""
        self._held.add(what)

    def let_go(self, what: str) -> None:
        self._held.discard(what)
        self._let_go.set()
        self._let_go = asyncio.Event()

    async def pause(self, secs: float) -> None:
        """Every worker that makes a guest pauses in its middle: there it fails, if it shall."""
        if error := _FAILS.get():
            raise TaskError(error)
        await super().pause(secs)

    def fail_tasks(self, ttype: str, error: str | None) -> None:
        """Have tasks of a type end with this error; None ends it.

        They fail before they do anything, and those that make a guest in their middle.
        """
        if error is None:
            self._failing.pop(ttype, None)
        else:
            self._failing[ttype] = error

    def is_held(self, ttype: str) -> bool:
        return ttype in self._held or ("*" in self._held and ttype != "ha")

    async def while_held(self, ttype: str) -> None:
        while self.is_held(ttype):
            await self._let_go.wait()

    def cancel_task(self, upid: str) -> None:
        if upid in self._running:
            self._running[upid].cancel()

    async def stop(self) -> None:
        """End every worker that is still running, and cut connections that linger."""
        for transport in list(self._served):
            transport.abort()
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _dropped(request: web.Request) -> web.Response:
    """Cut the connection: whatever is returned after this reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _trickle(request: web.Request, whole: web.Response, seconds: float) -> web.StreamResponse:
    body = whole.body if isinstance(whole.body, bytes) else b""
    response = web.StreamResponse(status=whole.status, reason=whole.reason)
    response.content_type = "application/json"
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    await asyncio.sleep(seconds)
    await response.write(body[len(body) // 2 :])
    await response.write_eof()
    return response
