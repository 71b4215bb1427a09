"""A new guest's proposal: what it takes, what will be sent, and whether it may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nubemox_bot.approvals.model import Amounts, Plan, Proposal
from nubemox_bot.core.actor import Actor
from nubemox_bot.creation import errors
from nubemox_bot.creation.calls import planned
from nubemox_bot.creation.drafting import Drafting
from nubemox_bot.creation.model import Blueprint
from nubemox_bot.creation.views import facts
from nubemox_bot.operations.model import Wish
from nubemox_bot.pve import provisioning
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.guestconfig import GuestConfig
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import Guest
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.model import PveCall, Tenant
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.tenancy.store import TenantStore


class CreationPlanner:
    """Proposes new guests; asked at the wish, and again before an approved one runs."""

    def __init__(
        self,
        directory: Directory,
        tenants: TenantStore,
        drafting: Drafting,
        inventory: Inventory,
        client: PveClient,
    ) -> None:
        self._directory = directory
        self._tenants = tenants
        self._drafting = drafting
        self._inventory = inventory
        self._client = client

    def propose(self, actor: Actor, spec: Mapping[str, Any]) -> Proposal:
        """What would be made for this actor now; `spec` is a blueprint's.

        Raises:
            NubemoxError: the actor may not, or it cannot be made (any more).
        """
        wished = Blueprint.of(spec)
        tenant = self._tenants.by_pool(wished.poolid)
        verdict = self._directory.allow(
            self._directory.caller(actor),
            Action.GUEST_CREATE,
            tenant,
            target={"poolid": wished.poolid},
        )
        return self._proposal(self._drafting.redraw(wished), tenant, verdict.reason)

    def plan(self, blueprint: Blueprint) -> Plan:
        """What a blueprint that was just drawn will send."""
        source, config = self._source(blueprint)
        calls = tuple(
            PveCall(write.method, write.shown_path, dict(write.parameters))
            for write in planned(blueprint, source, config)
        )
        stable = {
            key: value for key, value in blueprint.spec().items() if key not in ("vmid", "chosen")
        }
        return Plan(calls, stable)

    def _proposal(self, blueprint: Blueprint, tenant: Tenant | None, rule: str) -> Proposal:
        takes = amounts(blueprint)
        return Proposal(
            wish=Wish(
                Action.GUEST_CREATE,
                f"guest:{blueprint.vmid}",
                rule,
                kind=blueprint.kind.value,
                vmid=blueprint.vmid,
                name=blueprint.name,
                node=blueprint.node,
                poolid=blueprint.poolid,
                tenant_id=tenant.id if tenant else None,
                parameters={"blueprint": blueprint.spec()},
            ),
            plan=self.plan(blueprint),
            adds=takes,
            spec=blueprint.spec(),
            size=takes,
            facts=facts(blueprint),
            node=blueprint.node,
            storage=blueprint.storage,
            days=blueprint.days,
        )

    def _source(self, blueprint: Blueprint) -> tuple[Guest | None, GuestConfig | None]:
        if not blueprint.is_clone:
            return None, None
        source = self._inventory.recent().by_vmid(blueprint.source)
        if source is None:
            raise errors.TemplateNotFound(template=blueprint.template)
        return source, provisioning.config(self._client, source)


def amounts(blueprint: Blueprint) -> Amounts:
    """What a new guest takes of a quota."""
    return Amounts(
        guests=1,
        cores=blueprint.cores,
        memory_mib=blueprint.memory_mib,
        disk_gib=blueprint.disk_gib + blueprint.other_gib,
    )
