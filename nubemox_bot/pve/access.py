"""Users, groups, roles, ACLs and API tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self

from nubemox_bot.core.log import hide
from nubemox_bot.pve import paths
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import AnswerLost, EntryMissing, PveBadParameter, PveForbidden
from nubemox_bot.pve.model import words
from nubemox_bot.pve.paths import PvePath
from nubemox_bot.pve.translation import lacks_parameter
from nubemox_bot.pve.usercfg import UserCfgWriter

_ACL = PvePath.to("/access/acl")
_USERS = PvePath.to("/access/users")


@dataclass(frozen=True, slots=True)
class PveToken:
    """A token of a user's, without its secret. `expires_at` is epoch seconds, 0 for never."""

    tokenid: str
    is_separated: bool
    expires_at: int = 0
    comment: str = ""

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """Read one row of a token list."""
        return cls(
            tokenid=str(row["tokenid"]),
            is_separated=bool(int(row.get("privsep", 1) or 0)),
            expires_at=int(row.get("expire") or 0),
            comment=str(row.get("comment") or ""),
        )


@dataclass(frozen=True, slots=True)
class PveUser:
    """A user of the cluster; with its tokens, where PVE tells them."""

    userid: str
    is_enabled: bool
    groups: tuple[str, ...] = ()
    comment: str = ""
    tokens: tuple[PveToken, ...] = ()

    @classmethod
    def from_row(cls, row: dict[str, Any], userid: str = "") -> Self:
        """Read a user; PVE gives groups as a list, or as words with commas."""
        groups = row.get("groups")
        tokens = row.get("tokens")
        if isinstance(tokens, dict):
            tokens = [{"tokenid": name, **details} for name, details in tokens.items()]
        return cls(
            userid=str(row.get("userid") or userid),
            is_enabled=bool(int(row.get("enable", 1) or 0)),
            groups=tuple(groups) if isinstance(groups, list) else words(groups),
            comment=str(row.get("comment") or ""),
            tokens=tuple(PveToken.from_row(token) for token in tokens or ()),
        )


@dataclass(frozen=True, slots=True)
class AclEntry:
    """One line of the ACL. `kind` is user, group or token; `ugid` is its name without a sign."""

    path: str
    kind: str
    ugid: str
    roleid: str
    propagates: bool


class PveAccess:
    """Reads and writes who may do what, with the bot's own token.

    Writing methods bear being repeated: grants, revocations and deletions of what is so already
    do nothing, creations say `AlreadyExists`. All of them raise:
        LockTimeout, NoQuorum: not now, nothing was done.
        AnswerLost: look before deciding.
        PveForbidden: the bot's own rights do not reach; `doctor` tells which are meant.
        InvalidName: PVE takes no such name.
    """

    def __init__(self, client: PveClient, writer: UserCfgWriter | None = None) -> None:
        self._client = client
        self._writer = writer or UserCfgWriter(client)

    def list_users(self) -> list[PveUser]:
        """Every user that the bot may see, with groups and tokens."""
        return [PveUser.from_row(row) for row in self._client.get(_USERS, full=True)]

    def find_user(self, userid: str) -> PveUser | None:
        """One user, if there is one that the bot may see."""
        try:
            row = self._client.get(PvePath.to("/access/users/{userid}", userid=userid))
        except EntryMissing:
            return None
        return PveUser.from_row(row, userid)

    def create_user(self, userid: str, *, groups: Sequence[str], comment: str = "") -> None:
        """Make a user without a password, so that the realm is not asked for anything.

        The groups belong to it: the bot may make users only inside its own group.

        Raises:
            AlreadyExists: it was there before.
            EntryMissing: there is no such group.
        """
        name = paths.userid(userid)
        listed = ",".join(paths.groupid(group) for group in groups)
        self._writer.once(
            lambda: self._writer.client.post(
                _USERS, userid=name, groups=listed or None, comment=comment or None
            )
        )

    def enable_user(self, userid: str, *, enabled: bool, groups: Sequence[str]) -> None:
        """Switch a user on or off; off, its tokens are refused at once.

        `groups` names a group of it that the bot has rights on: without User.Modify on all groups,
        PVE lets nobody change a user without naming one. Other groups of it stay.

        Raises:
            EntryMissing: there is no such user.
        """
        path = PvePath.to("/access/users/{userid}", userid=userid)
        listed = ",".join(paths.groupid(group) for group in groups)
        self._writer.repeatable(
            lambda: self._writer.client.put(path, enable=enabled, groups=listed, append=True)
        )

    def delete_user(self, userid: str) -> None:
        """Remove a user with its tokens and ACLs; one that is not there is no error."""
        path = PvePath.to("/access/users/{userid}", userid=userid)
        with suppress(EntryMissing), self._told_from_missing(userid):
            self._writer.repeatable(lambda: self._writer.client.delete(path))

    def list_groups(self) -> list[str]:
        """The names of the groups that the bot may see."""
        rows = self._client.get(PvePath.to("/access/groups"))
        return sorted(str(row["groupid"]) for row in rows)

    def roles(self) -> dict[str, frozenset[str]]:
        """Every role with its privileges."""
        rows = self._client.get(PvePath.to("/access/roles"))
        return {str(row["roleid"]): frozenset(words(row.get("privs"))) for row in rows}

    def role_privileges(self, roleid: str) -> frozenset[str]:
        """The privileges of one role.

        Raises:
            EntryMissing: there is no such role.
        """
        privileges = self.roles().get(roleid)
        if privileges is None:
            raise EntryMissing(name=f"role '{roleid}'")
        return privileges

    def list_acl(self) -> list[AclEntry]:
        """The ACL, as far as the bot may see it (PVE: Sys.Audit on /access for all of it)."""
        return [
            AclEntry(
                path=str(row["path"]),
                kind=str(row.get("type") or "user"),
                ugid=str(row["ugid"]),
                roleid=str(row["roleid"]),
                propagates=bool(int(row.get("propagate", 1) or 0)),
            )
            for row in self._client.get(_ACL)
        ]

    def grant(self, path: str, userid: str, roleid: str, *, propagate: bool = True) -> None:
        """Give a user a role on an ACL path such as `/pool/acme`; it adds to what it has there.

        PVE checks only the form of a pool's path: make the pool first.

        Raises:
            EntryMissing: there is no such user or role.
            PveBadParameter: PVE knows no such path, or the bot may not hand the role out.
        """
        self._change_acl(path, userid, roleid, propagate=propagate)

    def revoke(self, path: str, userid: str, roleid: str) -> None:
        """Take a role on an ACL path from a user; neither it nor the user need be there."""
        with suppress(EntryMissing):
            self._change_acl(path, userid, roleid, delete=True)

    def list_tokens(self, userid: str) -> list[PveToken]:
        """A user's tokens.

        Raises:
            EntryMissing: there is no such user.
        """
        path = PvePath.to("/access/users/{userid}/token", userid=userid)
        with self._told_from_missing(userid):
            rows = self._client.get(path)
        return [PveToken.from_row(row) for row in rows]

    def create_token(
        self, userid: str, tokenid: str, *, privsep: bool = False, comment: str = ""
    ) -> str:
        """Make a token and return its secret, which PVE tells only now; logs never show it.

        Raises:
            AlreadyExists: it was there before; its secret cannot be had any more.
            EntryMissing: there is no such user.
        """
        path = _token_path(userid, tokenid)
        with self._told_from_missing(userid):
            answer = self._writer.once(
                lambda: self._writer.client.post(path, privsep=privsep, comment=comment or None)
            )
        return _secret(answer)

    def renew_token(self, userid: str, tokenid: str, *, comment: str = "") -> str:
        """Give a token a new secret and return it; the old one stops at once.

        In place from pve-access-control 9.1 on; before that by deleting and making it again,
        which loses the ACLs of a privilege-separated token: its privileges become its user's.

        Raises:
            EntryMissing: there is no such user.
        """
        path = _token_path(userid, tokenid)
        try:
            with self._told_from_missing(userid):
                answer = self._writer.once(
                    lambda: self._writer.client.put(path, regenerate=True, comment=comment or None)
                )
        except PveBadParameter as error:
            if not lacks_parameter(error, "regenerate"):
                raise
        except EntryMissing:
            pass
        else:
            return _secret(answer)
        self.delete_token(userid, tokenid)
        return self.create_token(userid, tokenid, privsep=False, comment=comment)

    def delete_token(self, userid: str, tokenid: str) -> None:
        """Remove a token; neither it nor its user need be there."""
        path = _token_path(userid, tokenid)
        with suppress(EntryMissing), self._told_from_missing(userid):
            self._writer.repeatable(lambda: self._writer.client.delete(path))

    def permissions(
        self, auth_id: str | None = None, path: str | None = None
    ) -> dict[str, dict[str, bool]]:
        """What a user or full token id can do in effect: path → privilege → whether it propagates.

        Without `auth_id`, what this client itself can do; others need Sys.Audit on /access.
        """
        if auth_id is not None:
            owner, _, tokenid = auth_id.partition("!")
            paths.userid(owner)
            if tokenid:
                paths.tokenid(tokenid)
        answer = self._client.get(PvePath.to("/access/permissions"), userid=auth_id, path=path)
        return {
            str(where): {str(name): bool(int(propagates or 0)) for name, propagates in held.items()}
            for where, held in (answer or {}).items()
        }

    @contextmanager
    def _told_from_missing(self, userid: str) -> Iterator[None]:
        """PVE may say a bare "no" where a user is missing: tell the one from the other.

        Its rule for tokens has two ways in, and the user is looked for in neither of them loudly
        (PVE: pve-access-control RPCEnvironment.pm `exec_api2_perm_check`).
        """
        try:
            yield
        except PveForbidden:
            if self.find_user(userid) is None:
                raise EntryMissing(name=f"user '{userid}'") from None
            raise

    def _change_acl(self, path: str, userid: str, roleid: str, **how: bool) -> None:
        name, role = paths.userid(userid), paths.roleid(roleid)
        self._writer.repeatable(
            lambda: self._writer.client.put(_ACL, path=path, users=name, roles=role, **how)
        )


def _token_path(userid: str, tokenid: str) -> PvePath:
    return PvePath.to("/access/users/{userid}/token/{tokenid}", userid=userid, tokenid=tokenid)


def _secret(answer: object) -> str:
    secret = answer.get("value") if isinstance(answer, dict) else None
    if not isinstance(secret, str) or not secret:
        raise AnswerLost
    hide(secret)
    return secret
