# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""Addresses: those in a container's config, and those that a DHCP server would give."""

import time
from typing import Any

from fakepve.lxc import split_props

from playground._cluster_gate import Gate


class AddressRoutes(Gate):
    """What is told of guests' addresses, some seconds after their start."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # How long after a start DHCP has answered; None: there is no DHCP, as in most tests.
        self.lease_s: float | None = None

    def leased(self, guest: Any) -> str | None:
        """The address that DHCP has given a guest by now."""
        if self.lease_s is None or guest.status != "running":
            return None
        if time.time() - (guest.started_at or 0) < self.lease_s:
            return None
        return f"10.20.{guest.vmid // 250 % 250}.{guest.vmid % 250 + 2}"

    async def _lxc_interfaces(self, user: str, v: dict[str, Any]) -> Any:
        found = await super()._lxc_interfaces(user, v)
        ct = self._find_ct(v["node"], v["vmid"])
        given = getattr(ct, "agent", None)
        address = given["interfaces"][0]["ip-addresses"][0]["ip-address"] if given else None
        address = address or self.leased(ct)
        for card in (found or [])[1:]:
            if address and not card["ip-addresses"]:
                card["inet"] = f"{address}/24"
                card["ip-addresses"] = [
                    {"ip-address-type": "inet", "ip-address": address, "prefix": "24"}
                ]
        return found

    def agent_of(self, vm: Any) -> dict[str, Any] | None:
        """A VM whose config has the agent runs one inside, as soon as it has an address."""
        address = self.leased(vm)
        first, named = split_props(str(vm.config.get("agent", "0")))
        if address is None or (named.get("enabled") or first) != "1":
            return None
        entry = {"ip-address": address, "ip-address-type": "ipv4", "prefix": 24}
        card = {"name": "eth0", "hardware-address": "bc:24:11:00:00:01", "ip-addresses": [entry]}
        return {"interfaces": [card]}

    async def _agent_call(self, match: Any, values: dict[str, Any]) -> Any:
        vm = self.find(values["node"], values["vmid"])
        before = vm.agent
        vm.agent = before if before is not None else self.agent_of(vm)
        try:
            return await super()._agent_call(match, values)
        finally:
            vm.agent = before
