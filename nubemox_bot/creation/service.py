"""New guests, asked for by an actor."""

from __future__ import annotations

from sqlalchemy import Connection

from nubemox_bot.approvals.model import Plan, Requests, Submitted
from nubemox_bot.core.actor import Actor
from nubemox_bot.creation.drafting import Drafting, check_words
from nubemox_bot.creation.model import Order
from nubemox_bot.creation.numbers import Numbers
from nubemox_bot.creation.planner import CreationPlanner
from nubemox_bot.creation.pools import PoolChoice
from nubemox_bot.creation.store import KeyStore
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.policy import Action


class CreationService:
    """What `vm create` and `ct create` mean, and the same over REST."""

    def __init__(
        self,
        directory: Directory,
        pools: PoolChoice,
        drafting: Drafting,
        planner: CreationPlanner,
        numbers: Numbers,
        keys: KeyStore,
        requests: Requests,
    ) -> None:
        self._directory = directory
        self._pools = pools
        self._drafting = drafting
        self._planner = planner
        self._numbers = numbers
        self._keys = keys
        self._requests = requests

    def create(self, actor: Actor, order: Order, turn_id: str, reason: str = "") -> Submitted:
        """Ask for a new guest: made at once where the policy lets it, else put before approvers.

        Its number is taken before anything else is stored, and is never given again, whatever
        becomes of the wish. Keys are remembered once the wish itself is stored.

        Raises:
            NubemoxError: the actor may not, or it cannot be made as they wish.
        """
        check_words(order)
        caller = self._directory.caller(actor)
        tenant, poolid = self._pools.authorized(caller, order.poolid, Action.GUEST_CREATE, turn_id)
        if given := self._requests.earlier(actor, turn_id):
            return given
        blueprint = self._drafting.draw(order, poolid, self._keys.of(actor))
        vmid = self._numbers.reserve(turn_id, order.vmid, tenant.id if tenant else None)
        spec = blueprint.numbered(vmid).spec()

        def remember(connection: Connection) -> None:
            if order.ssh_keys is not None:
                self._keys.remember(connection, actor, order.ssh_keys)

        return self._requests.submit(actor, turn_id, Action.GUEST_CREATE, spec, reason, remember)

    def plan(self, actor: Actor, order: Order) -> Plan:
        """What `create` would send, changing nothing and taking no number."""
        check_words(order)
        caller = self._directory.caller(actor)
        _, poolid = self._pools.authorized(caller, order.poolid, Action.DRY_RUN, None)
        blueprint = self._drafting.draw(order, poolid, self._keys.of(actor))
        return self._planner.plan(blueprint.numbered(self._numbers.next_one(order.vmid)))
