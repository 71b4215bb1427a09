"""The settings of a guest that the bot may change: our names for them, and PVE's for each kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nubemox_bot.pve import values
from nubemox_bot.pve.errors import InvalidName
from nubemox_bot.pve.model import GuestKind
from nubemox_bot.pve.specs import Nic

_BOTH = frozenset(GuestKind)
_VM = frozenset({GuestKind.QEMU})
_CT = frozenset({GuestKind.LXC})

_DIGEST = re.compile(r"[0-9a-f]{40,64}")
# What may be taken away; never the disks, which would leave volumes that nobody owns.
_DELETABLE = re.compile(
    r"net\d+|description|tags|protection|onboot|agent|sshkeys|ciuser|ipconfig\d+|swap|nameserver"
)


def _switch(value: object) -> int:
    if not isinstance(value, bool):
        raise InvalidName(field="switch", value=str(value)[:60])
    return int(value)


def _digest(value: object) -> str:
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        raise InvalidName(field="digest", value=str(value)[:60])
    return value


def _deleted(names: object) -> str:
    wanted = [names] if isinstance(names, str) else list(_many(names))
    for name in wanted:
        if not isinstance(name, str) or not _DELETABLE.fullmatch(name):
            raise InvalidName(field="delete", value=str(name)[:60])
    return ",".join(map(str, wanted))


def _many(value: object) -> Iterable[object]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InvalidName(field="list", value=str(value)[:60])
    return value


def _nic(value: object) -> Nic:
    if not isinstance(value, Nic):
        raise InvalidName(field="nic", value=str(value)[:60])
    return value


def _address(value: object) -> str:
    return _nic(value).for_cloud_init()


# our name -> the kinds that have it, PVE's name for VMs and for containers, its rule
_SETTINGS: Mapping[str, tuple[frozenset[GuestKind], str, str, Callable[[Any], object]]] = {
    "name": (_BOTH, "name", "hostname", values.guest_name),
    "cores": (_BOTH, "cores", "cores", values.cores),
    "sockets": (_VM, "sockets", "", values.cores),
    "balloon_mib": (_VM, "balloon", "", values.memory_mib),
    "memory_mib": (_BOTH, "memory", "memory", values.memory_mib),
    "swap_mib": (_CT, "", "swap", values.swap_mib),
    "description": (_BOTH, "description", "description", values.description),
    "tags": (_BOTH, "tags", "tags", lambda given: values.tags(_many(given))),
    "protection": (_BOTH, "protection", "protection", _switch),
    "onboot": (_BOTH, "onboot", "onboot", _switch),
    "agent": (_VM, "agent", "", lambda given: str(_switch(given))),
    "ssh_keys": (
        _VM,
        "sshkeys",
        "",
        lambda given: values.keys_for_vm(values.ssh_keys(_many(given))),
    ),
    "ci_user": (_VM, "ciuser", "", values.ci_user),
    "nic": (_VM, "ipconfig0", "", _address),
    "vm_card": (_VM, "net0", "", lambda given: _nic(given).for_vm()),
    "ct_card": (_CT, "", "net0", lambda given: _nic(given).for_container()),
    "digest": (_BOTH, "digest", "digest", _digest),
    "delete": (_BOTH, "delete", "delete", _deleted),
}


def config_parameters(kind: GuestKind, changes: Mapping[str, object]) -> dict[str, object]:
    """PVE's parameters for changes in our words; what is None is left as it is.

    Raises:
        InvalidName: a value is nothing that PVE takes there.
        ValueError: there is no such setting for that kind, or nothing is changed: our own fault.
    """
    parameters: dict[str, object] = {}
    for name, value in changes.items():
        kinds, for_vm, for_container, rule = (
            _SETTINGS[name] if name in _SETTINGS else _unknown(name)
        )
        if kind not in kinds:
            raise ValueError(f"a {kind.noun} has no setting {name!r}")
        if value is not None:
            parameters[for_vm if kind is GuestKind.QEMU else for_container] = rule(value)
    given = {key: value for key, value in parameters.items() if value not in (None, "")}
    # An empty text takes the setting away, since PVE would keep an empty one.
    gone = [key for key, value in parameters.items() if value in (None, "") and key != "delete"]
    if gone:
        given["delete"] = ",".join(filter(None, [str(given.get("delete", "")), *gone]))
    if not given.keys() - {"digest"}:
        raise ValueError("no setting is changed")
    return given


def _unknown(name: str) -> Any:
    raise ValueError(f"there is no setting {name!r}")
