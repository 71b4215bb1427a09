"""People's own users in Proxmox VE."""

from __future__ import annotations

from collections.abc import Mapping

from nubemox_bot.accounts.service import AccountService
from nubemox_bot.accounts.work import CreateUserWork, GrantWork
from nubemox_bot.operations.model import Work
from nubemox_bot.operations.service import OperationService
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.wiring.ground import Ground


def works(ground: Ground) -> Mapping[str, Work]:
    """Users made, and let into pools."""
    return {
        Action.USER_CREATE: CreateUserWork(ground.access, ground.settings.nubemox_pve_group),
        Action.ACL_GRANT: GrantWork(ground.access),
    }


def account_service(ground: Ground, begun: OperationService) -> AccountService:
    """Users as platform admins ask for them."""
    return AccountService(
        ground.directory,
        ground.tenants,
        ground.access,
        ground.inventory,
        begun,
        realm=ground.settings.proxmox_realm,
        role=ground.settings.nubemox_pve_role,
        own_userid=ground.settings.proxmox_user,
    )
