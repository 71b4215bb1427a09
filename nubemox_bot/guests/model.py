"""Guests as they are asked for and shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, Self

from nubemox_bot.pve.model import Guest, GuestStatus


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list, or a change of several, is narrowed to; None lets everything through."""

    poolid: str | None = None
    node: str | None = None
    status: str | None = None
    tag: str | None = None

    def fits(self, guest: Guest) -> bool:
        """Whether the guest passes."""
        return (
            self.poolid in (None, guest.poolid)
            and self.node in (None, guest.node)
            and self.status in (None, guest.status)
            and (self.tag is None or self.tag in guest.tags)
        )


@dataclass(frozen=True, slots=True)
class Listing:
    """Guests that the asker may see, and how old the knowledge is."""

    guests: tuple[Guest, ...]
    age_s: float
    power_in: frozenset[str]
    """The pools in which the asker may start and stop."""


@dataclass(frozen=True, slots=True)
class LiveGuest:
    """A guest with its state as PVE gives it at this moment.

    Attributes:
        may: what the asker may do to it, of what is offered; what is pressed is asked again.
    """

    guest: Guest
    status: GuestStatus
    may: frozenset[str] = frozenset()


class Unsent(Protocol):
    """A call to PVE that is built and not sent."""

    @property
    def method(self) -> str:
        """`POST`, `PUT` or `DELETE`."""
        ...

    @property
    def shown_path(self) -> str:
        """The path as people read it."""
        ...

    @property
    def parameters(self) -> Mapping[str, object]:
        """As PVE takes them."""
        ...


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """What would be sent to PVE, and as whom; `acting_as` is empty for the bot's own token."""

    guest: Guest
    method: str
    path: str
    parameters: Mapping[str, object]
    acting_as: str = ""

    @classmethod
    def of(cls, guest: Guest, write: Unsent, acting_as: str = "") -> Self:
        """A call that is built and not sent."""
        return cls(guest, write.method, write.shown_path, write.parameters, acting_as)
