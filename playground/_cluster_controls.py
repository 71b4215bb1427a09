# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""What a test does to a running cluster, and asks of it: time, trouble, and what has been done."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from playground._cluster_endpoint import Loop
from playground._cluster_faults import Call, Fault, Trouble, wait_until
from playground._cluster_guest import TaskView
from playground._cluster_server import PveServer
from playground.acl import AccessControl

T = TypeVar("T")


class Controls:
    """The knobs of a simulated cluster. They may be turned while it serves."""

    _server: PveServer
    _loop: Loop

    @property
    def access(self) -> AccessControl:
        """Users, groups, roles, pools and the ACL, as the server enforces them."""
        return self._server.access

    def _on_loop(self, change: Callable[[], T]) -> T:
        """Make a change between two steps of the server, so that no request sees half of it."""

        async def step() -> T:
            return change()

        return self._loop.run(step()) if self._loop.is_running else change()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run(work)

    # ----------------------------------------------------------------------- time

    @property
    def container_package(self) -> str:
        """The version of pve-container on the nodes."""
        return self._server.container_package

    @container_package.setter
    def container_package(self, version: str) -> None:
        self._server.container_package = version

    @property
    def time_scale(self) -> float:
        """Real seconds to one of PVE's. At 0, a task has ended before its call is answered."""
        return float(self._server.time_scale)

    @time_scale.setter
    def time_scale(self, scale: float) -> None:
        self._server.time_scale = scale

    @property
    def task_seconds(self) -> float:
        """How long each task takes, in PVE's seconds, on top of what it does."""
        return self._server.task_seconds

    @task_seconds.setter
    def task_seconds(self, seconds: float) -> None:
        self._server.task_seconds = seconds

    @property
    def ha_delay_s(self) -> float:
        """How long after its task the HA manager acts, in PVE's seconds."""
        return float(self._server.ha_delay)

    @ha_delay_s.setter
    def ha_delay_s(self, seconds: float) -> None:
        self._server.ha_delay = seconds

    @contextmanager
    def tasks_held(self, ttype: str = "*") -> Iterator[None]:
        """Within this, tasks (of a type) start and do not go on, and hold their guest's lock."""
        self._on_loop(lambda: self._server.hold(ttype))
        try:
            yield
        finally:
            self._on_loop(lambda: self._server.let_go(ttype))

    @contextmanager
    def tasks_failing(self, ttype: str, error: str) -> Iterator[None]:
        """Within this, tasks of a type end with PVE's words for it, having done nothing."""
        self._on_loop(lambda: self._server.fail_tasks(ttype, error))
        try:
            yield
        finally:
            self._on_loop(lambda: self._server.fail_tasks(ttype, None))

    def ha_held(self) -> Any:
        """Within this, the HA manager takes wishes and does not act on them."""
        return self.tasks_held("ha")

    def wait_for_tasks(self, within: float = 5.0) -> None:
        """Wait until no task runs."""
        wait_until(lambda: not self._server._running, within=within, what="the end of all tasks")

    # -------------------------------------------------------------------- trouble

    def slow(
        self,
        seconds: float,
        *,
        method: str | None = None,
        path: str | None = None,
        times: int | None = None,
    ) -> Fault:
        """Answer late. `path` is a regular expression searched in `/nodes/pve1/...`.

        As of every trouble: for so many calls, or until cleared; `with` clears it.
        """
        return self._trouble(Trouble.SLOW, method, path, times, seconds=seconds)

    def slow_body(
        self,
        seconds: float,
        *,
        method: str | None = None,
        path: str | None = None,
        times: int | None = None,
    ) -> Fault:
        """Send half of the answer at once and the rest late."""
        return self._trouble(Trouble.SLOW_BODY, method, path, times, seconds=seconds)

    def fail(
        self,
        status: int,
        text: str = "",
        *,
        method: str | None = None,
        path: str | None = None,
        times: int | None = None,
        errors: dict[str, str] | None = None,
        executed: bool = False,
    ) -> Fault:
        """Answer with a status and PVE's words; 595 and above have an empty body.

        With `executed` the work is done all the same, as when a proxying node's patience ends
        with 596 before the work does.
        """
        told = {"status": status, "text": text, "errors": errors}
        trouble = Trouble.LATE_ERROR if executed else Trouble.ERROR
        return self._trouble(trouble, method, path, times, **told)

    def lose_request(
        self, *, method: str | None = None, path: str | None = None, times: int | None = 1
    ) -> Fault:
        """Drop the connection before anything is done."""
        return self._trouble(Trouble.LOST_REQUEST, method, path, times)

    def lose_answer(
        self, *, method: str | None = None, path: str | None = None, times: int | None = 1
    ) -> Fault:
        """Do what was asked, then drop the connection without a word."""
        return self._trouble(Trouble.LOST_ANSWER, method, path, times)

    def hang(
        self, *, method: str | None = None, path: str | None = None, times: int | None = None
    ) -> Fault:
        """Do nothing and never answer; the connection is cut when the fault is cleared."""
        return self._trouble(Trouble.HANG, method, path, times)

    def _trouble(
        self,
        trouble: Trouble,
        method: str | None,
        path: str | None,
        times: int | None,
        **details: Any,
    ) -> Fault:
        return self._server.faults.add(trouble, method=method, path=path, times=times, **details)

    def clear_faults(self) -> None:
        """End all trouble that was ordered by call; nodes and quorum stay as they are."""
        self._server.faults.clear()

    def lose_quorum(self) -> None:
        """/etc/pve becomes read-only: reads work, changes do not."""
        self._on_loop(self._server.lose_quorum)

    def regain_quorum(self) -> None:
        self._on_loop(self._server.regain_quorum)

    def hold_config_lock(self, vmid: int) -> None:
        """Some other process holds the lock of a guest's config file."""
        self._run(self._server.hold_config_lock(vmid, None))

    def release_config_lock(self, vmid: int) -> None:
        self._on_loop(lambda: self._server.release_config_lock(vmid))

    # -------------------------------------------------------- how the server acts

    def answer_as_pve_8(self) -> None:
        """Errors as before pve-http-server 5.2: their words in the reason phrase alone."""
        self._server.message_in_body = False

    def answer_as_pve_9(self) -> None:
        self._server.message_in_body = True

    def report_version(self, version: str) -> None:
        """What GET /version tells, `8.4.1` for example, with the privileges of that time.

        What that version lacked is refused as far as `_cluster_versions` knows it; the rest stays
        that of PVE 9, since fakepve knows no other.
        """
        self._server.version = version
        self._server.release_version = ".".join(version.split(".")[:2])
        if int(version.split(".", maxsplit=1)[0]) < 9:
            self._on_loop(self.access.use_privileges_of_pve_8)

    def give_addresses_after(self, seconds: float | None) -> None:
        """How long after a guest's start DHCP has answered it; None: never."""
        self._server.lease_s = seconds

    def delay_401(self, seconds: float = 3.0) -> None:
        """Make callers with a bad token wait, as PVE does."""
        self._server.auth_delay_s = seconds

    def close_idle_connections_after(self, seconds: float) -> None:
        """PVE's is 5 s. For endpoints that are opened, or come back, from now on."""
        self._server.keepalive_s = seconds

    def age_resources(self, seconds: float) -> None:
        """Let /cluster/resources lag behind by up to so many real seconds; PVE's is 10."""
        self._server.broadcast_s = seconds

    def broadcast_now(self) -> None:
        """What pvestatd does at the end of each of its rounds."""
        self._on_loop(self._server.broadcast_now)

    # --------------------------------------------------------- what has been done

    def calls(self, method: str | None = None, path_regex: str | None = None) -> list[Call]:
        """The requests so far, oldest first; a lost or hanging one has the status None."""
        return self._server.log.select(method, path_regex)

    def mutations(self) -> list[Call]:
        """The requests that were meant to change something."""
        return [call for call in self.calls() if call.is_mutation]

    def clear_calls(self) -> None:
        self._server.log.clear()

    def task_of(self, upid: str) -> TaskView:
        """A task, with who started it."""
        return TaskView.of(self._server.tasks[upid])

    def tasks(self, ttype: str | None = None, vmid: int | None = None) -> list[TaskView]:
        """All tasks, oldest first."""
        return [
            TaskView.of(task)
            for task in list(self._server.tasklog)
            if ttype in {None, task["type"]} and vmid in {None, _number(task["id"])}
        ]


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None
