"""What a form of a new guest shows beside what was typed, and how templates are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nubemox_bot.approvals.model import QuotaLine
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.creation.model import Preset
from nubemox_bot.pve.model import Template


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from, and what would become of what is chosen.

    Attributes:
        pools: those in which the person may make guests.
        poolid: the one that is chosen, or the first.
        presets: the sizes that the pool's ceilings allow at all.
        keys: SSH keys that the person used last.
        days: of a lease when nothing is said.
        nodes, storages, bridges: what there is on the node that is chosen, or on any.
        quotas: as they stand, and what is chosen so far takes of them.
        runs_at_once: whether nobody would have to approve; None while that cannot be told.
        trouble: why it cannot be made as it is chosen so far.
    """

    pools: Sequence[str]
    poolid: str
    templates: Sequence[Template]
    presets: Sequence[Preset]
    keys: Sequence[str]
    days: int
    nodes: Sequence[str] = ()
    storages: Sequence[str] = ()
    bridges: Sequence[str] = ()
    quotas: Sequence[QuotaLine] = ()
    runs_at_once: bool | None = None
    trouble: NubemoxError | None = None


def named(known: Sequence[Template], ref: str) -> list[Template]:
    """Those that a person may mean: by name, volid or vmid, else by a name's beginning."""
    wanted = ref.strip().casefold()
    exact = [t for t in known if wanted in {t.name.casefold(), t.reference.casefold()}]
    begun = [t for t in known if wanted and t.name.casefold().startswith(wanted)]
    return exact or begun
