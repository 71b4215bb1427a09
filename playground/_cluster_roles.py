# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""/access/groups and /access/roles."""

from typing import Any

from fakepve.routing import die, split_list

from playground._cluster_gate import Gate
from playground.acl import BUILTIN_ROLES

_READERS = ["User.Modify", "Sys.Audit", "Group.Allocate"]


class RoleRoutes(Gate):
    """Groups and roles over HTTP."""

    def _routes_roles(self) -> list[tuple[str, str, Any]]:
        groups, roles = "/access/groups", "/access/roles"
        group, role = groups + "/{groupid}", roles + "/{roleid}"
        return [
            ("GET", groups, self._group_list),
            ("POST", groups, self._group_create),
            ("GET", group, self._group_read),
            ("PUT", group, self._group_update),
            ("DELETE", group, self._group_delete),
            ("GET", roles, self._role_list),
            ("POST", roles, self._role_create),
            ("GET", role, self._role_read),
            ("PUT", role, self._role_update),
            ("DELETE", role, self._role_delete),
        ]

    def lock_user_config(self, failure: str) -> None:
        """Take the cluster-wide lock on user.cfg, which a cluster without quorum does not give."""
        if not self.quorate:
            raise die(f"{failure}: cfs-lock 'file-user_cfg' error: no quorum!")

    # ------------------------------------------------------------------- groups

    def _known_group(self, groupid: str, failure: str = "") -> set[str]:
        if groupid not in self.access.groups:
            raise die(f"{failure}group '{groupid}' does not exist")
        return self.access.groups[groupid]

    async def _group_list(self, _v: dict[str, Any], user: str) -> list[dict[str, Any]]:
        return [
            {
                "groupid": group,
                "comment": self.access.group_comments.get(group, ""),
                "users": ",".join(sorted(self.access.groups[group])),
            }
            for group in sorted(self.groups_in_charge_of(user, _READERS))
        ]

    async def _group_read(self, v: dict[str, Any], _user: str) -> dict[str, Any]:
        members = sorted(self._known_group(v["groupid"]))
        return {"comment": self.access.group_comments.get(v["groupid"], ""), "members": members}

    async def _group_create(self, v: dict[str, Any], _user: str) -> None:
        self.lock_user_config("create group failed")
        if v["groupid"] in self.access.groups:
            raise die(f"create group failed: group '{v['groupid']}' already exists")
        self.access.groups[v["groupid"]] = set()
        self.access.group_comments[v["groupid"]] = v.get("comment") or ""

    async def _group_update(self, v: dict[str, Any], _user: str) -> None:
        self.lock_user_config("update group failed")
        self._known_group(v["groupid"], "update group failed: ")
        self.access.group_comments[v["groupid"]] = v.get("comment") or ""

    async def _group_delete(self, v: dict[str, Any], _user: str) -> None:
        self.lock_user_config("delete group failed")
        self._known_group(v["groupid"], "delete group failed: ")
        self.access.delete_group(v["groupid"])

    # -------------------------------------------------------------------- roles

    def _known_role(self, roleid: str) -> frozenset[str]:
        if roleid not in self.access.roles:
            raise die(f"role '{roleid}' does not exist")
        return self.access.roles[roleid]

    def _valid_privileges(self, text: str | None) -> frozenset[str]:
        privileges = split_list(text)
        for name in privileges:
            if name not in self.access.roles["Administrator"]:
                raise die(f"invalid privilege '{name}'")
        return frozenset(privileges)

    async def _role_list(self, _v: dict[str, Any], _user: str) -> list[dict[str, Any]]:
        return [
            {
                "roleid": role,
                "privs": ",".join(sorted(held)),
                "special": int(role in BUILTIN_ROLES),
            }
            for role, held in sorted(self.access.roles.items())
        ]

    async def _role_read(self, v: dict[str, Any], _user: str) -> dict[str, int]:
        return dict.fromkeys(sorted(self._known_role(v["roleid"])), 1)

    async def _role_create(self, v: dict[str, Any], _user: str) -> None:
        self.lock_user_config("create role failed")
        if v["roleid"] in self.access.roles:
            raise die(f"create role failed: role '{v['roleid']}' already exists")
        self.access.roles[v["roleid"]] = self._valid_privileges(v.get("privs"))

    async def _role_update(self, v: dict[str, Any], _user: str) -> None:
        self.lock_user_config("update role failed")
        held = self._known_role(v["roleid"]) if v.get("append") else frozenset()
        self._own_role(v["roleid"], "modified")
        self.access.roles[v["roleid"]] = held | self._valid_privileges(v.get("privs"))

    async def _role_delete(self, v: dict[str, Any], _user: str) -> None:
        self.lock_user_config("delete role failed")
        self._own_role(v["roleid"], "deleted")
        self.access.delete_role(v["roleid"])

    def _own_role(self, roleid: str, what: str) -> None:
        self._known_role(roleid)
        if roleid in BUILTIN_ROLES:
            raise die(f"auto-generated role '{roleid}' cannot be {what}")
