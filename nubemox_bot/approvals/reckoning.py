"""How much of a quota is used: PVE's truth and what requests hold, put together; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from nubemox_bot.approvals.model import Amounts


@dataclass(frozen=True, slots=True)
class Held:
    """What one request holds.

    Attributes:
        size: the guest as a whole, once the request is done.
        vmid: which guest, as far as it is known.
        if_absent: whether it counts while PVE shows no such guest: it is yet to be made, or was
            made after PVE was asked. A guest that is to be changed and is gone counts for nothing.
    """

    size: Amounts
    vmid: int | None = None
    if_absent: bool = True


def used(guests: Mapping[int, Amounts], held: Iterable[Held]) -> Amounts:
    """What is used of a quota: each guest once, as large as it is or is about to be."""
    counted = dict(guests)
    loose = Amounts()
    for one in held:
        if one.vmid is None:
            loose += one.size if one.if_absent else Amounts()
        elif one.if_absent or one.vmid in counted:
            counted[one.vmid] = counted.get(one.vmid, Amounts()).largest(one.size)
    return sum(counted.values(), loose)


def taken_by(guests: Mapping[int, Amounts], held: Collection[Held], wanted: Held) -> Amounts:
    """What one more would take, beside what is used already."""
    return used(guests, [*held, wanted]) - used(guests, held)
