"""Which guest a person means, among those that are theirs."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from nubemox_bot.guests import errors
from nubemox_bot.pve.inventory import Snapshot
from nubemox_bot.pve.model import Guest, GuestKind


def find_guest(
    own: Sequence[Guest],
    everything: Snapshot | None,
    kind: GuestKind | None,
    ref: str,
    verb: str,
) -> Guest:
    """The guest of this number or name; pure, and blind to what is not the person's own.

    Args:
        own: the guests that the person may know of.
        everything: for platform admins, who may hear that a guest belongs to nobody.
        kind: what the person called it.
        ref: a vmid or a name.
        verb: what they want to do, for the words that would be right.

    Raises:
        GuestNotFound: none; a foreign one is none.
        SeveralGuests: the name fits more than one.
        WrongKind: it is the person's own, and of the other kind.
        GuestOfNobody: for admins: it is in no pool.
    """
    if ref.isdecimal():
        found = [guest for guest in own if str(guest.vmid) == ref]
    else:
        found = [guest for guest in own if guest.name.lower() == ref.lower()]
    fitting = [guest for guest in found if kind in (None, guest.kind)]
    if len(fitting) == 1:
        return fitting[0]
    noun = (kind or GuestKind.LXC).noun
    if fitting:
        which = ", ".join(f"{guest.vmid} ({guest.node})" for guest in fitting)
        raise errors.SeveralGuests(count=len(fitting), name=ref, which=which)
    if found:
        other = found[0]
        is_vm = other.kind is GuestKind.QEMU
        mistake = errors.WrongKind if is_vm else errors.WrongKindContainer
        raise mistake(name=other.name, words=f"{other.kind.noun} {verb} {other.vmid}")
    if everything is not None and any(str(guest.vmid) == ref for guest in everything.guests):
        raise errors.GuestOfNobody(ref=ref)
    names = {guest.name for guest in own if kind in (None, guest.kind)}
    if near := difflib.get_close_matches(ref, sorted(names), n=3, cutoff=0.6):
        raise errors.GuestNotFoundNear(ref=ref, noun=noun, near=", ".join(near))
    raise errors.GuestNotFound(ref=ref, noun=noun)
