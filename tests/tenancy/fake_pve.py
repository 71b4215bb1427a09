"""PveAccess and PvePools in memory, for the part of them that onboarding uses."""

from __future__ import annotations

from nubemox_bot.pve.access import AclEntry, PveToken, PveUser
from nubemox_bot.pve.errors import AlreadyExists, EntryMissing, NotEmpty
from nubemox_bot.pve.model import Pool


class FakePve:
    """Both at once; `members` are the guests of a pool."""

    def __init__(self, roles: dict[str, frozenset[str]]) -> None:
        self._roles = roles
        self._pools: dict[str, str] = {}
        self._users: dict[str, tuple[str, ...]] = {}
        self._tokens: dict[tuple[str, str], str] = {}
        self._acl: set[AclEntry] = set()
        self._guests: dict[str, list[int]] = {}
        self._made = 0

    def list(self) -> list[Pool]:
        return [Pool(poolid) for poolid in sorted(self._pools)]

    def exists(self, pool: str) -> bool:
        return pool in self._pools

    def create(self, pool: str, comment: str = "") -> None:
        if pool in self._pools:
            raise AlreadyExists(name=pool)
        self._pools[pool] = comment

    def delete(self, pool: str) -> None:
        if self._guests.get(pool):
            raise NotEmpty(poolid=pool)
        self._pools.pop(pool, None)
        self._acl = {one for one in self._acl if one.path != f"/pool/{pool}"}

    def list_users(self) -> list[PveUser]:  # type: ignore[valid-type]
        return [self._user(userid) for userid in self._users]

    def find_user(self, userid: str) -> PveUser | None:
        return self._user(userid) if userid in self._users else None

    def _user(self, userid: str) -> PveUser:
        tokens = [PveToken(name, False) for owner, name in self._tokens if owner == userid]
        return PveUser(userid, True, self._users[userid], tokens=tuple(tokens))

    def create_user(self, userid: str, *, groups: tuple[str, ...], comment: str = "") -> None:
        if userid in self._users:
            raise AlreadyExists(name=userid)
        self._users[userid] = tuple(groups)

    def delete_user(self, userid: str) -> None:
        self._users.pop(userid, None)
        self._tokens = {one: s for one, s in self._tokens.items() if one[0] != userid}
        self._acl = {one for one in self._acl if one.ugid.partition("!")[0] != userid}

    def role_privileges(self, roleid: str) -> frozenset[str]:
        if roleid not in self._roles:
            raise EntryMissing(name=roleid)
        return self._roles[roleid]

    def list_acl(self) -> list[AclEntry]:  # type: ignore[valid-type]
        return sorted(self._acl, key=lambda one: one.path)

    def grant(self, path: str, userid: str, roleid: str, *, propagate: bool = True) -> None:
        if userid not in self._users:
            raise EntryMissing(name=userid)
        self._acl.add(AclEntry(path, "user", userid, roleid, propagate))

    def revoke(self, path: str, userid: str, roleid: str) -> None:
        self._acl -= {AclEntry(path, "user", userid, roleid, flag) for flag in (True, False)}

    def create_token(
        self, userid: str, tokenid: str, *, privsep: bool = False, comment: str = ""
    ) -> str:
        if userid not in self._users:
            raise EntryMissing(name=userid)
        if (userid, tokenid) in self._tokens:
            raise AlreadyExists(name=tokenid)
        self._made += 1
        self._tokens[userid, tokenid] = f"secret-{self._made}"
        return self._tokens[userid, tokenid]

    def delete_token(self, userid: str, tokenid: str) -> None:
        self._tokens.pop((userid, tokenid), None)

    def permissions(self, auth_id: str) -> dict[str, dict[str, bool]]:
        userid, _, tokenid = auth_id.partition("!")
        if (userid, tokenid) not in self._tokens:
            raise EntryMissing(name=auth_id)
        held: dict[str, dict[str, bool]] = {}
        for entry in self._acl:
            mine = entry.ugid == userid or entry.ugid in self._users[userid]
            if not mine:
                continue
            rights = dict.fromkeys(self._roles[entry.roleid], entry.propagates)
            paths = [entry.path]
            if entry.propagates:
                pool = entry.path.removeprefix("/pool/")
                paths += [f"/vms/{vmid}" for vmid in self._guests.get(pool, [])]
            for path in paths:
                held.setdefault(path, {}).update(rights)
        return held

    # What a cluster's admin does behind the bot's back.

    def add_guest_to(self, pool: str, vmid: int) -> None:
        self._pools.setdefault(pool, "")
        self._guests.setdefault(pool, []).append(vmid)

    def give(self, ugid: str, path: str, role: str, *, propagate: bool = True) -> None:
        kind = "group" if ugid.startswith("@") else "user"
        self._acl.add(AclEntry(path, kind, ugid.removeprefix("@"), role, propagate))

    def define(self, role: str, privileges: str) -> None:
        self._roles[role] = frozenset(privileges.split())
