"""At which addresses a guest can be reached, as far as PVE can tell."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from nubemox_bot.pve import provisioning
from nubemox_bot.pve.calls import rows_of
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import NoGuestAgent, PveForbidden, PveUnsupported
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.pve.paths import guest_path


def addresses(client: PveClient, guest: Guest) -> tuple[str, ...]:
    """Its addresses, IPv4 first; empty when there is none yet.

    A VM's guest agent is asked, which needs VM.GuestAgent.Audit, and before PVE 9 VM.Monitor, which
    nobody should hold; a container's interfaces are read since 8.1. Where neither can be had, the
    fixed addresses of its configuration are told.

    Raises:
        PveForbidden, PveUnsupported: PVE does not tell, and its configuration has none: waiting
            for one is in vain.
        PveError: PVE cannot be asked at all.
    """
    try:
        found = _sorted(_told(client, guest))
    except NoGuestAgent:
        found = ()
    except (PveForbidden, PveUnsupported):
        if fixed := _sorted(_configured(client, guest)):
            return fixed
        raise
    return found or _sorted(_configured(client, guest))


def _told(client: PveClient, guest: Guest) -> Iterator[str]:
    if guest.kind is GuestKind.LXC:
        cards = rows_of(client.get(guest_path(guest, "interfaces")))
    else:
        answer = client.get(guest_path(guest, "agent/network-get-interfaces"))
        cards = rows_of(answer.get("result")) if isinstance(answer, dict) else []
    for card in cards:
        yield from _of_card(card)


def _of_card(card: Mapping[str, Any]) -> Iterator[str]:
    """What one interface has: newer and older versions spell it differently."""
    for entry in card.get("ip-addresses") or []:
        yield str(entry.get("ip-address") or "")
    for family in ("inet", "inet6"):
        yield str(card.get(family) or "").partition("/")[0]


def _configured(client: PveClient, guest: Guest) -> Iterator[str]:
    for network in provisioning.config(client, guest).networks:
        yield network.ip.partition("/")[0]


def _sorted(texts: Iterator[str]) -> tuple[str, ...]:
    """Each usable address once: neither the loopback's nor one that means only its own link."""
    found: dict[ipaddress.IPv4Address | ipaddress.IPv6Address, None] = {}
    for text in texts:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            continue
        if not (address.is_loopback or address.is_link_local or address.is_unspecified):
            found[address] = None
    return tuple(str(address) for address in sorted(found, key=lambda one: one.version))
