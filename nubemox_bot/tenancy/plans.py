"""The calls to Proxmox VE that a change of tenancy makes, told without making them.

They mirror `onboarding`; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence

from nubemox_bot.tenancy.model import PveCall
from nubemox_bot.tenancy.onboarding import COMMENT, TOKEN_NAME


class TenantPlans:
    """Calls by change, in order.

    Args:
        group: PVE group of the tenants' service users.
        role: PVE role that they get on their pool.
    """

    def __init__(self, *, group: str, role: str) -> None:
        self._group = group
        self._role = role

    def making(self, name: str, poolid: str, userid: str) -> Sequence[PveCall]:
        """A tenant made, or made anew: what is there stays, the token is another one."""
        comment = COMMENT.format(name=name)
        token = f"/access/users/{userid}/token/{TOKEN_NAME}"
        return (
            PveCall("POST", "/pools", {"poolid": poolid, "comment": comment}, unless_there=True),
            self._user(userid, comment),
            self._granted(poolid, userid),
            PveCall("DELETE", token, {}),
            PveCall("POST", token, {"privsep": 0, "comment": comment}),
        )

    def admitting(self, name: str, poolid: str, userid: str) -> Sequence[PveCall]:
        """A member's own PVE user."""
        return (self._user(userid, COMMENT.format(name=name)), self._granted(poolid, userid))

    def dismissing(self, poolid: str, userid: str) -> Sequence[PveCall]:
        """The end of such a user's role; the user itself stays."""
        return (self._acl(poolid, userid, "delete"),)

    @staticmethod
    def pool(poolid: str, comment: str) -> Sequence[PveCall]:
        """A pool that no tenant owns yet."""
        given = {"poolid": poolid, "comment": comment} if comment else {"poolid": poolid}
        return (PveCall("POST", "/pools", given),)

    def _user(self, userid: str, comment: str) -> PveCall:
        given = {"userid": userid, "groups": self._group, "comment": comment}
        return PveCall("POST", "/access/users", given, unless_there=True)

    def _granted(self, poolid: str, userid: str) -> PveCall:
        return self._acl(poolid, userid, "propagate")

    def _acl(self, poolid: str, userid: str, how: str) -> PveCall:
        given = {"path": f"/pool/{poolid}", "users": userid, "roles": self._role, how: 1}
        return PveCall("PUT", "/access/acl", given)
