"""The second lock: day-2 calls are made with the tenant's own token, or not at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import PveForbidden, PveTokenRefused
from nubemox_bot.pve.model import Credential
from nubemox_bot.store.errors import SecretUnreadable
from nubemox_bot.tenancy.errors import SecretLost, TenantNotReady, TokenRefused
from nubemox_bot.tenancy.model import Tenant
from nubemox_bot.tenancy.store import TenantStore


class TenantClients:
    """PVE clients by tenant, each acting as the tenant's service user."""

    def __init__(self, provisioning: PveClient, store: TenantStore) -> None:
        self._provisioning = provisioning
        self._store = store
        self._clients: dict[str, tuple[str, PveClient]] = {}
        self._lock = threading.Lock()

    @property
    def provisioning(self) -> PveClient:
        """The bot's own client, for what needs a quota or an approval, and for looking."""
        return self._provisioning

    def of(self, tenant: Tenant) -> PveClient:
        """The client that acts as this tenant.

        Raises:
            TenantNotReady: it is being made.
            TokenRefused: there is no token of it.
            SecretLost: the key that sealed it is gone.
        """
        if not tenant.is_ready:
            raise TenantNotReady(name=tenant.name)
        try:
            secret = self._store.token(tenant.id)
        except SecretUnreadable as error:
            raise SecretLost(name=tenant.name) from error
        if secret is None:
            raise TokenRefused(name=tenant.name)
        with self._lock:
            known = self._clients.get(tenant.id)
            if known is None or known[0] != secret:
                credential = Credential(tenant.pve_userid, tenant.pve_tokenid, secret)
                known = (secret, self._provisioning.acting_as(credential))
                self._clients[tenant.id] = known
            return known[1]


@contextmanager
def acting_for(tenant: Tenant | None) -> Iterator[None]:
    """Calls with a tenant's token: when PVE refuses them, it is the tenant that needs repair.

    Raises:
        TokenRefused: the token is gone or lost its rights, though our own check had said yes.
    """
    try:
        yield
    except (PveTokenRefused, PveForbidden) as error:
        if tenant is None:
            raise
        raise TokenRefused(name=tenant.name) from error
