"""What goes into PVE's parameters: each value checked by its own rule before it leaves.

PVE checks too, but late, in a task, in words of its own, and not everything: a size without a unit
is bytes, and a comma in a value begins the next option.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import quote

from nubemox_bot.pve.errors import InvalidName
from nubemox_bot.pve.model import GuestKind

MEMORY_MIN_MIB, MEMORY_MAX_MIB = 16, 4 * 1024 * 1024
CORES_MAX = 8192
DISK_MAX_GIB = 128 * 1024
_MIB = 1 / 1024
DESCRIPTION_LIMIT = 8192
VLAN_MAX = 4094

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DNS_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_\-+.]*")
_BRIDGE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{1,19}")
_CI_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_DISKS = {
    GuestKind.QEMU: re.compile(
        r"ide[0-3]|sata[0-5]|scsi(?:30|[12]?[0-9])|virtio(?:1[0-5]|[0-9])|efidisk0|tpmstate0"
    ),
    GuestKind.LXC: re.compile(r"rootfs|mp(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"),
}
_KEY_TYPES = frozenset(
    {"ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"}
    | {"sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"}
)
_LONGEST_SHOWN = 60


def _invalid(field: str, value: object) -> InvalidName:
    shown = "".join(c if c.isprintable() else "?" for c in str(value))
    shown = shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"
    return InvalidName(field=field, value=shown)


def guest_name(value: object) -> str:
    """A guest's name is a DNS name: letters, digits, hyphens, dots; no underscore."""
    if not isinstance(value, str) or len(value) > 253 or not _DNS_NAME.fullmatch(value):
        raise _invalid("name", value)
    return value


def whole(field: str, value: object, low: int, high: int) -> int:
    """A whole number within its bounds; nothing that only looks like one."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise _invalid(field, value)
    return value


def cores(value: object) -> int:
    """Processor cores."""
    return whole("cores", value, 1, CORES_MAX)


def memory_mib(value: object) -> int:
    """Memory in MiB."""
    return whole("memory", value, MEMORY_MIN_MIB, MEMORY_MAX_MIB)


def swap_mib(value: object) -> int:
    """Swap in MiB; 0 is none."""
    return whole("swap", value, 0, MEMORY_MAX_MIB)


def disk_gib(value: object) -> int:
    """A new disk's size, which PVE takes in GiB."""
    return whole("disk", value, 1, DISK_MAX_GIB)


def absolute_size(size_gib: object) -> str:
    """A disk's new size with its unit, `40G` or `2252M`: PVE takes a bare number for bytes."""
    is_number = isinstance(size_gib, int | float) and not isinstance(size_gib, bool)
    if not is_number or not _MIB <= float(str(size_gib)) <= DISK_MAX_GIB:
        raise _invalid("size", size_gib)
    gib = float(str(size_gib))
    return f"{int(gib)}G" if gib == int(gib) else f"{round(gib * 1024)}M"


def disk_key(kind: GuestKind, value: object) -> str:
    """Which disk of a guest: `scsi0`, `rootfs`, `mp1` and so on."""
    if not isinstance(value, str) or not _DISKS[kind].fullmatch(value):
        raise _invalid("disk", value)
    return value


def bridge(value: object) -> str:
    """A bridge of a node, or an SDN's network."""
    if not isinstance(value, str) or not _BRIDGE.fullmatch(value):
        raise _invalid("bridge", value)
    return value


def vlan(value: object) -> int:
    """A VLAN's number."""
    return whole("vlan", value, 1, VLAN_MAX)


def address(value: object) -> str:
    """`dhcp`, or an address with its prefix, `10.0.0.5/24`."""
    if value == "dhcp":
        return "dhcp"
    try:
        if not isinstance(value, str) or "/" not in value:
            raise _invalid("ip", value)
        return ipaddress.IPv4Interface(value).with_prefixlen
    except ValueError:
        raise _invalid("ip", value) from None


def gateway(value: object) -> str:
    """A gateway's IPv4 address."""
    try:
        return str(ipaddress.IPv4Address(str(value)))
    except ValueError:
        raise _invalid("gw", value) from None


def tags(values: Iterable[object]) -> str:
    """Tags as PVE keeps them: lower case, sorted, joined by semicolons."""
    checked = set()
    for value in values:
        if not isinstance(value, str) or not _TAG.fullmatch(value):
            raise _invalid("tags", value)
        checked.add(value.lower())
    return ";".join(sorted(checked))


def description(value: object) -> str:
    """A note on a guest: lines of text, within PVE's limit."""
    is_text = isinstance(value, str) and len(value) <= DESCRIPTION_LIMIT
    if not is_text or not all(c.isprintable() or c in "\n\t" for c in str(value)):
        raise _invalid("description", value)
    return str(value)


def ci_user(value: object) -> str:
    """The account that cloud-init makes."""
    if not isinstance(value, str) or not _CI_USER.fullmatch(value):
        raise _invalid("ciuser", value)
    return value


def ssh_key(value: object) -> str:
    """One public key on one line, whose inside says the same type as its beginning.

    Options before the type are refused: `command=` and the like are nothing to hand to a guest.
    """
    text = value.strip() if isinstance(value, str) else ""
    kind, _, rest = text.partition(" ")
    body = rest.strip().partition(" ")[0]
    try:
        raw = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise _invalid("ssh_keys", value) from None
    inside = raw[4 : 4 + int.from_bytes(raw[:4], "big")].decode("ascii", "replace")
    if kind not in _KEY_TYPES or inside != kind or not text.isprintable():
        raise _invalid("ssh_keys", value)
    return text


def ssh_keys(values: Iterable[object]) -> tuple[str, ...]:
    """Public keys, each checked."""
    return tuple(ssh_key(value) for value in values)


def keys_for_container(keys: Iterable[str]) -> str | None:
    """One key a line, as they are (PVE: pve-container, `ssh-public-keys`)."""
    return "\n".join(keys) or None


def keys_for_vm(keys: Iterable[str]) -> str | None:
    """Percent-encoded once more before the form is: PVE unescapes them itself (qemu-server)."""
    joined = "\n".join(keys)
    return quote(joined, safe="") if joined else None
