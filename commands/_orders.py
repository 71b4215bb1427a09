"""From words, or from what is typed into a form, to an order for a new guest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commands.guests import KINDS
from nubemox_bot.creation.model import PRESETS, Order
from nubemox_bot.creation.sshkeys import read_keys

SIZES = {preset.name: preset.size for preset in PRESETS}
_DIGITS = 9


def order_of(noun: str, said: Mapping[str, Any]) -> Order:
    """What the values of `create` ask for.

    Raises:
        SshKeyBad, PrivateKeyGiven, TooManyKeys: its keys are none.
    """
    keys = said["ssh_key"]
    return Order(
        kind=KINDS[noun],
        name=said["name"] or "",
        template=said["template"],
        iso=said["iso"],
        size=SIZES.get(said["size"] or ""),
        cores=said["cores"],
        memory_mib=said["memory"],
        disk_gib=said["disk"],
        poolid=said["pool"],
        node=said["node"],
        storage=said["storage"],
        bridge=said["bridge"],
        vmid=said["vmid"],
        days=said["days"],
        ssh_keys=read_keys(keys) if keys else None,
        address=said["address"],
        gateway=said["gateway"],
        user=said["user"],
        tags=_tags(said["tags"]),
        start=not said["no_start"],
    )


def order_so_far(noun: str, values: Mapping[str, str]) -> Order:
    """What is chosen in a form that is still being filled; what cannot be read yet is left out."""

    def number(field: str) -> int | None:
        text = values.get(field, "")
        fits = text.isascii() and text.isdecimal() and len(text) <= _DIGITS
        return int(text) or None if fits else None

    def place(field: str) -> str | None:
        text = values.get(field, "")
        return None if text in ("", ANY) else text

    size = SIZES.get(values.get("size", ""))
    return Order(
        kind=KINDS[noun],
        name=values.get("name", ""),
        template=values.get("template") or None,
        size=size,
        cores=None if size else number("cores"),
        memory_mib=None if size else number("memory"),
        disk_gib=None if size else number("disk"),
        poolid=values.get("pool") or None,
        node=place("node"),
        storage=place("storage"),
        bridge=place("bridge"),
    )


ANY = "-"
"""A choice that is left to the bot."""


def _tags(text: str | None) -> tuple[str, ...]:
    named = (text or "").lower().replace(";", ",").split(",")
    return tuple(dict.fromkeys(tag for tag in named if tag))
