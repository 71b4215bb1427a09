# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""The door of the simulated API: who is calling, and may they, in PVE's own order.

PVE answers 401 before it knows the route, 403 before it looks at the parameters or whether the
guest exists, then 595 for a node that is away, then 400, and only then runs the method.
fakepve validates first and merges a token's rights with its owner's, which would hide a leak.
"""

import hmac
import re
import time
from typing import Any

from aiohttp import web
from fakepve import FakePve, PveError, TaskError
from fakepve import schema as pve_schema
from fakepve.server import API, params

from playground.acl import ROOT, AccessControl, normalize_path, split_tokenid


def forbidden(why: str = "") -> PveError:
    """PVE's 403: with what was missing where, or bare when several ways had failed."""
    return PveError(403, f"Permission check failed ({why})" if why else "Permission check failed")


class NotedTaskError(TaskError):  # type: ignore[misc]  # fakepve is untyped
    """A task's end in error, with lines for its log."""

    def __init__(self, status: str, notes: list[str]) -> None:
        super().__init__(status)
        self.notes = notes


def answered(data: Any) -> web.Response:
    """A good answer in PVE's envelope."""
    return web.json_response({"data": data})


def as_text(error: PveError) -> str:
    """The words PVE makes of an exception that it joins to a string or ends a task with."""
    fields = "".join(f"\n{name}: {why}" for name, why in (error.errors or {}).items())
    return f"{error.status} {error.message}{fields}" if error.status != 500 else str(error.message)


class Gate(FakePve):  # type: ignore[misc]  # fakepve is untyped
    """Authentication and permission of each call, from the users and ACLs that are kept here."""

    access: AccessControl
    secrets: dict[str, str]

    # ---------------------------------------------------------- who is asking

    def _authenticate(self, request: web.Request) -> str | None:
        """The userid or token of a request, or a 401 that says no more than PVE's does."""
        if "PVEAuthCookie" in request.cookies or request.path.endswith("/access/ticket"):
            # A cookie wins over a token, as in PVE.
            user: str | None = super()._authenticate(request)
            return user
        header = request.headers.get("Authorization", "")
        if not header.startswith("PVEAPIToken="):
            raise PveError(401, "No ticket")
        tokenid, _, secret = header.removeprefix("PVEAPIToken=").rpartition("=")
        if not self._token_is_good(tokenid, secret):
            raise PveError(401, "authentication failure")
        return tokenid

    def _token_is_good(self, tokenid: str, secret: str) -> bool:
        token = self.access.find_token(tokenid)
        owner = self.access.users.get(split_tokenid(tokenid)[0])
        if token is None or owner is None:
            return False
        now = time.time()
        if not owner.enable or any(0 < end < now for end in (owner.expire, token.expire)):
            return False
        return hmac.compare_digest(self.secrets.get(tokenid, "").encode(), secret.encode())

    # ------------------------------------------------------- what is asked for

    def find_match(self, request: web.Request) -> pve_schema.Match | None:
        """The method of PVE's schema that a request means."""
        resource = request.match_info.route.resource
        if resource is not None and "tail" not in request.match_info:
            # Volumes and nested pools have slashes in their name, which only the route knows.
            template = resource.canonical.split("/json", 1)[-1].split("/extjs", 1)[-1]
            methods = pve_schema.load().paths.get(template)
            if methods is not None:
                return pve_schema.Match(template, dict(request.match_info), methods)
        return self.resolve(request, API)

    async def admit(self, request: web.Request, user: str | None) -> pve_schema.Match:
        """Let a call through to its method, or refuse it in PVE's order."""
        match = self.find_match(request)
        method = request.method
        if match is None or method not in match.methods:
            path = request.path.removeprefix(API)
            raise PveError(501, f"Method '{method} {path}' not implemented")
        if method in {"GET", "DELETE"} and request.content_length:
            raise PveError(501, f"Unexpected content for method '{method}'")
        info = match.methods[method]
        if user is not None and split_tokenid(user)[1] and not info.get("allowtoken", 1):
            raise PveError(
                403, f"URI '{request.path}' not available with API token, need proper ticket."
            )
        given = {**await params(request), **match.params}
        self.check_permissions(user, info.get("permissions"), given)
        self._reach(match.params.get("node"))
        self.checked_values(info, given, match.params)
        return match

    def checked_values(
        self, info: dict[str, Any], given: dict[str, Any], path: dict[str, str]
    ) -> dict[str, Any]:
        """The parameters in their types, or PVE's 400 with what is wrong with each."""
        declared = (info.get("parameters") or {}).get("properties", {})
        # fakepve's copy of the schema lacks a few path parameters; those go unchecked.
        known = {
            name: value for name, value in given.items() if name in declared or name not in path
        }
        values, errors = pve_schema.validate(info.get("parameters"), known)
        if errors:
            raise PveError(400, "Parameter verification failed.", errors)
        return {**path, **values}

    def _reach(self, node: str | None) -> None:
        """The answering node passes the call on to the named one, if there is a way to it."""
        if node is None:
            return
        if node not in self.nodes:
            raise PveError(
                500,
                f"hostname lookup '{node}' failed - failed to get address info for: {node}: "
                "Name or service not known",
            )
        if not self.nodes[node].get("online", True):
            raise PveError(595, "No route to host")

    async def answer(
        self,
        request: web.Request,
        match: pve_schema.Match,
        given: dict[str, Any],
        user: str | None,
        call: Any = None,
    ) -> Any:
        """What fakepve's routes call: the gate has been passed, so the method runs."""
        info = match.methods[request.method]
        values = self.checked_values(info, {**given, **match.params}, match.params)
        if call is not None:
            return await call(match, values)
        return await self.synthesise(match, request.method, info, user, values)

    # -------------------------------------------------------- may they do that

    def allowed(self, user: str, path: str, priv: str) -> bool:
        """Whether a user or token holds a privilege: what all of fakepve's own checks ask."""
        normal = normalize_path(path)
        return normal is not None and priv in self.access.permissions(user, normal)

    def require_any(self, user: str, path: str, privileges: list[str]) -> None:
        if not any(self.allowed(user, path, privilege) for privilege in privileges):
            raise forbidden(f"{path}, {'|'.join(privileges)}")

    def check_permissions(
        self,
        user: str | None,
        perms: dict[str, Any] | None,
        values: dict[str, Any],
        declared: Any = None,  # noqa: ARG002  fakepve's signature
    ) -> None:
        """Refuse a call unless the rule beside its method in PVE's schema is met."""
        if user is None:
            if (perms or {}).get("user") == "world":
                return
            raise forbidden("user != null")
        if user == ROOT:
            return
        if perms is None:
            raise forbidden("user != root@pam")
        if perms.get("user") in {"all", "world"}:
            return
        if "check" not in perms:
            raise forbidden()
        self._check_rule(user, perms["check"], values)

    def _check_rule(self, user: str, rule: list[Any], values: dict[str, Any]) -> None:
        match rule:
            case ["and", *parts]:
                for part in parts:
                    self._check_rule(user, part, values)
            case ["or", *parts]:
                if not any(self._rule_holds(user, part, values) for part in parts):
                    raise forbidden()
            case ["perm", path, privileges, *options]:
                self._check_perm(user, path, privileges, _named(options), values)
            case ["userid-group", privileges, *options]:
                self._check_userid_group(user, privileges, _named(options), values)
            case ["userid-param", "self"]:
                self._must_exist(values.get("userid"))
                # A token is nobody's self, not even its owner's.
                if user != values.get("userid"):
                    raise forbidden()
            case ["userid-param", privilege]:
                realm = str(values.get("userid", "")).rpartition("@")[2]
                self.require(user, f"/access/realm/{realm}", privilege)
            case ["perm-modify", path]:
                self.check_perm_modify(user, _filled(path, values))
            case _:
                raise forbidden("user != root@pam")

    def _rule_holds(self, user: str, rule: list[Any], values: dict[str, Any]) -> bool:
        try:
            self._check_rule(user, rule, values)
        except PveError:
            return False
        return True

    def _check_perm(
        self,
        user: str,
        template: str,
        privileges: list[str],
        options: dict[str, Any],
        values: dict[str, Any],
    ) -> None:
        needed = options.get("require_param")
        if needed and values.get(needed) is None:
            raise forbidden()
        path = normalize_path(_filled(template, values)) or ""
        if options.get("any"):
            self.require_any(user, path, privileges)
            return
        for privilege in privileges:
            self.require(user, path, privilege)

    def check_perm_modify(self, user: str, path: str) -> None:
        """Permissions.Modify on a path, or the right to allocate what lives there."""
        path = normalize_path(path) or ""
        allocate = {"storage": "Datastore.Allocate", "vms": "VM.Allocate", "pool": "Pool.Allocate"}
        kind, _, rest = path.lstrip("/").partition("/")
        also = [allocate[kind]] if rest and kind in allocate else []
        self.require_any(user, path, ["Permissions.Modify", *also])

    def _check_userid_group(
        self, user: str, privileges: list[str], options: dict[str, Any], values: dict[str, Any]
    ) -> None:
        """A right over all users, or over the groups that a user is in or is to be in."""
        groups_param = options.get("groups_param")
        userid = values.get("userid")
        if groups_param != "create":
            self._must_exist(userid)
        if any(self.allowed(user, "/access/groups", privilege) for privilege in privileges):
            return
        mine = self.groups_in_charge_of(user, privileges)
        if groups_param:
            # Also for an update that leaves the groups alone: PVE wants them named again.
            named = [
                group for group in re.split(r"[\s,;]+", str(values.get("groups", ""))) if group
            ]
            if not named:
                raise forbidden(f"/access/groups, {'|'.join(privileges)}")
            for group in named:
                if group not in mine:
                    raise forbidden(f"/access/groups/{group}, {'|'.join(privileges)}")
        if groups_param != "create" and not any(userid in self.access.groups[g] for g in mine):
            raise forbidden()

    def groups_in_charge_of(self, user: str, privileges: list[str]) -> set[str]:
        """The groups over which a caller holds any of these privileges."""
        return {
            group
            for group in self.access.groups
            if any(self.allowed(user, f"/access/groups/{group}", name) for name in privileges)
        }

    def _must_exist(self, userid: str | None) -> None:
        if userid not in self.access.users:
            raise PveError(500, f"no such user ('{userid}')")


def _named(options: list[Any]) -> dict[str, Any]:
    return dict(zip(options[::2], options[1::2], strict=False))


def _filled(template: str, values: dict[str, Any]) -> str:
    """A path of the schema with the call's values in it; what was not given leaves a gap."""
    return re.sub(r"\{([^}]+)\}", lambda found: str(values.get(found[1], "")), template)
