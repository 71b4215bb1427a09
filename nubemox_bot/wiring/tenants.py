"""Tenants, their people, and the differences to Proxmox VE."""

from __future__ import annotations

from collections.abc import Mapping

from nubemox_bot.operations.model import Work
from nubemox_bot.operations.service import OperationService
from nubemox_bot.tenancy.drift import DriftWatch
from nubemox_bot.tenancy.model import ADMIT_PERSON, DISMISS_PERSON
from nubemox_bot.tenancy.onboarding import (
    AdmitPersonWork,
    CreatePoolWork,
    CreateTenantWork,
    DismissPersonWork,
    RepairTenantWork,
    TenantPve,
)
from nubemox_bot.tenancy.plans import TenantPlans
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.tenancy.service import TenantService
from nubemox_bot.wiring.ground import Ground


def works(ground: Ground) -> Mapping[str, Work]:
    """Tenants made and repaired, people let in and out, pools made."""
    settings, tenants = ground.settings, ground.tenants
    pve = TenantPve(
        tenants,
        ground.access,
        ground.pools,
        group=settings.nubemox_pve_group,
        role=settings.nubemox_pve_role,
    )
    return {
        Action.TENANT_CREATE: CreateTenantWork(tenants, pve),
        Action.TENANT_REPAIR: RepairTenantWork(tenants, pve),
        ADMIT_PERSON: AdmitPersonWork(tenants, pve),
        DISMISS_PERSON: DismissPersonWork(tenants, pve),
        Action.POOL_CREATE: CreatePoolWork(ground.pools),
    }


def tenant_service(ground: Ground, begun: OperationService) -> TenantService:
    """Tenants as platform admins use them."""
    settings = ground.settings
    return TenantService(
        ground.directory,
        ground.tenants,
        begun,
        ground.freeze,
        ground.database,
        ground.audit,
        ground.clock,
        TenantPlans(group=settings.nubemox_pve_group, role=settings.nubemox_pve_role),
    )


def drift_watch(ground: Ground) -> DriftWatch:
    """What compares our tenants with Proxmox VE's word on them."""
    return DriftWatch(
        ground.tenants,
        ground.access,
        ground.inventory,
        role=ground.settings.nubemox_pve_role,
    )
