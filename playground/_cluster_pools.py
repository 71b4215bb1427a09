# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""/pools, with their members kept where the permission rules look for them.

`GET /pools?poolid=X` tells anybody the members of any pool, as PVE itself does.
"""

import copy
from collections.abc import Mapping
from typing import Any

from fakepve import PveError
from fakepve.routing import die, split_list

from playground._cluster_access import AccessRoutes
from playground._cluster_gate import as_text, forbidden
from playground.acl import Pool


class PoolRoutes(AccessRoutes):
    """Pools. fakepve's own tables of them are views of the permission model's."""

    @property
    def pools(self) -> Mapping[str, set[int]]:
        return {poolid: pool.vms for poolid, pool in self.access.pools.items()}

    @pools.setter
    def pools(self, _value: object) -> None:
        """The table that fakepve starts with is not wanted."""

    @property
    def pool_info(self) -> Mapping[str, dict[str, Any]]:
        return {poolid: self._pool_meta(poolid) for poolid in self.access.pools}

    @pool_info.setter
    def pool_info(self, _value: object) -> None:
        """As above."""

    def _pool_meta(self, name: str) -> dict[str, Any]:
        pool = self.access.pools[name]
        return {"comment": pool.comment, "storage": pool.storages}

    def _pool_join(self, name: str, vmid: int) -> None:
        # A pool that went away while its guest was being made is passed over in silence, as in PVE.
        if name in self.access.pools:
            self.access.pools[name].vms.add(vmid)
            self._show_pool(vmid, name)

    def _pool_leave(self, vmid: int) -> None:
        """A guest is gone: PVE drops its membership and the ACL on its path."""
        for pool in self.access.pools.values():
            pool.vms.discard(vmid)
        self.access.forget_path(f"/vms/{vmid}")

    def _sync_pools(self) -> None:
        """Nothing to do: a guest's pool is set where its membership changes."""

    def _show_pool(self, vmid: int, name: str | None) -> None:
        guest = self.guest(vmid)
        if guest is not None:
            guest.pool = name

    async def _pool_create(self, v: dict[str, Any], _user: str) -> None:
        failure, name = "create pool failed", v["poolid"]
        self.lock_user_config(failure)
        if name in self.access.pools:
            raise die(f"{failure}: pool '{name}' already exists")
        parent, _, leaf = name.rpartition("/")
        if parent and parent not in self.access.pools:
            raise die(f"{failure}: parent '{parent}' of pool '{name}' does not exist")
        if not leaf[:1].isalpha():
            raise die(f"{failure}: pool name must start with a letter")
        self.access.pools[name] = Pool(comment=v.get("comment"))

    async def _pool_update(self, v: dict[str, Any], user: str) -> None:
        failure, name = "update pools failed", v["poolid"]
        self.lock_user_config(failure)
        if name not in self.access.pools:
            raise die(f"{failure}: pool '{name}' does not exist")
        # All or nothing: PVE writes its parsed user.cfg back at the very end.
        pools = copy.deepcopy(self.access.pools)
        vmids = [int(vmid) for vmid in split_list(v.get("vms"))]
        try:
            for vmid in vmids:
                self._move_guest(pools, name, vmid, v, user)
            for storage in split_list(v.get("storage")):
                self._move_storage(pools[name], storage, v, user)
        except PveError as error:
            raise die(f"{failure}: {as_text(error)}") from error
        if v.get("comment") is not None:
            pools[name].comment = v["comment"]
        self.access.pools = pools
        for vmid in vmids:
            self._show_pool(vmid, None if v.get("delete") else name)

    def _move_guest(
        self, pools: dict[str, Pool], name: str, vmid: int, v: dict[str, Any], user: str
    ) -> None:
        self.check_perm_modify(user, f"/vms/{vmid}")
        if v.get("delete"):
            if vmid not in pools[name].vms:
                raise die(f"VM {vmid} is not a pool member")
            pools[name].vms.discard(vmid)
            return
        if vmid in pools[name].vms:
            raise die(f"VM {vmid} is already a pool member")
        before = next((other for other, pool in pools.items() if vmid in pool.vms), None)
        if before is not None:
            if not v.get("allow-move"):
                raise die(
                    f"VM {vmid} belongs already to pool '{before}' and 'allow-move' is not set"
                )
            if not self.allowed(user, f"/pool/{before}", "Pool.Allocate"):
                raise forbidden(f"/pool/{before}, Pool.Allocate")
            pools[before].vms.discard(vmid)
        pools[name].vms.add(vmid)

    def _move_storage(self, pool: Pool, storage: str, v: dict[str, Any], user: str) -> None:
        self.check_perm_modify(user, f"/storage/{storage}")
        if v.get("delete"):
            if storage not in pool.storages:
                raise die(f"Storage '{storage}' is not a pool member")
            pool.storages.discard(storage)
            return
        if storage in pool.storages:
            raise die(f"Storage '{storage}' is already a pool member")
        pool.storages.add(storage)

    async def _pool_delete(self, v: dict[str, Any], _user: str) -> None:
        failure, name = "delete pool failed", v["poolid"]
        self.lock_user_config(failure)
        pool = self.access.pools.get(name)
        if pool is None:
            raise die(f"{failure}: pool '{name}' does not exist")
        inside = [f"pool '{other}'" for other in sorted(self.pools) if other.startswith(name + "/")]
        inside += [f"VM {vmid}" for vmid in sorted(pool.vms) if self.guest(vmid)]
        inside += [f"storage '{sid}'" for sid in sorted(pool.storages) if sid in self.storages]
        if inside:
            raise die(f"{failure}: pool '{name}' is not empty (contains {inside[0]})")
        del self.access.pools[name]
        self.access.delete_pool_acl(name)
