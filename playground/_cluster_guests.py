# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""Create, clone and configure: the privileges PVE asks for where fakepve asks for others."""

import re
from contextvars import ContextVar
from typing import Any

from fakepve.lxc import split_props
from fakepve.qemu import DRIVE_KEY, drives_of, volume_ref
from fakepve.routing import die, split_list

from playground._cluster_gate import Gate
from playground.acl import ROOT

_NET = re.compile(r"net\d+")
# Who is creating a VM, for the code of fakepve's that is shared with changing one.
_CREATOR: ContextVar[str | None] = ContextVar("creator", default=None)

_OPTIONS = frozenset(
    {"name", "ostype", "agent", "bios", "onboot", "description", "protection", "tags", "startup"}
    | {"hotplug", "acpi", "kvm", "localtime", "freeze", "reboot", "startdate", "template"}
)
_CLOUDINIT = re.compile(r"ci\w+|ipconfig\d+|nameserver|searchdomain|sshkeys")


class GuestRoutes(Gate):
    """What fakepve checks differently when guests are made and changed."""

    # ------------------------------------------------------------------ bridges

    def _check_bridge(self, user: str, net: str) -> None:
        """SDN.Use on the bridge that a network card is plugged into, or on its VLAN."""
        props = split_props(net)[1]
        if props.get("bridge"):
            vlan = f"/{props['tag']}" if props.get("tag") else ""
            self.require(user, f"/sdn/zones/localnetwork/{props['bridge']}{vlan}", "SDN.Use")

    def _check_bridges(self, user: str, config: dict[str, Any]) -> None:
        for key in sorted(key for key in config if _NET.fullmatch(key)):
            self._check_bridge(user, str(config[key] or ""))

    # ---------------------------------------------------------------------- VMs

    def _config_priv(self, key: str) -> str:
        """The privilege that a VM's option needs."""
        if key in {"args", "lock", "hookscript"}:
            return "root"
        if _CREATOR.get() and DRIVE_KEY.match(key):
            # A new guest's disks need space on their storage only; VM.Allocate was asked before.
            return "VM.Allocate"
        if key in _OPTIONS:
            return "VM.Config.Options"
        if _CLOUDINIT.fullmatch(key):
            # PVE takes VM.Config.Network instead; who holds just that is refused here.
            return "VM.Config.Cloudinit"
        return str(super()._config_priv(key))

    async def _qm_create(self, v: dict[str, Any], user: str) -> Any:
        self._qm_check_pool(v.get("pool"))
        self._check_bridges(user, v)
        before = _CREATOR.set(user)
        try:
            return await super()._qm_create(v, user)
        finally:
            _CREATOR.reset(before)

    async def ceph_io(self, vm: Any, keys: Any = None) -> None:
        """The last step of a create's worker, in which PVE asks for the right to set tags.

        The guest is in no pool yet, so rights on the pool do not help: the task fails.
        """
        creator = _CREATOR.get()
        if creator not in {None, ROOT} and vm.config.get("tags"):
            self.require(creator, f"/vms/{vm.vmid}", "VM.Config.Options")
        await super().ceph_io(vm, keys)

    async def _qm_clone(self, v: dict[str, Any], user: str) -> Any:
        source = self.find(v["node"], v["vmid"])
        self._check_bridges(user, source.config)
        target = v.get("target")
        if target and target != v["node"]:
            used = {v.get("storage") or volume_ref(volid)[0] for volid in _disks_of(source)}
            if not all(self.storages.get(sid, {}).get("shared") for sid in used if sid):
                raise die(f"can't clone VM to node '{target}' (VM uses local storage)")
        return await super()._qm_clone(v, user)

    async def _apply_config(self, vm: Any, user: str, v: dict[str, Any]) -> None:
        if user != ROOT:
            self._check_bridges(user, v)
            for gone in split_list(v.get("delete")):
                self._check_bridges(user, {gone: vm.config.get(gone)})
        await super()._apply_config(vm, user, v)

    # --------------------------------------------------------------- containers

    def _check_modify_perm(
        self,
        user: str,
        vmid: int,
        pool: str | None,
        old: dict[str, Any] | None,
        new: dict[str, Any],
        deletes: list[str],
        unprivileged: Any,
    ) -> None:
        if user != ROOT and new.get("tags") and old is None:
            # Tags are checked without the pool, so its members' rights do not help a new guest.
            self._vm_perm(user, vmid, None, "VM.Config.Options")
        super()._check_modify_perm(user, vmid, pool, old, new, deletes, unprivileged)


def _disks_of(vm: Any) -> list[str]:
    return [volid for _key, volid, _props in drives_of(vm.config, skip_cdrom=True)]
