# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""/access: users, tokens and ACLs that are kept, under PVE's rules for who may."""

import re
import uuid
from typing import Any

from fakepve import PveError
from fakepve.routing import die, param_error, split_list

from playground._cluster_gate import as_text
from playground._cluster_roles import RoleRoutes
from playground.acl import Token, User, normalize_path, split_tokenid

_NAME = r"[A-Za-z0-9.\-_]+"
_POOL = rf"{_NAME}(?:/{_NAME}){{0,2}}"
_ACL_PATHS = re.compile(
    rf"""/ | /access | /access/(groups|realm)(/{_NAME})? | /nodes(/{_NAME})? | /pool(/{_POOL})?
    | /sdn | /sdn/(controllers|dns|ipams)(/{_NAME})? | /sdn/zones(/{_NAME}){{0,2}}
    | /sdn/zones/{_NAME}/{_NAME}/[1-9][0-9]{{0,3}} | /storage(/{_NAME})? | /vms(/[1-9][0-9]{{2,}})?
    | /mapping | /mapping/{_NAME}(/{_NAME})?""",
    re.VERBOSE,
)
_DETAILS = ("firstname", "lastname", "email", "comment", "keys")
_USER_READERS = ["User.Modify", "Sys.Audit"]


class AccessRoutes(RoleRoutes):
    """Users, tokens and the ACL over HTTP."""

    def _routes_access(self) -> list[tuple[str, str, Any]]:
        users = "/access/users"
        user = users + "/{userid}"
        tokens = user + "/token"
        token = tokens + "/{tokenid}"
        return [
            ("GET", "/access/permissions", self._permissions),
            ("GET", "/access/domains", self._domains),
            ("GET", "/access/acl", self._acl_list),
            ("PUT", "/access/acl", self._acl_update),
            ("GET", users, self._user_list),
            ("POST", users, self._user_create),
            ("GET", user, self._user_read),
            ("PUT", user, self._user_update),
            ("DELETE", user, self._user_delete),
            ("GET", tokens, self._token_list),
            ("GET", token, self._token_read),
            ("POST", token, self._token_create),
            ("PUT", token, self._token_update),
            ("DELETE", token, self._token_delete),
        ]

    # -------------------------------------------------- permissions and domains

    async def _permissions(self, v: dict[str, Any], user: str) -> dict[str, Any]:
        who = v.get("userid") or user
        if user not in {who, split_tokenid(who)[0]}:
            self.require(user, "/access", "Sys.Audit")
        if v.get("path"):
            path = normalize_path(v["path"])
            held = self.access.permissions(who, path) if path else {}
            return {v["path"]: _bits(held)}
        found = self.access.effective_permissions(who)
        return {path: _bits(held) for path, held in found.items()}

    async def _domains(self, _v: dict[str, Any], _user: str | None) -> list[dict[str, Any]]:
        return [
            {"realm": "pam", "type": "pam", "comment": "Linux PAM standard authentication"},
            {"realm": "pve", "type": "pve", "comment": "Proxmox VE authentication server"},
        ]

    # ---------------------------------------------------------------------- ACL

    async def _acl_list(self, _v: dict[str, Any], user: str) -> list[dict[str, Any]]:
        audits = self.allowed(user, "/access", "Sys.Audit")
        return [
            {
                "path": entry.path,
                "type": "group" if entry.ugid.startswith("@") else _kind(entry.ugid),
                "ugid": entry.ugid.removeprefix("@"),
                "roleid": entry.roleid,
                "propagate": int(entry.propagate),
            }
            for entry in self.access.entries()
            if audits or self._may_modify(user, entry.path)
        ]

    def _may_modify(self, user: str, path: str) -> bool:
        try:
            self.check_perm_modify(user, path)
        except PveError:
            return False
        return True

    async def _acl_update(self, v: dict[str, Any], user: str) -> None:
        holders = [*split_list(v.get("users")), *split_list(v.get("tokens"))]
        groups = split_list(v.get("groups"))
        if not holders and not groups:
            why = "either 'users', 'groups' or 'tokens' is required."
            raise param_error(users=why, groups=why, tokens=why)
        path = normalize_path(v["path"])
        if path is None or (not v.get("delete") and not _ACL_PATHS.fullmatch(path)):
            raise param_error(path=f"invalid ACL path '{v['path']}'")
        self.lock_user_config("ACL update failed")
        propagate = bool(v.get("propagate", 1))
        try:
            for role in split_list(v["roles"]):
                self._check_handing_out(user, path, role, propagate=propagate, v=v)
                for who in [*(f"@{group}" for group in groups), *holders]:
                    self._must_be_known(who)
                    if v.get("delete"):
                        self.access.delete_acl(path, who, role)
                    else:
                        self.access.set_acl(path, who, role, propagate=propagate)
        except PveError as error:
            # PVE joins the inner exception to this prefix, so that its 400 ends up as a 500 that
            # spells it out. Read in lock_user_config(), not seen on a live cluster.
            raise die(f"ACL update failed: {as_text(error)}") from error

    def _check_handing_out(
        self, user: str, path: str, role: str, *, propagate: bool, v: dict[str, Any]
    ) -> None:
        """Without Permissions.Modify, one hands out only what one holds oneself."""
        if role not in self.access.roles:
            raise die(f"role '{role}' does not exist")
        held = self.access.permissions(user, path)
        if "Permissions.Modify" in held:
            return
        verb = "remove" if v.get("delete") else "add"
        for privilege in self.access.roles[role]:
            if privilege not in held:
                raise param_error(
                    role=f"Cannot {verb} role '{role}' - requires 'Permissions.Modify' "
                    "or superset of privileges."
                )
            if propagate and not held[privilege] and not v.get("delete"):
                raise param_error(
                    role=f"Cannot {verb} role '{role}' with propagation - requires "
                    "'Permissions.Modify' or propagated superset of privileges."
                )
        if role == "NoAccess":
            raise param_error(role=f"Cannot {verb} role '{role}' - requires 'Permissions.Modify'")

    def _must_be_known(self, ugid: str) -> None:
        owner, token = split_tokenid(ugid)
        if ugid.startswith("@"):
            if ugid[1:] not in self.access.groups:
                raise die(f"group '{ugid[1:]}' does not exist")
        elif token is not None:
            self._known_token(owner, token)
        elif ugid not in self.access.users:
            raise die(f"user '{ugid}' does not exist")

    # -------------------------------------------------------------------- users

    def _known_user(self, userid: str) -> User:
        if userid not in self.access.users:
            raise die(f"no such user ('{userid}')")
        return self.access.users[userid]

    def _user_data(self, userid: str) -> dict[str, Any]:
        user = self._known_user(userid)
        return {"enable": int(user.enable), "expire": user.expire, **user.details}

    def _groups_of(self, userid: str) -> list[str]:
        return sorted(group for group, members in self.access.groups.items() if userid in members)

    async def _user_list(self, v: dict[str, Any], user: str) -> list[dict[str, Any]]:
        everyone = any(self.allowed(user, "/access/groups", name) for name in _USER_READERS)
        mine = self.groups_in_charge_of(user, _USER_READERS)
        seen = {member for group in mine for member in self.access.groups[group]} | {user}
        found = []
        for userid in sorted(self.access.users):
            entry = {"userid": userid, **self._user_data(userid)}
            if not (everyone or userid in seen):
                continue
            if v.get("enabled") is not None and bool(v["enabled"]) != bool(entry["enable"]):
                continue
            if v.get("full"):
                tokens = self.access.users[userid].tokens
                entry["groups"] = ",".join(self._groups_of(userid))
                entry["tokens"] = [{"tokenid": t, **_info(tokens[t])} for t in sorted(tokens)]
            found.append(entry)
        return found

    async def _user_read(self, v: dict[str, Any], _user: str) -> dict[str, Any]:
        known = self._known_user(v["userid"])
        tokens = {name: _info(token) for name, token in known.tokens.items()}
        groups = self._groups_of(v["userid"])
        return {**self._user_data(v["userid"]), "groups": groups, "tokens": tokens}

    async def _user_create(self, v: dict[str, Any], _user: str) -> None:
        userid, failure = v["userid"], "create user failed"
        self.lock_user_config(failure)
        if userid in self.access.users:
            raise die(f"{failure}: user '{userid}' already exists")
        if v.get("password") is not None:
            self._set_password(userid, v["password"], failure)
        groups = self._known_groups(v, failure)
        details = {name: v[name] for name in _DETAILS if v.get(name)}
        enable = bool(v.get("enable", 1))
        self.access.users[userid] = User(enable, int(v.get("expire") or 0), details)
        for group in groups:
            self.access.groups[group].add(userid)

    def _set_password(self, userid: str, password: str, failure: str) -> None:
        realm = userid.rpartition("@")[2]
        if realm not in {"pam", "pve"}:
            raise die(f"{failure}: auth domain '{realm}' does not exist")
        self.users[userid] = password

    def _known_groups(self, v: dict[str, Any], failure: str) -> list[str]:
        groups = split_list(v.get("groups"))
        for group in groups:
            if group not in self.access.groups:
                raise die(f"{failure}: no such group '{group}'")
        return list(groups)

    async def _user_update(self, v: dict[str, Any], _user: str) -> None:
        failure = "update user failed"
        self.lock_user_config(failure)
        userid = v["userid"]
        known = self._known_user(userid)
        groups = self._known_groups(v, failure)
        known.enable = bool(v.get("enable", known.enable))
        known.expire = int(v.get("expire", known.expire))
        known.details |= {name: v[name] for name in _DETAILS if v.get(name) is not None}
        if v.get("groups") is not None:
            for group, members in self.access.groups.items():
                if group in groups:
                    members.add(userid)
                elif not v.get("append"):
                    members.discard(userid)

    async def _user_delete(self, v: dict[str, Any], _user: str) -> None:
        self.lock_user_config("delete user failed")
        userid = v["userid"]
        for token in self._known_user(userid).tokens:
            self.secrets.pop(f"{userid}!{token}", None)
        self.access.delete_user(userid)
        self.users.pop(userid, None)

    # ------------------------------------------------------------------- tokens

    def _known_token(self, userid: str, tokenid: str) -> Token:
        if tokenid not in self._known_user(userid).tokens:
            raise die(f"no such token '{tokenid}' for user '{userid}'")
        return self.access.users[userid].tokens[tokenid]

    def new_secret(self, full_tokenid: str) -> str:
        """Make a token's secret anew; it is told this once."""
        self.secrets[full_tokenid] = str(uuid.uuid4())
        return self.secrets[full_tokenid]

    async def _token_list(self, v: dict[str, Any], _user: str) -> list[dict[str, Any]]:
        tokens = self._known_user(v["userid"]).tokens
        return [{"tokenid": name, **_info(token)} for name, token in sorted(tokens.items())]

    async def _token_read(self, v: dict[str, Any], _user: str) -> dict[str, Any]:
        return _info(self._known_token(v["userid"], v["tokenid"]))

    async def _token_create(self, v: dict[str, Any], _user: str) -> dict[str, Any]:
        userid, tokenid = v["userid"], v["tokenid"]
        if tokenid in self._known_user(userid).tokens:
            raise param_error(tokenid="Token already exists.")
        self.lock_user_config("generating token failed")
        privsep = bool(v.get("privsep", 1))
        token = Token(privsep, int(v.get("expire") or 0), v.get("comment"))
        self.access.users[userid].tokens[tokenid] = token
        full = f"{userid}!{tokenid}"
        return {"full-tokenid": full, "info": _info(token), "value": self.new_secret(full)}

    async def _token_update(self, v: dict[str, Any], _user: str) -> dict[str, Any]:
        userid, tokenid = v["userid"], v["tokenid"]
        token = self._known_token(userid, tokenid)
        self.lock_user_config("updating token info failed")
        token.privsep = bool(v.get("privsep", token.privsep))
        token.expire = int(v.get("expire", token.expire))
        token.comment = v.get("comment", token.comment)
        if not v.get("regenerate"):
            return _info(token)
        # New in pve-access-control 9.1; that its answer looks like that to a POST is a guess.
        full = f"{userid}!{tokenid}"
        return {**_info(token), "full-tokenid": full, "value": self.new_secret(full)}

    async def _token_delete(self, v: dict[str, Any], _user: str) -> None:
        userid, tokenid = v["userid"], v["tokenid"]
        self._known_token(userid, tokenid)
        self.lock_user_config("deleting token failed")
        self.secrets.pop(f"{userid}!{tokenid}", None)
        self.access.delete_token(userid, tokenid)


def _kind(ugid: str) -> str:
    return "token" if split_tokenid(ugid)[1] else "user"


def _bits(held: dict[str, bool]) -> dict[str, int]:
    return {privilege: int(held[privilege]) for privilege in sorted(held)}


def _info(token: Token) -> dict[str, Any]:
    info: dict[str, Any] = {"privsep": int(token.privsep), "expire": token.expire}
    return info | ({"comment": token.comment} if token.comment else {})
