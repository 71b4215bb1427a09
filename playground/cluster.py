# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""A simulated Proxmox VE cluster: served over TLS on loopback, steered from a test or the demo.

    with demo_world() as cluster:
        cluster.add_container(110, name="db-1", pool="acme")
        ...
        assert cluster.guest(110).status == "running"

Users, tokens and ACLs are kept and enforced, so what this cluster refuses, PVE would refuse.
"""

import argparse
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

from fakepve import FakeCt, FakeVm
from fakepve.certs import make_cert

from playground._cluster_controls import Controls
from playground._cluster_endpoint import HOST, Endpoint, Loop
from playground._cluster_faults import Call, Fault, wait_until
from playground._cluster_guest import GuestView, TaskView
from playground._cluster_server import PveServer
from playground._cluster_watching import WatchedTrouble
from playground.acl import Pool, Token, User

__all__ = ["Call", "Endpoint", "Fault", "GuestView", "SimulatedCluster", "TaskView", "wait_until"]


class SimulatedCluster(Controls, WatchedTrouble):
    """A cluster with its nodes, guests, storages and permissions, and trouble on demand."""

    def __init__(self, *, port: int = 0) -> None:
        self._server = PveServer()
        self._server.nodes.clear()
        self._loop = Loop()
        self._folder = ""
        self._certificate = ("", "")
        self._endpoints: list[Endpoint] = []
        self._port = port
        self.tokenid = ""
        self.secret = ""

    # ------------------------------------------------------------------ its life

    def start(self) -> Self:
        """Listen; the port and the CA file are known from here on."""
        self._folder = tempfile.mkdtemp(prefix="playground-pve-")
        self._certificate = make_cert(self._folder, hosts=(HOST,))[:2]
        self._server.certificate = Path(self.cafile).read_text()
        self._loop.start()
        self._endpoints.append(self._new_endpoint(self._port))
        return self

    def stop(self) -> None:
        """Stop listening, end all tasks and forget the certificate."""
        self.clear_faults()
        if self._loop.is_running:
            for endpoint in self._endpoints:
                endpoint.go_down()
            self._loop.run(self._server.stop())
            self._loop.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    @property
    def cafile(self) -> str:
        """The CA that vouches for the cluster's certificate."""
        return self._certificate[0]

    @property
    def endpoint(self) -> Endpoint:
        """The first address of the cluster."""
        return self._endpoints[0]

    @property
    def port(self) -> int:
        return self.endpoint.port

    @property
    def host(self) -> str:
        return self.endpoint.host

    @property
    def url(self) -> str:
        return self.endpoint.url

    def extra_endpoint(self) -> Endpoint:
        """Another address of the same cluster, which fails apart from the first."""
        endpoint = self._new_endpoint(0)
        self._endpoints.append(endpoint)
        return endpoint

    def _new_endpoint(self, port: int) -> Endpoint:
        return Endpoint(self._loop, self._server.listener, self._certificate, port)

    # ----------------------------------------------------------- nodes and guests

    def add_node(self, name: str, **stats: Any) -> None:
        """A node; `stats` replace the figures it shows (cpu, maxcpu, mem, maxmem, ...)."""
        self._on_loop(lambda: self._server.nodes.update({name: {"online": True, "stats": stats}}))

    def take_node_offline(self, name: str) -> None:
        """Its guests become unknown, and calls to it get 595 with an empty body."""
        self._on_loop(lambda: self._server.set_node_offline(name))

    def bring_node_back(self, name: str) -> None:
        self._on_loop(lambda: self._server.set_node_offline(name, offline=False))

    def add_bridge(self, name: str) -> None:
        """A bridge on every node; the bot may use it once it is granted SDN.Use there."""
        self._on_loop(lambda: self._server.bridges.append(name))

    def add_storage(self, name: str, *, kind: str = "dir", content: str, **options: Any) -> None:
        """A storage, by default on every node; `nodes="pve1"` or `shared=1` say otherwise."""
        store = {"type": kind, "active": 1, "content": content, "files": set(), "volumes": {}}
        self._on_loop(lambda: self._server.storages.update({name: {**store, **options}}))

    def remove_storage(self, name: str) -> None:
        """It is not there any more, on no node."""
        self._on_loop(lambda: self._server.storages.pop(name, None))

    def add_volume(self, volid: str, *, size: int = 128 * 1024**2, **details: Any) -> None:
        """A file on a storage, such as `local:iso/debian.iso`; a backup also has its `vmid`."""
        storage, _, name = volid.partition(":")
        content = name.split("/", maxsplit=1)[0]
        volume = {"content": content, "size": size, "ctime": int(time.time()), **details}
        volumes = self._server.storages[storage]["volumes"]
        self._on_loop(lambda: volumes.update({name: volume}))

    def add_container(
        self,
        vmid: int,
        *,
        name: str | None = None,
        node: str | None = None,
        pool: str | None = None,
        status: str = "stopped",
        tags: str | Iterable[str] = (),
        **config: Any,
    ) -> GuestView:
        """A container; further keywords go into its config (cores, memory, net0, ...)."""
        ct = FakeCt(vmid, name or f"ct-{vmid}", self._node(node), status, _tagged(config, tags))
        self._on_loop(lambda: self._admit(ct, pool, self._server.cts))
        return self.guest(vmid)

    def add_vm(
        self,
        vmid: int,
        *,
        name: str | None = None,
        node: str | None = None,
        pool: str | None = None,
        status: str = "stopped",
        tags: str | Iterable[str] = (),
        template: bool = False,
        **config: Any,
    ) -> GuestView:
        """A VM; further keywords go into its config (cores, memory, scsi0, net0, ...)."""
        disk = f"local-lvm:{'base' if template else 'vm'}-{vmid}-disk-0,size=16G"
        config = {"memory": "2048", "cores": 1, "ostype": "l26", "scsi0": disk, **config}
        vm = FakeVm(vmid, name or f"vm-{vmid}", self._node(node), status)
        vm.config |= _tagged(config, tags) | ({"template": 1} if template else {})
        vm.template = template
        self._on_loop(lambda: self._admit(vm, pool, self._server.vms))
        return self.guest(vmid)

    def _node(self, node: str | None) -> str:
        return node or min(self._server.nodes)

    def _admit(self, guest: Any, pool: str | None, guests: list[Any]) -> None:
        if guest.node not in self._server.nodes:
            raise ValueError(f"there is no node {guest.node}")
        if pool is not None and pool not in self.access.pools:
            raise ValueError(f"there is no pool {pool}")
        guests.append(guest)
        self._server.remember_disks(guest)
        if isinstance(guest, FakeCt) and guest.status == "running":
            guest.pid = next(self._server._ct_pids)
        if pool is not None:
            self.access.pools[pool].vms.add(guest.vmid)
            guest.pool = pool

    def guest(self, vmid: int) -> GuestView:
        """A guest as it is now; LookupError when there is none."""
        found = self.find_guest(vmid)
        if found is None:
            raise LookupError(f"there is no guest {vmid}")
        return found

    def find_guest(self, vmid: int) -> GuestView | None:
        found = self._server.guest(vmid)
        return GuestView(found, self._server, self._on_loop) if found is not None else None

    @property
    def guests(self) -> list[GuestView]:
        found = [*self._server.vms, *self._server.cts]
        ordered = sorted(found, key=lambda guest: int(guest.vmid))
        return [GuestView(guest, self._server, self._on_loop) for guest in ordered]

    def volumes(self, storage: str) -> list[str]:
        """Everything that lies on a storage, by its volid."""
        found = self._server.storages[storage]["volumes"]
        return self._on_loop(lambda: sorted(f"{storage}:{name}" for name in found))

    def left_behind(self) -> list[str]:
        """Disks on storages that belong to no guest: what a half-done change leaves."""
        return list(self._on_loop(self._server.left_behind))

    def remove_guest(self, vmid: int) -> None:
        """Make a guest vanish behind everybody's back, as an admin would on the node."""

        def vanish() -> None:
            for guests in (self._server.vms, self._server.cts):
                for guest in [guest for guest in guests if guest.vmid == vmid]:
                    self._server.forget_disks(guest)
                    guests.remove(guest)
            self._server._pool_leave(vmid)

        self._on_loop(vanish)

    @property
    def backups(self) -> list[str]:
        """The volid of every backup there is, the oldest first."""
        found = [
            (volume["ctime"], f"{storage}:{name}")
            for storage, store in list(self._server.storages.items())
            for name, volume in list(store.get("volumes", {}).items())
            if volume["content"] == "backup"
        ]
        return [volid for _at, volid in sorted(found)]

    def remove_backups(self) -> None:
        """Make every backup vanish, as if nobody had ever made one."""

        def vanish() -> None:
            for store in self._server.storages.values():
                volumes = store.get("volumes", {})
                for name in [n for n, one in volumes.items() if one["content"] == "backup"]:
                    del volumes[name]

        self._on_loop(vanish)

    # ---------------------------------------------------------------- permissions

    def add_pool(self, poolid: str, *, comment: str | None = None) -> None:
        self._on_loop(lambda: self.access.pools.setdefault(poolid, Pool(comment=comment)))

    def add_user(self, userid: str, *, groups: tuple[str, ...] = (), password: str = "") -> None:
        """A user of the cluster; with a password it may log in, without one only its tokens may."""

        def change() -> None:
            self.access.users[userid] = User()
            for group in groups:
                self.access.groups.setdefault(group, set()).add(userid)
            if password:
                self._server.users[userid] = password

        self._on_loop(change)

    def add_token(self, userid: str, name: str, *, privsep: bool = False) -> tuple[str, str]:
        """A token of a user's: its full id and its fresh secret."""
        tokenid = f"{userid}!{name}"

        def change() -> str:
            self.access.users[userid].tokens[name] = Token(privsep=privsep)
            return self._server.new_secret(tokenid)

        return tokenid, self._on_loop(change)

    def grant(self, ugid: str, path: str, role: str, *, propagate: bool = True) -> None:
        """What `pveum acl modify` does; a group is written `@group`."""
        self._on_loop(lambda: self.access.set_acl(path, ugid, role, propagate=propagate))


def _tagged(config: dict[str, Any], tags: str | Iterable[str]) -> dict[str, Any]:
    joined = tags if isinstance(tags, str) else ";".join(tags)
    return {**config, "tags": joined} if joined else config


def main() -> None:
    """Serve the demo world until interrupted, and tell how to reach it."""
    from playground.world import demo_world  # it imports this module

    parser = argparse.ArgumentParser(description="A simulated Proxmox VE cluster on loopback.")
    parser.add_argument("--port", type=int, default=8006)
    parser.add_argument(
        "--time-scale", type=float, default=1.0, help="real seconds to one of PVE's"
    )
    parser.add_argument("--task-seconds", type=float, default=2.0, help="how long a task takes")
    options = parser.parse_args()
    with demo_world(port=options.port) as cluster:
        cluster.time_scale, cluster.task_seconds = options.time_scale, options.task_seconds
        # A signal to end is a reason to clean up behind oneself.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        print(f"host    {cluster.host}\nCA file {cluster.cafile}")
        print(f"token   {cluster.tokenid}={cluster.secret}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
