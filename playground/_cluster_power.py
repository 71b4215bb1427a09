# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""Start, stop, shutdown, reboot: where VMs and containers differ, as they do in PVE.

A VM's refusals mostly end its task; a container's are mostly HTTP errors.
"""

import time
from typing import Any

from aiohttp import web
from fakepve import FakeCt, PveError, TaskError
from fakepve.routing import die, param_error
from fakepve.server import USER, params

from playground._cluster_gate import Gate, answered
from playground.acl import ROOT

DEFAULT_SHUTDOWN_TIMEOUT_S = 60


class PowerActions(Gate):
    """The verbs under .../status/ for both kinds of guest."""

    # ------------------------------------------------------------------ entries

    async def _status_action(self, request: web.Request) -> web.Response:
        """A VM's verb. fakepve asks for quorum at every one of them, PVE at start alone."""
        action = request.match_info["action"]
        vm = self.find(request.match_info["node"], request.match_info["vmid"])
        verb = {"start": self._qm_start, "stop": self._qm_stop, "shutdown": self._qm_shutdown}
        v, user = await params(request), request[USER]
        _no_skiplock(v, user)
        if action in verb:
            return answered(await verb[action](vm, user, v))
        if action == "reboot":
            return answered(await self._qm_reboot(vm, user, v))
        return answered(await getattr(self, f"_do_{action}")(vm, user, v))

    # ----------------------------------------------------------------------- VMs

    async def _qm_start(self, vm: Any, user: str, _v: dict[str, Any]) -> str:
        self.need_quorum()
        if vm.ha_managed:
            return await self._ask_ha(vm, user, "started")

        async def body() -> None:
            if vm.template:
                raise TaskError("you can't start a vm if it's a template")
            check_lock(vm)
            if vm.status == "running":
                raise TaskError(f"VM {vm.vmid} already running")
            await self.ceph_io(vm)
            await self.pause(vm.start_secs)
            if vm.start_error:
                raise TaskError(vm.start_error)
            self._now_running(vm)

        return await self._guest_task(vm, "start", user, body)

    async def _qm_stop(self, vm: Any, user: str, v: dict[str, Any]) -> str:
        if vm.ha_managed:
            _no_overrule(v)
            return await self._ask_ha(vm, user, "stopped")
        self._overrule(vm, user, v)

        async def body() -> None:
            # A VM that is not running is stopped already: no error, and no look at its lock.
            if vm.status != "running":
                return
            check_lock(vm)
            await self.pause(vm.stop_secs)
            self._now_stopped(vm)

        return await self._guest_task(vm, "stop", user, body)

    async def _qm_shutdown(self, vm: Any, user: str, v: dict[str, Any]) -> str:
        if vm.qmpstatus == "paused" and not _flag(v, "forceStop"):
            raise die("VM is paused - cannot shutdown")
        if vm.ha_managed:
            return await self._ask_ha(vm, user, "stopped")

        async def body() -> str | None:
            if vm.status != "running":
                return None
            check_lock(vm)
            return await self._power_down(vm, v, force=_flag(v, "forceStop"))

        return await self._guest_task(vm, "shutdown", user, body)

    async def _qm_reboot(self, vm: Any, user: str, v: dict[str, Any]) -> str:
        if vm.status != "running":
            raise die(f"VM {vm.vmid} not running")

        async def body() -> None:
            check_lock(vm)
            await self._power_down(vm, v, force=False)
            self._now_running(vm)

        return await self._guest_task(vm, "reboot", user, body)

    # --------------------------------------------------------------- containers

    async def _lxc_start(self, user: str, v: dict[str, Any]) -> str:
        _no_skiplock(v, user)
        ct = self._here(v)
        if ct is not None and ct.status == "running":
            raise die(f"CT {v['vmid']} already running")
        self.need_quorum()
        if ct is None:
            # Not on this node: the worker is the first to look for the config file.
            return await self._fails_in_worker(v, "vzstart", user)
        if ct.ha_managed:
            return await self._ask_ha(ct, user, "started")

        async def body() -> None:
            if ct.template:
                raise TaskError("you can't start a CT if it's a template")
            if ct.lock != "mounted":
                check_lock(ct)
            await self.ceph_io(ct, ["rootfs"])
            await self.pause(ct.start_secs)
            if ct.start_error:
                raise TaskError(ct.start_error)
            self._now_running(ct)

        return await self._guest_task(ct, "start", user, body)

    async def _lxc_stop(self, user: str, v: dict[str, Any]) -> str:
        _no_skiplock(v, user)
        ct = self._running_ct(v, "CT")
        if ct.ha_managed:
            _no_overrule(v)
            return await self._ask_ha(ct, user, "stopped")
        self._overrule(ct, user, v)

        async def body() -> None:
            if ct.lock != "mounted":
                check_lock(ct)
            await self.pause(ct.stop_secs)
            self._now_stopped(ct)

        return await self._guest_task(ct, "stop", user, body)

    async def _lxc_shutdown(self, user: str, v: dict[str, Any]) -> str:
        ct = self._running_ct(v, "CT")
        if ct.ha_managed:
            return await self._ask_ha(ct, user, "stopped")

        async def body() -> str | None:
            check_lock(ct)
            return await self._power_down(ct, v, force=_flag(v, "forceStop"))

        return await self._guest_task(ct, "shutdown", user, body)

    async def _lxc_reboot(self, user: str, v: dict[str, Any]) -> str:
        ct = self._running_ct(v, "VM")  # PVE says VM here

        async def body() -> None:
            # That a reboot which times out leaves the container running is not sure.
            await self._power_down(ct, v, force=False)
            self._now_running(ct)

        return await self._guest_task(ct, "reboot", user, body)

    def _running_ct(self, v: dict[str, Any], noun: str) -> Any:
        ct = self._here(v)
        if ct is None or ct.status != "running":
            raise die(f"{noun} {v['vmid']} not running")
        return ct

    async def _fails_in_worker(self, v: dict[str, Any], ttype: str, user: str) -> str:
        async def body() -> None:
            self._find_ct(v["node"], v["vmid"])

        return str(await self.task(v["node"], ttype, v["vmid"], user, body))

    # ------------------------------------------------------------------- shared

    async def _guest_task(self, guest: Any, verb: str, user: str, body: Any) -> str:
        ttype = ("vz" if isinstance(guest, FakeCt) else "qm") + verb
        return str(await self.task(guest.node, ttype, guest.vmid, user, body, vm=guest))

    async def _power_down(self, guest: Any, v: dict[str, Any], *, force: bool) -> str | None:
        """Ask the guest's system to end, and wait for it as long as the caller said."""
        given = v.get("timeout")
        timeout = int(given) if given is not None else DEFAULT_SHUTDOWN_TIMEOUT_S
        if not self.ignores_shutdown(guest) and guest.shutdown_secs <= timeout:
            await self.pause(guest.shutdown_secs)
            self._now_stopped(guest)
            return None
        await self.pause(timeout)
        if not force:
            is_ct = isinstance(guest, FakeCt)
            # The container's words are those of PVE::LXC::vm_stop as of pve-container 5.
            raise TaskError(
                "container did not stop" if is_ct else "VM quit/powerdown failed - got timeout"
            )
        self._now_stopped(guest)
        return f"{self._noun(guest)} still running - terminating now with SIGTERM"

    @staticmethod
    def ignores_shutdown(guest: Any) -> bool:
        return getattr(guest, "ignores_shutdown", False) or not getattr(guest, "acpi", True)

    def _now_running(self, guest: Any) -> None:
        if isinstance(guest, FakeCt):
            self._apply(guest)
            guest.pid = next(self._ct_pids)
        else:
            guest.apply_pending()
            guest.qmpstatus = "running"
            if guest.lock == "suspended":
                self._qm_lock(guest, None)
        guest.status = "running"
        guest.started_at = time.time()

    @staticmethod
    def _now_stopped(guest: Any) -> None:
        guest.status = "stopped"
        guest.started_at = None
        if isinstance(guest, FakeCt):
            guest.pid = None
        else:
            guest.qmpstatus = "stopped"

    def _overrule(self, guest: Any, user: str, v: dict[str, Any]) -> None:
        """Abort the shutdowns that hold the guest's lock, those the caller may abort."""
        if not _flag(v, "overrule-shutdown"):
            return
        for task in self.tasklog:
            mine = user == task["user"] or self.allowed(user, f"/nodes/{guest.node}", "Sys.Modify")
            is_shutdown = task["type"] in {"qmshutdown", "vzshutdown"}
            if is_shutdown and task["id"] == str(guest.vmid) and mine:
                self.cancel_task(task["upid"])

    async def _ask_ha(self, guest: Any, user: str, state: str) -> str:
        """Queue a wish with the HA manager: the task ends well long before the guest changes."""
        verb = "start" if state == "started" else "stop"

        async def body() -> str:
            guest.ha_state = "started" if state == "started" else "request_stop"
            acting = self._ha_acts(guest, state)
            if self.time_scale or self.is_held("ha"):
                self.later(acting)
            else:
                await acting
            return f"Requesting HA {verb} for {self._noun(guest)} {guest.vmid}"

        return str(
            await self.task(guest.node, f"ha{verb}", guest.vmid, user, body, vm=guest, lock=False)
        )

    async def _ha_acts(self, guest: Any, state: str) -> None:
        await self.while_held("ha")
        await self.pause(self.ha_delay)
        if state == "started":
            self._now_running(guest)
        else:
            self._now_stopped(guest)
        guest.ha_state = state

    @staticmethod
    def _noun(guest: Any) -> str:
        return "CT" if isinstance(guest, FakeCt) else "VM"


def check_lock(guest: Any) -> None:
    """Refuse to go on with a guest that a backup, a snapshot or the like has locked."""
    if guest.lock and not (guest.lock == "suspended" and not isinstance(guest, FakeCt)):
        noun = "CT" if isinstance(guest, FakeCt) else "VM"
        raise TaskError(f"{noun} is locked ({guest.lock})")


def _flag(v: dict[str, Any], name: str) -> bool:
    return str(v.get(name, "0")).lower() in {"1", "true", "yes", "on"}


def _no_skiplock(v: dict[str, Any], user: str) -> None:
    # A comparison of names: no token passes, root's own neither.
    if _flag(v, "skiplock") and user != ROOT:
        raise param_error(skiplock="Only root may use this option.")


def _no_overrule(v: dict[str, Any]) -> None:
    if _flag(v, "overrule-shutdown"):
        raise PveError(
            400,
            "Parameter verification failed.",
            {"overrule-shutdown": "Not applicable for HA resources."},
        )
