"""Resource pools. Who is in one, the inventory tells.

`GET /pools?poolid=…` shows any pool's members to anybody (PVE: pve-manager API2/Pool.pm `index`
ignores the result of its own check), so it is never called with a pool in it.
"""

from __future__ import annotations

from contextlib import suppress

from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import PoolMissing, PveUnsupported
from nubemox_bot.pve.model import Pool
from nubemox_bot.pve.paths import PvePath, poolid
from nubemox_bot.pve.usercfg import UserCfgWriter

_POOLS = PvePath.to("/pools")


class PvePools:
    """Reads and writes pools with the bot's own token (Pool.Allocate on /pool).

    Every writing method raises:
        LockTimeout, NoQuorum: not now, nothing was done.
        AnswerLost: look with `exists` before deciding.
        InvalidName: PVE takes no such pool name.
    """

    def __init__(self, client: PveClient, writer: UserCfgWriter | None = None) -> None:
        self._client = client
        self._writer = writer or UserCfgWriter(client)

    def list(self) -> list[Pool]:
        """Every pool that the bot may see, by name."""
        rows = self._client.get(_POOLS)
        pools = [Pool(str(row["poolid"]), str(row.get("comment") or "")) for row in rows]
        return sorted(pools, key=lambda pool: pool.poolid)

    def exists(self, pool: str) -> bool:
        """Whether there is such a pool now."""
        return any(known.poolid == pool for known in self.list())

    def create(self, pool: str, comment: str = "") -> None:
        """Make it. From PVE 9 on its name begins with a letter.

        Raises:
            AlreadyExists: it was there before.
        """
        name = poolid(pool)
        client = self._writer.client
        self._writer.once(lambda: client.post(_POOLS, poolid=name, comment=comment or None))

    def delete(self, pool: str) -> None:
        """Remove it; one that is not there is no error.

        Raises:
            NotEmpty: something is still in it.
        """
        name = poolid(pool)
        with suppress(PoolMissing):
            self._writer.repeatable(lambda: self._delete(name))

    def add_guest(self, pool: str, vmid: int, *, from_any_pool: bool = False) -> None:
        """Put a guest into it; needs VM.Allocate on the guest.

        Raises:
            InAnotherPool: it is in a pool, and `from_any_pool` does not allow the move.
        """
        name = poolid(pool)
        move: dict[str, object] = {"allow-move": True} if from_any_pool else {}
        self._writer.once(lambda: self._change(name, vms=vmid, **move))

    def remove_guest(self, pool: str, vmid: int) -> None:
        """Take a guest out of it.

        Raises:
            NotInPool: it is not in it.
        """
        name = poolid(pool)
        self._writer.once(lambda: self._change(name, vms=vmid, delete=True))

    def _change(self, pool: str, **what: object) -> None:
        """Change a pool. Before PVE 8.1 it is named in the path, and cannot be nested."""
        client = self._writer.client
        try:
            client.put(_POOLS, poolid=pool, **what)
        except PveUnsupported:
            client.put(PvePath.to("/pools/{poolid}", poolid=pool), **what)

    def _delete(self, pool: str) -> None:
        client = self._writer.client
        try:
            client.delete(_POOLS, poolid=pool)
        except PveUnsupported:
            client.delete(PvePath.to("/pools/{poolid}", poolid=pool))
