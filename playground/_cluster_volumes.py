# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""Disks as volumes on storages: they take room, go with their guest, or are left behind.

fakepve keeps a VM's disks as volumes and knows a container's by name alone.
"""

from typing import Any

from fakepve import FakeCt, FakeVm, TaskError
from fakepve.lxc import parse_size
from fakepve.qemu import drives_of, join_drive, volume_ref
from fakepve.routing import die

from playground._cluster_gate import Gate

_FULL = {
    "dir": "No space left on device",
    "nfs": "No space left on device",
    "rbd": "rbd error: out of space",
    "zfspool": "zfs error: out of space",
}
_FULL_OF_LVM = "lvcreate error: insufficient free space"


class VolumeRoutes(Gate):
    """Room is looked at before a disk is made, and a container's disks are remembered."""

    # -------------------------------------------------------------------- room

    def need_room(self, storage: str, size: int) -> None:
        """Refuse a disk that the storage has no room for, in the words of its kind."""
        store = self.storages[storage]
        if size > self._space(store)[2]:
            why = _FULL.get(store.get("type", "dir"), _FULL_OF_LVM)
            raise TaskError(f"unable to allocate {size // 1024} KiB on '{storage}': {why}")

    def _qm_alloc(self, sid: str, vmid: int, fmt: Any, size: int, linked_from: Any = None) -> Any:
        if not linked_from:
            try:
                self.need_room(sid, size)
            except TaskError as error:
                raise die(str(error)) from None
        return super()._qm_alloc(sid, vmid, fmt, size, linked_from=linked_from)

    async def ceph_io(self, guest: Any, keys: Any = None) -> None:
        """The last step of a create or clone: a container's new disks are made here.

        A VM's clone gets a cloud-init drive of its own.
        """
        if isinstance(guest, FakeVm):
            self._own_cloud_init(guest)
        if isinstance(guest, FakeCt):
            for volid, size in self._disks(guest):
                if self._qm_volume(volid) is None:
                    self.need_room(volume_ref(volid)[0], size)
            self.remember_disks(guest)
        await super().ceph_io(guest, keys)

    def _own_cloud_init(self, vm: Any) -> None:
        for key, volid, props in drives_of(vm.config):
            sid, name = volume_ref(volid)
            own = f"vm-{vm.vmid}-cloudinit"
            if sid and name.endswith("-cloudinit") and name != own:
                made = {"content": "images", "format": "raw", "size": 4 * 1024**2, "vmid": vm.vmid}
                self.storages[sid].setdefault("volumes", {})[own] = {**made, "ctime": 0}
                vm.config[key] = join_drive(f"{sid}:{own}", props)

    # ----------------------------------------------------------------- volumes

    @staticmethod
    def _disks(guest: Any) -> list[tuple[str, int]]:
        """Volume and size of each disk of a guest's, those of its snapshots too."""
        found: dict[str, int] = {}
        for config in [*guest.snapshots.values(), guest.config]:
            if isinstance(guest, FakeVm):
                for _key, volid, props in drives_of(config):
                    if props.get("media") != "cdrom" or volid.endswith("-cloudinit"):
                        found[volid] = parse_size(props.get("size", "0")) or 0
            else:
                for _key, mount in guest.volumes(config):
                    found[mount["volume"]] = parse_size(mount.get("size", "0")) or 0
        return [(volid, size) for volid, size in found.items() if volume_ref(volid)[0]]

    def remember_disks(self, guest: Any) -> None:
        """Put a guest's disks on their storages, in the sizes that its config tells."""
        for volid, size in self._disks(guest):
            sid, name = volume_ref(volid)
            if sid not in self.storages:
                continue
            content = "images" if isinstance(guest, FakeVm) else "rootdir"
            volumes = self.storages[sid].setdefault("volumes", {})
            ending = name.rpartition(".")[2]
            known = volumes.setdefault(
                name,
                {
                    "content": content,
                    "format": ending if ending in {"raw", "qcow2", "vmdk"} else "raw",
                    "vmid": guest.vmid,
                    "ctime": 0,
                    "size": 0,
                },
            )
            if size:
                known["size"] = size

    def forget_disks(self, guest: Any) -> None:
        """Free a guest's own disks."""
        for volid, _size in self._disks(guest):
            volume = self._qm_volume(volid)
            if volume is not None and volume.get("vmid") == guest.vmid:
                self._qm_free(volid)

    def _drop(self, ct: Any) -> None:
        """A container goes, and its disks with it."""
        self.forget_disks(ct)
        super()._drop(ct)

    def release(self, guest: Any, holder: Any) -> None:
        """At the end of a task its guest's disks are as large as its config says."""
        super().release(guest, holder)
        if guest in self.cts or guest in self.vms:
            self.remember_disks(guest)

    async def _content_list(self, v: dict[str, Any], user: str) -> Any:
        for guest in [*self.vms, *self.cts]:
            self.remember_disks(guest)
        return await super()._content_list(v, user)

    def left_behind(self) -> list[str]:
        """Disks that no guest's config names any more, or not yet."""
        named = {volid for guest in [*self.vms, *self.cts] for volid, _size in self._disks(guest)}
        return sorted(
            volid
            for sid, store in self.storages.items()
            for name, volume in store.get("volumes", {}).items()
            if volume["content"] in {"images", "rootdir"}
            and volume.get("vmid")
            and (volid := f"{sid}:{name}") not in named
        )

    # ----------------------------------------------------------------- growing

    async def _lxc_resize(self, user: str, v: dict[str, Any]) -> Any:
        """Growing needs room too; fakepve looks at everything else."""
        ct = self._find_ct(v["node"], v["vmid"])
        sizes = dict(self._disks(ct))
        mounts = dict(ct.volumes())
        volid = mounts.get(v["disk"], {}).get("volume")
        now = sizes.get(volid, 0)
        asked = parse_size(str(v["size"]).lstrip("+")) or 0
        growth = asked if str(v["size"]).startswith("+") else asked - now
        if volid and growth > 0:
            free = self._space(self.storages[volume_ref(volid)[0]])[2]
            if growth > free:
                return await self._no_room(ct, user, volid, growth)
        return await super()._lxc_resize(user, v)

    async def _no_room(self, ct: Any, user: str, volid: str, growth: int) -> str:
        async def body() -> None:
            self.need_room(volume_ref(volid)[0], growth)

        return str(await self.task(ct.node, "resize", ct.vmid, user, body, vm=ct))
