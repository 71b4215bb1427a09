# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""What older versions of PVE lack or do otherwise; fakepve knows the newest one only."""

from typing import Any

from aiohttp import web
from fakepve import PveError
from fakepve import schema as pve_schema
from fakepve.routing import param_error
from fakepve.server import params

from playground._cluster_moves import MoveRoutes

_VM, _CT = "/nodes/{node}/qemu/{vmid}", "/nodes/{node}/lxc/{vmid}"
_UNKNOWN = "property is not defined in schema and the schema does not allow additional properties"

# The version in which a method came.
_METHODS = {
    ("GET", f"{_CT}/interfaces"): (8, 1),
    ("GET", f"{_CT}/migrate"): (9, 0),
    ("GET", "/cluster/metrics/export"): (8, 2),
    ("PUT", "/pools"): (8, 1),
    ("DELETE", "/pools"): (8, 1),
}
# The version in which a parameter came.
_PARAMETERS = {
    ("POST", f"{_VM}/status/stop"): {"overrule-shutdown": (8, 2)},
    ("POST", f"{_CT}/status/stop"): {"overrule-shutdown": (8, 2)},
    ("PUT", "/pools"): {"allow-move": (8, 1)},
}
_AGENT = f"{_VM}/agent/"


class VersionRoutes(MoveRoutes):
    """Refuses what the version that this cluster says it is would not know."""

    version: str

    def is_before(self, major: int, minor: int = 0) -> bool:
        """Whether the cluster says it is older than that."""
        said = tuple(int(number) for number in self.version.split(".")[:2])
        return said < (major, minor)

    async def admit(self, request: web.Request, user: str | None) -> pve_schema.Match:
        """As in PVE: an unknown method, then the right for it, then an unknown parameter."""
        match = self.find_match(request)
        asked = (request.method, match.template if match else "")
        if asked in _METHODS and self.is_before(*_METHODS[asked]):
            raise PveError(501, f"Method '{request.method} {request.path}' not implemented")
        if asked[1].startswith(_AGENT) and self.is_before(9) and match is not None:
            # The agent's own privileges came with PVE 9; before, its reads needed this one.
            self.require(user or "", f"/vms/{match.params['vmid']}", "VM.Monitor")
        admitted = await super().admit(request, user)
        given = await params(request)
        for name, since in _PARAMETERS.get(asked, {}).items():
            if name in given and self.is_before(*since):
                raise param_error(**{name: _UNKNOWN})
        return admitted

    async def _qm_resize(self, v: dict[str, Any], user: str) -> str | None:
        """Before PVE 8 the call itself grew the disk, and answered when that was done."""
        upid: str | None = await super()._qm_resize(v, user)
        if upid is None or not self.is_before(8):
            return upid
        exitstatus = self.tasks[upid].get("exitstatus")
        self.tasklog.remove(self.tasks.pop(upid))
        if exitstatus != "OK":
            raise PveError(500, str(exitstatus))
        return None
