# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""A VM's disk grows, a VM moves to another node: fakepve only says that they did."""

from typing import Any

from fakepve import TaskError
from fakepve.lxc import format_size, parse_size
from fakepve.qemu import drives_of, join_drive, split_drive, volume_ref
from fakepve.routing import check_digest, die, param_error

from playground._cluster_gate import Gate
from playground._cluster_power import check_lock


class MoveRoutes(Gate):
    """Resize and migration of VMs; fakepve has those of containers."""

    def _routes_moves(self) -> list[tuple[str, str, Any]]:
        vm = "/nodes/{node}/qemu/{vmid}"
        return [
            ("PUT", vm + "/resize", self._qm_resize),
            ("GET", vm + "/migrate", self._qm_migrate_check),
            ("POST", vm + "/migrate", self._qm_migrate),
        ]

    async def _lxc_destroy(self, user: str, v: dict[str, Any]) -> Any:
        """Without quorum the cluster's file system takes no removal; fakepve would go on."""
        self.need_quorum()
        return await super()._lxc_destroy(user, v)

    async def _qm_destroy(self, v: dict[str, Any], user: str) -> Any:
        self.need_quorum()
        return await super()._qm_destroy(v, user)

    async def _qm_resize(self, v: dict[str, Any], user: str) -> str | None:
        vm = self.find(v["node"], v["vmid"])
        self.need_quorum()
        check_digest(vm.digest(), v.get("digest"))

        async def body() -> None:
            check_lock(vm)
            if v["disk"] not in vm.config:
                raise TaskError(f"disk '{v['disk']}' does not exist")
            volume, props = split_drive(vm.config[v["disk"]])
            storage, _name = volume_ref(volume)
            self.require(user, f"/storage/{storage}", "Datastore.AllocateSpace")
            now = parse_size(props.get("size", "0")) or 0
            asked = parse_size(v["size"].lstrip("+")) or 0
            then = now + asked if v["size"].startswith("+") else asked
            if then < now:
                raise TaskError("shrinking disks is not supported")
            self.need_room(storage, then - now)
            vm.config[v["disk"]] = join_drive(volume, {**props, "size": format_size(then)})
            stored = self.storages[storage].get("volumes", {}).get(_name)
            if stored is not None:
                stored["size"] = then

        return str(await self.task(vm.node, "resize", vm.vmid, user, body, vm=vm))

    def _local_disks(self, vm: Any) -> list[str]:
        volumes = [volume for _key, volume, _props in drives_of(vm.config, skip_cdrom=True)]
        return [v for v in volumes if not self.storages.get(volume_ref(v)[0], {}).get("shared")]

    async def _qm_migrate_check(self, v: dict[str, Any], _user: str) -> dict[str, Any]:
        vm = self.find(v["node"], v["vmid"])
        online = [n for n in sorted(self.nodes) if self.nodes[n].get("online", True)]
        return {
            "running": int(vm.status == "running"),
            "allowed_nodes": [node for node in online if node != vm.node],
            "not_allowed_nodes": {},
            "local_disks": [{"volid": volid} for volid in self._local_disks(vm)],
            "local_resources": [],
        }

    async def _qm_migrate(self, v: dict[str, Any], user: str) -> str:
        target = v["target"]
        if target == v["node"]:
            raise param_error(target="target is local node.")
        self.need_quorum()
        if target not in self.nodes:
            raise die(f"no such cluster node '{target}'")
        vm = self.find(v["node"], v["vmid"])
        if vm.status == "running" and not v.get("online"):
            raise die("can't migrate running VM without --online")

        async def body() -> str:
            check_lock(vm)
            if vm.status == "running" and self._local_disks(vm) and not v.get("with-local-disks"):
                raise TaskError(
                    "can't live migrate attached local disks without with-local-disks option"
                )
            vm.lock = "migrate"
            try:
                await self.pause(self.migrate_secs)
                if not self.nodes[target].get("online", True):
                    raise TaskError(f"migration aborted: node '{target}' is offline")
                vm.node = target
            finally:
                vm.lock = None
            return "migration finished successfully"

        if not vm.ha_managed:
            return str(await self.task(vm.node, "qmigrate", vm.vmid, user, body, vm=vm))

        async def wish() -> str:
            self.later(self._ha_migrates(vm, body))
            return f"Requesting HA migration for VM {vm.vmid} to node {target}"

        return str(await self.task(vm.node, "hamigrate", vm.vmid, user, wish))

    async def _ha_migrates(self, vm: Any, move: Any) -> None:
        await self.while_held("ha")
        await self.pause(self.ha_delay)
        try:
            await move()
        except TaskError:
            vm.ha_state = "error"
