# SPDX-License-Identifier: MIT
"""Who may do what, where: PVE's permission rules as a pure model, with no server around it.

The simulated cluster asks this for every call. It agrees with PVE's own code: the vectors in
`tests/data/pve-acl-vectors.json` were computed by that code, and all of them are replayed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

ROOT = "root@pam"

_TOKENID = re.compile(r"(?P<owner>.+@[A-Za-z][A-Za-z0-9.\-_]+)!(?P<token>[A-Za-z][A-Za-z0-9.\-_]+)")
_ACL_PATH = re.compile(r"[A-Za-z0-9.\-_/]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ALL = _words(
    """
    Datastore.Allocate Datastore.AllocateSpace Datastore.AllocateTemplate Datastore.Audit
    Group.Allocate Mapping.Audit Mapping.Modify Mapping.Use Permissions.Modify
    Pool.Allocate Pool.Audit Realm.Allocate Realm.AllocateUser SDN.Allocate SDN.Audit SDN.Use
    Sys.AccessNetwork Sys.Audit Sys.Console Sys.Incoming Sys.Modify Sys.PowerMgmt Sys.Syslog
    User.Modify
    VM.Allocate VM.Audit VM.Backup VM.Clone VM.Config.CDROM VM.Config.CPU VM.Config.Cloudinit
    VM.Config.Disk VM.Config.HWType VM.Config.Memory VM.Config.Network VM.Config.Options
    VM.Console VM.GuestAgent.Audit VM.GuestAgent.FileRead VM.GuestAgent.FileSystemMgmt
    VM.GuestAgent.FileWrite VM.GuestAgent.Unrestricted VM.Migrate VM.PowerMgmt VM.Replicate
    VM.Snapshot VM.Snapshot.Rollback
    """
)


_NEW_IN_PVE_9 = ("VM.GuestAgent.", "VM.Replicate")


def _family(prefix: str) -> frozenset[str]:
    return frozenset(privilege for privilege in _ALL if privilege.startswith(prefix))


BUILTIN_ROLES: dict[str, frozenset[str]] = {
    "Administrator": _ALL,
    "NoAccess": frozenset(),
    "PVEAdmin": _ALL
    - {
        "Mapping.Modify",
        "Permissions.Modify",
        "Realm.Allocate",
        "Sys.AccessNetwork",
        "Sys.Incoming",
        "Sys.Modify",
        "Sys.PowerMgmt",
    },
    "PVEAuditor": frozenset(privilege for privilege in _ALL if privilege.endswith(".Audit")),
    "PVEDatastoreAdmin": _family("Datastore."),
    "PVEDatastoreUser": frozenset({"Datastore.AllocateSpace", "Datastore.Audit"}),
    "PVEMappingAdmin": _family("Mapping."),
    "PVEMappingUser": frozenset({"Mapping.Audit", "Mapping.Use"}),
    "PVEPoolAdmin": _family("Pool."),
    "PVEPoolUser": frozenset({"Pool.Audit"}),
    "PVESDNAdmin": _family("SDN."),
    "PVESDNUser": frozenset({"SDN.Audit", "SDN.Use"}),
    "PVESysAdmin": frozenset({"Sys.Audit", "Sys.Console", "Sys.Syslog"}),
    "PVETemplateUser": frozenset({"VM.Audit", "VM.Clone"}),
    "PVEUserAdmin": frozenset({"Group.Allocate", "Realm.AllocateUser", "User.Modify"}),
    "PVEVMAdmin": _family("VM."),
    "PVEVMUser": _words(
        """
        VM.Audit VM.Backup VM.Config.CDROM VM.Config.Cloudinit VM.Console VM.GuestAgent.Audit
        VM.GuestAgent.FileRead VM.GuestAgent.FileSystemMgmt VM.GuestAgent.FileWrite VM.PowerMgmt
        """
    ),
}


@dataclass
class Token:
    """An API token's settings; its secret is kept elsewhere, as in PVE."""

    privsep: bool = True
    expire: int = 0
    comment: str | None = None


@dataclass
class User:
    """A userid with what user.cfg knows of it."""

    enable: bool = True
    expire: int = 0
    details: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)


@dataclass
class Pool:
    """A pool's members. Nested pools are pools with a slash in their name."""

    vms: set[int] = field(default_factory=set)
    storages: set[str] = field(default_factory=set)
    comment: str | None = None


@dataclass
class _Level:
    """The ACL of one path: who holds which roles here, and whether they reach below."""

    tokens: dict[str, dict[str, bool]] = field(default_factory=dict)
    users: dict[str, dict[str, bool]] = field(default_factory=dict)
    groups: dict[str, dict[str, bool]] = field(default_factory=dict)

    def holders(self, ugid: str) -> tuple[dict[str, dict[str, bool]], str]:
        if ugid.startswith("@"):
            return self.groups, ugid[1:]
        return (self.tokens if split_tokenid(ugid)[1] else self.users), ugid


@dataclass(frozen=True)
class AclEntry:
    """One line of the access control list; a group's `ugid` starts with @."""

    path: str
    ugid: str
    roleid: str
    propagate: bool


def split_tokenid(who: str) -> tuple[str, str | None]:
    """`user@realm!token` in its two parts; a plain userid has no second one."""
    found = _TOKENID.fullmatch(who)
    return (found["owner"], found["token"]) if found else (who, None)


def normalize_path(path: str) -> str | None:
    """The path as PVE compares it, or None for one that no ACL can name."""
    if not path:
        return None
    path = "/" + re.sub("/+", "/", path).strip("/")
    return path if _ACL_PATH.fullmatch(path) else None


@lru_cache(maxsize=65536)
def _levels_of(path: str) -> tuple[str, ...]:
    """Every path from the root down to this one."""
    parts = [part for part in path.split("/") if part]
    return ("/", *("/" + "/".join(parts[: end + 1]) for end in range(len(parts))))


class AccessControl:
    """Users, groups, roles, tokens, pools and the ACL; answers with effective privileges."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {ROOT: User()}
        self.groups: dict[str, set[str]] = {}
        self.group_comments: dict[str, str] = {}
        self.roles: dict[str, frozenset[str]] = dict(BUILTIN_ROLES)
        self.pools: dict[str, Pool] = {}
        self._acl: dict[str, _Level] = {}

    # ---------------------------------------------------------------- writing

    def set_acl(self, path: str, ugid: str, roleid: str, *, propagate: bool = True) -> None:
        """Give a role on a path; other roles of the same holder there stay."""
        holders, who = self._acl.setdefault(path, _Level()).holders(ugid)
        holders.setdefault(who, {})[roleid] = propagate

    def delete_acl(self, path: str, ugid: str, roleid: str) -> None:
        """Take one role of one holder from a path; taking what is not there is no error."""
        if path in self._acl:
            holders, who = self._acl[path].holders(ugid)
            holders.get(who, {}).pop(roleid, None)

    def forget_path(self, path: str) -> None:
        """Drop the ACL of a path and of all below it (its guest or storage is gone)."""
        for known in [
            known for known in self._acl if known == path or known.startswith(path + "/")
        ]:
            del self._acl[known]

    def delete_pool_acl(self, poolid: str) -> None:
        """Drop a deleted pool's ACL as PVE does, which forgets to do so for nested pools.

        PVE's tree keeps `a/b` as a child of `a`, but it deletes a child called "a/b" of the pool
        root, which does not exist. Whoever makes `a/b` again revives the old access.
        """
        if "/" not in poolid:
            self.forget_path(f"/pool/{poolid}")

    def delete_user(self, userid: str) -> None:
        """Drop a user with its memberships, tokens and ACL entries."""
        for tokenid in list(self.users[userid].tokens):
            self.delete_token(userid, tokenid)
        del self.users[userid]
        for members in self.groups.values():
            members.discard(userid)
        for level in self._acl.values():
            level.users.pop(userid, None)

    def delete_token(self, userid: str, tokenid: str) -> None:
        """Drop a token; PVE loses its ACL entries when it next reads user.cfg."""
        del self.users[userid].tokens[tokenid]
        for level in self._acl.values():
            level.tokens.pop(f"{userid}!{tokenid}", None)

    def delete_group(self, groupid: str) -> None:
        del self.groups[groupid]
        self.group_comments.pop(groupid, None)
        for level in self._acl.values():
            level.groups.pop(groupid, None)

    def delete_role(self, roleid: str) -> None:
        del self.roles[roleid]
        for level in self._acl.values():
            for holders in (level.tokens, level.users, level.groups):
                for held in holders.values():
                    held.pop(roleid, None)

    def use_privileges_of_pve_8(self) -> None:
        """VM.Monitor in place of what PVE 9 made of it, in every role."""
        for roleid, held in self.roles.items():
            kept = {name for name in held if not name.startswith(_NEW_IN_PVE_9)}
            monitor = {"VM.Monitor"} if "VM.GuestAgent.Unrestricted" in held else set()
            self.roles[roleid] = frozenset(kept | monitor)

    # ---------------------------------------------------------------- reading

    def entries(self) -> Iterator[AclEntry]:
        """The ACL, line by line, ordered by path."""
        for path in sorted(self._acl):
            level = self._acl[path]
            named = {f"@{group}": held for group, held in level.groups.items()}
            for ugid, held in {**named, **level.users, **level.tokens}.items():
                for roleid, propagate in held.items():
                    yield AclEntry(path, ugid, roleid, propagate)

    def find_token(self, tokenid: str) -> Token | None:
        """A token by its full id, or None."""
        owner, token = split_tokenid(tokenid)
        user = self.users.get(owner)
        return user.tokens.get(token) if user is not None and token is not None else None

    def permissions(self, who: str, path: str) -> dict[str, bool]:
        """Every privilege that a userid or token holds on a path, and whether it reaches below."""
        owner, token = split_tokenid(who)
        if token is not None:
            settings = self.find_token(who)
            if settings is None:
                return {}
            if not settings.privsep:
                return self.permissions(owner, path)
        if who == ROOT:
            return dict.fromkeys(self.roles["Administrator"], True)

        held: dict[str, bool] = {}
        for roleid, propagate in self._roles_with_pools(who, path).items():
            for privilege in self.roles.get(roleid, ()):
                held[privilege] = held.get(privilege, False) or propagate

        if token is not None and owner != ROOT:
            owners = self.permissions(owner, path)
            held = {name: bit and owners[name] for name, bit in held.items() if name in owners}
        return held

    def effective_permissions(self, who: str) -> dict[str, dict[str, bool]]:
        """What `GET /access/permissions` answers: each path of note with privileges on it."""
        paths = {"/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"}
        paths |= self._acl.keys()
        for poolid, pool in self.pools.items():
            paths.add(f"/pool/{poolid}")
            paths |= {f"/vms/{vmid}" for vmid in pool.vms}
            paths |= {f"/storage/{storage}" for storage in pool.storages}
        found = {path: self.permissions(who, path) for path in sorted(paths)}
        return {path: held for path, held in found.items() if held}

    def roles_on(self, who: str, path: str) -> dict[str, bool]:
        """The roles held on a path through the ACL alone, without what pools add."""
        owner, token = split_tokenid(who)
        if token is not None:
            settings = self.find_token(who)
            if settings is None:
                return {}
            if not settings.privsep:
                return self.roles_on(owner, path)
        if who == ROOT:
            return {"Administrator": True}

        roles: dict[str, bool] = {}
        levels = _levels_of(path)
        for step in levels:
            level = self._acl.get(step)
            if level is None:
                continue
            # What is set deeper replaces what came from above; it is not merged with it.
            roles = self._roles_set_here(level, who, final=step == levels[-1]) or roles
        return {"NoAccess": roles["NoAccess"]} if "NoAccess" in roles else roles

    def _roles_set_here(self, level: _Level, who: str, *, final: bool) -> dict[str, bool]:
        """One level's roles: the token's own, else the user's own, else those of all its groups."""
        for holders in (level.tokens, level.users):
            own = _in_force(holders.get(who), final=final)
            if own:
                return own
        # A token is never a member of a group, so a privsep token gains nothing here.
        joined: dict[str, bool] = {}
        for groupid, held in level.groups.items():
            if who in self.groups.get(groupid, ()):
                for roleid, bit in _in_force(held, final=final).items():
                    joined[roleid] = joined.get(roleid, False) or bit
        return joined

    def _roles_with_pools(self, who: str, path: str) -> dict[str, bool]:
        """The roles on a path, with those that membership in a pool adds to a guest or storage."""
        roles = dict(self.roles_on(who, path))
        if "NoAccess" in roles:
            return roles
        for poolid in self._pools_holding(path):
            for roleid in self.roles_on(who, f"/pool/{poolid}"):
                if roleid == "NoAccess":
                    return {"NoAccess": False}
                roles.setdefault(roleid, False)
        return roles

    def _pools_holding(self, path: str) -> list[str]:
        kind, _, member = path.lstrip("/").partition("/")
        if kind == "vms" and member.isdecimal():
            return [poolid for poolid, pool in self.pools.items() if int(member) in pool.vms]
        if kind == "storage" and member:
            return [poolid for poolid, pool in self.pools.items() if member in pool.storages]
        return []


def _in_force(held: dict[str, bool] | None, *, final: bool) -> dict[str, bool]:
    """Of the roles set at a level, all at the path itself; above it, those that propagate."""
    return {roleid: bit for roleid, bit in (held or {}).items() if final or bit}
