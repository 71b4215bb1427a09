# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""vzdump and restore: backups that exist, belong to a vmid and bring a guest back."""

import re
import time
from contextvars import ContextVar
from typing import Any

from fakepve import FakeVm, PveError, TaskError
from fakepve.lxc import parse_size
from fakepve.qemu import drives_of, with_mac
from fakepve.routing import die, param_error, split_list

from playground._cluster_gate import NotedTaskError
from playground._cluster_guests import GuestRoutes
from playground._cluster_power import check_lock
from playground.acl import ROOT

# What a container's restore takes from its archive, for the worker that fakepve runs.
_ARCHIVED: ContextVar[dict[str, Any] | None] = ContextVar("archived", default=None)
_ROOT_ONLY = ("tmpdir", "dumpdir", "script", "job-id")
_NEEDS_SYS_MODIFY = ("bwlimit", "ionice", "performance")
_NOT_ARCHIVED = re.compile(r"lock|digest|parent|template|rootfs|mp\d+|unused\d+")


class BackupRoutes(GuestRoutes):
    """POST /nodes/{node}/vzdump, and creation from an archive."""

    def _routes_backup(self) -> list[tuple[str, str, Any]]:
        return [("POST", "/nodes/{node}/vzdump", self._vzdump)]

    # ------------------------------------------------------------------- backup

    async def _vzdump(self, v: dict[str, Any], user: str) -> str:
        self._check_vzdump(v, user)
        node = v["node"]
        asked = [int(vmid) for vmid in split_list(v.get("vmid"))]
        guests = [self.guest(vmid) for vmid in asked]
        if v.get("all"):
            guests = [guest for guest in [*self.vms, *self.cts] if not guest.template]
            guests = [g for g in guests if self.allowed(user, f"/vms/{g.vmid}", "VM.Backup")]
        here = [guest for guest in guests if guest is not None and guest.node == node]
        if not here and all(guest is not None for guest in guests):
            # Guests of other nodes are passed over without a word, and without a task.
            return "OK"

        async def body() -> str | None:
            for vmid, guest in zip(asked, guests, strict=False):
                self.require(user, f"/vms/{vmid}", "VM.Backup")
                if guest is None:
                    raise TaskError(f"unable to find VM '{vmid}'")
            lines = [await self._back_up(guest, v) for guest in here]
            if any(line.startswith("ERROR") for line in lines):
                raise NotedTaskError("job errors", lines)
            return "\n".join(lines)

        one = str(asked[0]) if len(asked) == 1 else ""
        start = f"INFO: starting new backup job: vzdump {' '.join(map(str, asked))}"
        return str(await self.task(node, "vzdump", one, user, body, log=[start]))

    def _check_vzdump(self, v: dict[str, Any], user: str) -> None:
        for name in _ROOT_ONLY:
            if v.get(name) is not None and user != ROOT:
                raise param_error(**{name: "Only root may set this option."})
        if any(v.get(name) is not None for name in _NEEDS_SYS_MODIFY):
            self.require(user, "/", "Sys.Modify")
        if v.get("storage"):
            self.require(user, f"/storage/{v['storage']}", "Datastore.AllocateSpace")
            if v.get("prune-backups") is not None:
                self.require(user, f"/storage/{v['storage']}", "Datastore.Allocate")
        if not v.get("vmid") and not v.get("all") and not v.get("pool"):
            raise param_error(vmid="property is missing and it is not optional")

    async def _back_up(self, guest: Any, v: dict[str, Any]) -> str:
        """Write one guest's archive; a guest that cannot be backed up spoils the job at its end."""
        storage = v.get("storage") or "local"
        store = self.storages.get(storage)
        if store is None or "backup" not in split_list(store.get("content")):
            raise TaskError(
                f"could not get storage information for '{storage}': "
                f"can't use storage '{storage}' for backups - wrong content type"
            )
        try:
            check_lock(guest)
        except TaskError as error:
            return f"ERROR: Backup of VM {guest.vmid} failed - {error}"
        config = {key: x for key, x in guest.config.items() if not _NOT_ARCHIVED.fullmatch(key)}
        self.set_lock(guest, "backup")
        try:
            await self.pause(self.backup_secs)
        finally:
            self.set_lock(guest, None)
        kind, ending = ("qemu", "vma.zst") if isinstance(guest, FakeVm) else ("lxc", "tar.zst")
        name = self._archive_name(store, kind, guest.vmid, ending)
        store["volumes"][name] = {
            "content": "backup",
            "format": ending,
            "size": max(self._disk_bytes(guest) // 8, 1024**2),
            "ctime": int(time.time()),
            "vmid": guest.vmid,
            "notes": _noted(v.get("notes-template") or "", guest),
            "protected": bool(v.get("protected")),
            "archived": config,
            "disks": self._disks_of(guest),
        }
        return f"INFO: Finished Backup of VM {guest.vmid}"

    @staticmethod
    def _archive_name(store: dict[str, Any], kind: str, vmid: int, ending: str) -> str:
        at = int(time.time())
        while True:
            stamp = time.strftime("%Y_%m_%d-%H_%M_%S", time.gmtime(at))
            name = f"backup/vzdump-{kind}-{vmid}-{stamp}.{ending}"
            if name not in store["volumes"]:
                return name
            at += 1  # the clock of a test does not wait for the next second

    @staticmethod
    def _disks_of(guest: Any) -> dict[str, str]:
        """Size by key of the guest's disks, `scsi0: 16G`."""
        if isinstance(guest, FakeVm):
            drives = drives_of(guest.config, skip_cdrom=True)
            return {key: props.get("size", "4G") for key, _volume, props in drives}
        return {key: mount.get("size", "4G") for key, mount in guest.volumes()}

    def _disk_bytes(self, guest: Any) -> int:
        return sum(parse_size(size) or 0 for size in self._disks_of(guest).values())

    @staticmethod
    def set_lock(guest: Any, lock: str | None) -> None:
        """Lock a guest in its config, or unlock it."""
        guest.lock = lock
        if lock:
            guest.config["lock"] = lock
        else:
            guest.config.pop("lock", None)

    # ------------------------------------------------------------------ restore

    def _archive(self, volid: str, user: str) -> dict[str, Any]:
        """A backup, if the caller may read it: that goes by the vmid it was made of."""
        storage, _, name = volid.partition(":")
        store = self._store(storage)
        vtype, owner, _format = self._parse_volname(store, name)
        self._check_access(user, storage, vtype, owner, volid)
        volume: dict[str, Any] | None = store.get("volumes", {}).get(name)
        if volume is None:
            raise die(f"volume '{volid}' does not exist")
        return volume

    async def _lxc_create(self, user: str, v: dict[str, Any]) -> Any:
        if not v.get("restore"):
            return await super()._lxc_create(user, v)
        volume = self._archive(v["ostemplate"], user)
        archived = {key: x for key, x in volume.get("archived", {}).items() if key not in v}
        if "rootfs" not in v and volume.get("disks", {}).get("rootfs"):
            size = (parse_size(volume["disks"]["rootfs"]) or 0) / 1024**3
            v = {**v, "rootfs": f"{v.get('storage') or 'local'}:{size:g}"}
        if v.get("unprivileged") is None:
            v = {**v, "unprivileged": archived.get("unprivileged", 1)}
        before = _ARCHIVED.set(archived)
        try:
            return await super()._lxc_create(user, v)
        finally:
            _ARCHIVED.reset(before)

    async def ceph_io(self, vm: Any, keys: Any = None) -> None:
        """As the last step of a container's restore, what the archive says comes back."""
        archived = _ARCHIVED.get()
        if archived and not isinstance(vm, FakeVm) and "rootfs" in vm.config:
            vm.config |= {key: x for key, x in archived.items() if key != "unprivileged"}
        await super().ceph_io(vm, keys)

    async def _qm_create(self, v: dict[str, Any], user: str) -> Any:
        if v.get("archive"):
            return await self._qm_restore(v, user)
        return await super()._qm_create(v, user)

    async def _qm_restore(self, v: dict[str, Any], user: str) -> str:
        node, vmid, pool = v["node"], int(v["vmid"]), v.get("pool")
        failure = f"unable to restore VM {vmid} -"
        self.need_quorum()
        self._qm_check_pool(pool)
        existing = self.vm(vmid)
        over = bool(v.get("force")) and existing is not None and existing.node == node
        ways = [(f"/vms/{vmid}", "VM.Allocate"), (f"/pool/{pool}", "VM.Allocate")]
        ways += [(f"/vms/{vmid}", "VM.Backup")] if over else []
        if not any(self.allowed(user, path, privilege) for path, privilege in ways):
            raise PveError(403, "Permission check failed")
        volume = self._archive(v["archive"], user)
        storage = v.get("storage") or "local-lvm"
        self._qm_image_store(storage, user)
        if over:
            if existing.status == "running":
                raise die(f"{failure} vm is running")
            self._qm_check_protection(existing, failure.removesuffix(" -"))
        elif self._qm_taken(vmid):
            raise die(f"{failure} VM {vmid} already exists on node '{self.guest(vmid).node}'")
        if over:
            self.forget_disks(existing)
            existing.config = {}
        vm = existing if over else FakeVm(vmid, v.get("name") or f"VM {vmid}", node=node)
        if not over:
            self.vms.append(vm)
        self.set_lock(vm, "create")

        async def body() -> None:
            config = dict(volume.get("archived", {}))
            for key, size in volume.get("disks", {}).items():
                bytes_ = parse_size(size) or 0
                volid, _format = self._qm_alloc(storage, vmid, None, bytes_)
                config[key] = f"{volid},size={size}"
            if v.get("unique"):
                nets = [key for key in config if re.fullmatch(r"net\d+", key)]
                config |= {key: with_mac(config[key], fresh=True) for key in nets}
            vm.config = config | ({"name": v["name"]} if v.get("name") else {})
            vm.name = vm.config.get("name") or f"VM {vmid}"
            self.set_lock(vm, None)
            if pool:
                self._pool_join(pool, vmid)
            if v.get("start"):
                self._now_running(vm)

        return str(await self.task(node, "qmrestore", vmid, user, body, vm=vm))


def _noted(template: str, guest: Any) -> str:
    """A backup's notes: variables filled in, and escapes taken back, as PVE does."""
    told = {"guestname": guest.name, "vmid": str(guest.vmid), "node": guest.node}
    filled = re.sub(r"\{\{(\w+)\}\}", lambda found: told.get(found[1], ""), template)
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], filled)
