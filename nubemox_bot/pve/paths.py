"""Paths of the PVE API: built from a template and checked values, never from joined strings.

proxmoxer splits ids at `/` and quotes nothing, and urllib3 collapses `..`: a snapshot name such as
`../../200/status/stop` would reach another guest. So each value is checked by its own rule, quoted,
and only then becomes a segment.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

from nubemox_bot.pve.errors import InvalidName
from nubemox_bot.pve.model import Guest, GuestKind, Upid

VMID_MIN, VMID_MAX = 100, 999_999_999

_LITERAL = re.compile(r"[a-z][a-z0-9-]*")
_SAFE_SEGMENT = re.compile(r"(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+")
_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")

_NODE = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?")
_STORAGE = re.compile(r"[a-zA-Z][a-zA-Z0-9\-_.]{0,98}[a-zA-Z0-9]")
_POOL_LEAF = r"[A-Za-z0-9.\-_]+"
_POOLID = re.compile(rf"{_POOL_LEAF}(?:/{_POOL_LEAF}){{0,2}}")
_USERID = re.compile(r"[^\s:/\x00-\x1f\x7f]+@[A-Za-z][A-Za-z0-9.\-_]{1,31}")
_TOKENID = re.compile(r"[A-Za-z][A-Za-z0-9.\-_]+")
_NAME = re.compile(r"[A-Za-z0-9.\-_]+")
_SNAPNAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{1,39}")
_VOLID = re.compile(r"[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]:[^\s\x00-\x1f\x7f]{1,255}")
_HA_SID = re.compile(r"(?:vm|ct):[1-9][0-9]{2,8}")
_LONGEST_SHOWN = 60


def _matching(field: str, pattern: re.Pattern[str]) -> Callable[[object], str]:
    def check(value: object) -> str:
        text = str(value)
        dots = set(text) == {"."}
        if not isinstance(value, str) or dots or not pattern.fullmatch(text):
            raise _invalid(field, value)
        return text

    return check


def _invalid(field: str, value: object) -> InvalidName:
    shown = "".join(c if c.isprintable() else "?" for c in str(value))
    shown = shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"
    return InvalidName(field=field, value=shown)


def vmid(value: object) -> str:
    """A guest's number as PVE takes it: 100 to 999999999."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not is_number and not (isinstance(value, str) and re.fullmatch(r"[1-9][0-9]{2,8}", value)):
        raise _invalid("vmid", value)
    number = int(str(value))
    if not VMID_MIN <= number <= VMID_MAX:
        raise _invalid("vmid", value)
    return str(number)


def _kind(value: object) -> str:
    try:
        return GuestKind(str(value)).value
    except ValueError:
        raise _invalid("kind", value) from None


def _upid(value: object) -> str:
    text = value.text if isinstance(value, Upid) else value
    try:
        return Upid.parse(text).text
    except ValueError:
        raise _invalid("upid", value) from None


def poolid(value: object) -> str:
    """A pool's name, for a query or a body; before PVE 8.1 a flat one is part of a path.

    Nested ones have up to three parts; none of these may be dots alone.
    """
    text = _matching("poolid", _POOLID)(value)
    if any(set(part) == {"."} for part in text.split("/")):
        raise _invalid("poolid", value)
    return text


node = _matching("node", _NODE)
storage = _matching("storage", _STORAGE)
userid = _matching("userid", _USERID)
tokenid = _matching("tokenid", _TOKENID)
groupid = _matching("groupid", _NAME)
roleid = _matching("roleid", _NAME)
snapname = _matching("snapname", _SNAPNAME)
volid = _matching("volid", _VOLID)

_CHECKS: dict[str, Callable[[object], str]] = {
    "node": node,
    "kind": _kind,
    "vmid": vmid,
    "storage": storage,
    "poolid": _matching("poolid", re.compile(_POOL_LEAF)),
    "userid": userid,
    "tokenid": tokenid,
    "groupid": groupid,
    "roleid": roleid,
    "snapname": snapname,
    "volid": volid,
    "upid": _upid,
    "realm": _matching("realm", re.compile(r"[A-Za-z][A-Za-z0-9.\-_]+")),
    "sid": _matching("sid", _HA_SID),
    "name": _matching("name", re.compile(r"[A-Za-z][A-Za-z0-9\-_]*")),
}


@dataclass(frozen=True, slots=True)
class PvePath:
    """One resource of the API, with each segment checked and quoted.

    Attributes:
        segments: as they go on the wire.
        route: the template, for metrics and logs: it names no guest, pool or person.
        subject: the vmid or name the path is about, for an error's words; may be empty.
    """

    segments: tuple[str, ...]
    route: str
    node: str = ""
    subject: str = ""

    def __post_init__(self) -> None:
        for segment in self.segments:
            if not _SAFE_SEGMENT.fullmatch(segment) or set(segment) == {"."}:
                raise _invalid("path", segment)

    def __str__(self) -> str:
        return "/" + "/".join(self.segments)

    @classmethod
    def to(cls, template: str, /, **values: object) -> Self:
        """Build a path: `PvePath.to("/nodes/{node}/qemu/{vmid}/config", node=…, vmid=…)`.

        Placeholders: node, kind, vmid, storage, userid, tokenid, groupid, roleid, snapname, volid,
        upid, realm, sid (HA), name. `{kind}` is filled in the route too, as there are just two.

        Raises:
            InvalidName: a value is nothing that PVE takes there.
            ValueError: the template itself is wrong, which is a fault of the code.
        """
        segments, route = [], []
        checked: dict[str, str] = {}
        for part in template.removeprefix("/").split("/"):
            found = _PLACEHOLDER.fullmatch(part)
            if found is None:
                if not _LITERAL.fullmatch(part):
                    raise ValueError(
                        f"{part!r} in {template!r} is neither a word nor a placeholder"
                    )
                segments.append(part)
                route.append(part)
                continue
            key = found[1]
            if key not in values:
                raise ValueError(f"{template!r} needs a {key}")
            checked[key] = _CHECKS[key](values[key])
            segments.append(quote(checked[key], safe=""))
            route.append(checked[key] if key == "kind" else part)
        if unused := values.keys() - checked.keys():
            raise ValueError(f"{template!r} has no place for {sorted(unused)}")
        last = next(reversed([v for k, v in checked.items() if k not in {"kind", "node"}]), "")
        return cls(
            segments=tuple(segments),
            route="/" + "/".join(route),
            node=checked.get("node", ""),
            subject=checked.get("vmid", last),
        )


def guest_path(guest: Guest, rest: str = "", /, **values: object) -> PvePath:
    """A path under a guest: `guest_path(guest, "status/start")`, `…("snapshot/{snapname}", …)`."""
    template = "/nodes/{node}/{kind}/{vmid}" + (f"/{rest}" if rest else "")
    return PvePath.to(template, node=guest.node, kind=guest.kind, vmid=guest.vmid, **values)


def task_path(upid: Upid | str, rest: str) -> PvePath:
    """A path under a task, on the node that its UPID names.

    Raises:
        InvalidName: it is no UPID.
    """
    name = _upid(upid)
    return PvePath.to(
        f"/nodes/{{node}}/tasks/{{upid}}/{rest}", node=Upid.parse(name).node, upid=name
    )


def acl_on_pool(pool: str) -> str:
    """The ACL path of a pool: `/pool/acme`."""
    return f"/pool/{poolid(pool)}"
