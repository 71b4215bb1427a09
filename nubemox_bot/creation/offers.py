"""The form of a new guest: what there is to choose from, and what is wrong with a choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from nubemox_bot.approvals.asking import Preview
from nubemox_bot.approvals.model import Amounts
from nubemox_bot.approvals.ruling import Outcome
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.creation.choices import Choices
from nubemox_bot.creation.drafting import CONTENT, Drafting, check_words
from nubemox_bot.creation.errors import OrderFault
from nubemox_bot.creation.model import PRESETS, Order, Preset
from nubemox_bot.creation.numbers import Numbers
from nubemox_bot.creation.pools import PoolChoice
from nubemox_bot.creation.sources import Sources
from nubemox_bot.creation.store import KeyStore
from nubemox_bot.pve.errors import PveError
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.model import Tenant
from nubemox_bot.tenancy.policy import Action

_ANY_NAME = "guest"


class Previews(Protocol):
    """Who can tell what would become of a wish."""

    def preview(self, actor: Actor, action: str, spec: Mapping[str, Any]) -> Preview:
        """The plan, the quota before and after, whether somebody would be asked."""
        ...


class OfferService:
    """What somebody can choose who fills the form.

    Args:
        ceiling: how much a tenant may use.
    """

    def __init__(
        self,
        directory: Directory,
        pools: PoolChoice,
        inventory: Inventory,
        drafting: Drafting,
        sources: Sources,
        numbers: Numbers,
        keys: KeyStore,
        previews: Previews,
        ceiling: Callable[[Tenant], Amounts],
    ) -> None:
        self._directory = directory
        self._pools = pools
        self._inventory = inventory
        self._drafting = drafting
        self._sources = sources
        self._numbers = numbers
        self._keys = keys
        self._previews = previews
        self._ceiling = ceiling

    def choices(self, actor: Actor, order: Order, *, everything: bool) -> Choices:
        """What there is to choose from, with what is chosen so far.

        Args:
            everything: also nodes, storages and bridges.

        Raises:
            NubemoxError: the actor may make no guest anywhere, or PVE does not answer.
        """
        caller = self._directory.caller(actor)
        pools = self._pools.offered(caller, Action.GUEST_CREATE)
        wanted = order.poolid if order.poolid in pools else next(iter(pools), None)
        tenant, poolid = self._pools.authorized(caller, wanted, Action.GUEST_CREATE, None)
        choices = Choices(
            pools=pools,
            poolid=poolid,
            templates=self._sources.usable(order.kind, poolid),
            presets=self._presets(tenant),
            keys=self._keys.of(actor),
            days=self._drafting.lease_days,
        )
        choices = self._previewed(actor, replace(order, poolid=poolid), choices)
        return self._placed(order, choices) if everything else choices

    def search(
        self, actor: Actor, order: Order, field: str, query: str
    ) -> Sequence[tuple[str, str]]:
        """What a searched select offers: labels and values whose label has the words typed.

        Raises:
            NubemoxError: as `choices`.
        """
        wanted = query.casefold().split()
        choices = self.choices(actor, replace(order, template=None), everything=True)
        found = {
            "template": [(template.name, template.reference) for template in choices.templates],
            "pool": [(poolid, poolid) for poolid in choices.pools],
            "node": [(node, node) for node in choices.nodes],
            "storage": [(storage, storage) for storage in choices.storages],
            "bridge": [(bridge, bridge) for bridge in choices.bridges],
        }
        return [
            (label, value)
            for label, value in found.get(field, ())
            if all(word in f"{label} {value}".casefold() for word in wanted)
        ]

    def faults(self, actor: Actor, order: Order) -> Mapping[str, NubemoxError]:
        """What is wrong with an order, by the field of the form; nothing is taken or stored.

        Raises:
            NubemoxError: the actor may not, whatever the order.
        """
        caller = self._directory.caller(actor)
        try:
            check_words(order)
            _, poolid = self._pools.authorized(caller, order.poolid, Action.GUEST_CREATE, None)
            drawn = self._drafting.draw(order, poolid, self._keys.of(actor))
            vmid = self._numbers.next_one(order.vmid)
        except OrderFault as fault:
            return {fault.field: fault}
        except PveError as error:
            return {"node": error}
        preview = self._previews.preview(actor, Action.GUEST_CREATE, drawn.numbered(vmid).spec())
        return {"size": preview.refusal} if preview.refusal else {}

    def _previewed(self, actor: Actor, order: Order, choices: Choices) -> Choices:
        """With the quota before and after, as far as enough is chosen."""
        if not order.template:
            return choices
        try:
            drawn = self._drafting.draw(
                replace(order, name=_ANY_NAME, address=None, gateway=None, user=None),
                choices.poolid,
                choices.keys,
            )
            numbered = drawn.numbered(self._numbers.next_one())
            preview = self._previews.preview(actor, Action.GUEST_CREATE, numbered.spec())
        except NubemoxError as error:
            return replace(choices, trouble=error)
        return replace(
            choices,
            quotas=preview.quotas,
            runs_at_once=preview.ruling.outcome is Outcome.RUN,
            trouble=preview.refusal,
        )

    def _placed(self, order: Order, choices: Choices) -> Choices:
        """With the places that there are on the node that is chosen, or on any."""
        snapshot = self._inventory.recent()
        places = self._drafting.places(snapshot)
        nodes = [node.name for node in snapshot.nodes if node.is_online]
        looked = [order.node] if order.node in nodes else nodes
        content = CONTENT[order.kind]
        storages = {
            row.storageid: None for node in looked for row in places.storages(node, content)
        }
        bridges: dict[str, None] = {}
        for node in looked[:3]:  # one read for each; others have the same as a rule
            try:
                bridges |= dict.fromkeys(places.bridges(node))
            except PveError:
                continue
        return replace(choices, nodes=nodes, storages=tuple(storages), bridges=tuple(bridges))

    def _presets(self, tenant: Tenant | None) -> list[Preset]:
        """Those that fit under the ceilings; what is free now, the live line tells."""
        if tenant is None:
            return list(PRESETS)
        most = self._ceiling(tenant)
        return [
            preset
            for preset in PRESETS
            if preset.size.cores <= most.cores
            and preset.size.memory_mib <= most.memory_mib
            and preset.size.disk_gib <= most.disk_gib
        ]
