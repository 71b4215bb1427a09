"""What every feature stands on: settings, stores, Proxmox VE, who is who."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.blockkit.views import View
from nubemox_bot.core.actor import Actor, Origin
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.core.turn import Turn
from nubemox_bot.guests.access import GuestAccess
from nubemox_bot.guests.calling import GuestCalls
from nubemox_bot.notices.store import NoticeStore
from nubemox_bot.notices.teller import Poster
from nubemox_bot.operations import teller
from nubemox_bot.operations.freeze import FreezeSwitch
from nubemox_bot.operations.store import OperationStore
from nubemox_bot.pve.access import PveAccess
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.cluster import PveCluster
from nubemox_bot.pve.grounds import PveGrounds
from nubemox_bot.pve.guests import PveGuests
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import Credential
from nubemox_bot.pve.pools import PvePools
from nubemox_bot.pve.storage import PveStorages
from nubemox_bot.pve.tasks import PveTasks
from nubemox_bot.pve.templates import PveTemplates
from nubemox_bot.pve.usercfg import UserCfgWriter
from nubemox_bot.settings import Settings
from nubemox_bot.store.engine import Database
from nubemox_bot.store.flags import FlagStore
from nubemox_bot.store.people import PeopleStore
from nubemox_bot.store.secretbox import SecretBox
from nubemox_bot.store.turns import TurnStore
from nubemox_bot.tenancy.clients import TenantClients
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.store import TenantStore

log = logging.getLogger("nubemox")


class Messenger(teller.Messenger, Poster, Protocol):
    """The way to people, behind an edge's outbound gateway."""

    def publish_home(self, user_id: str, view: View) -> None:
        """Have one person's Home tab show this."""
        ...


class NotConnected(NubemoxError):
    """There is no edge yet; told again later."""

    may_pass = True


class Later:
    """Stands in for an edge until there is one."""

    def __init__(self) -> None:
        self.messenger: Messenger | None = None
        self.members_of: Callable[[str], frozenset[str]] | None = None
        self.who_was_asked: Callable[[str, str, Origin], Actor] | None = None

    def who_is(self, team_id: str, user_id: str, origin: Origin) -> Actor:
        """A person as Slack knows them now; for threads.

        Raises:
            NotConnected: there is no edge yet.
        """
        if self.who_was_asked is None:
            raise NotConnected
        return self.who_was_asked(team_id, user_id, origin)

    def members(self, team_id: str, usergroup_id: str) -> frozenset[str] | None:
        """Who is in a Slack usergroup; None when that cannot be known now."""
        del team_id  # usergroups are the own workspace's alone
        if self.members_of is None:
            return None
        try:
            return self.members_of(usergroup_id)
        except NubemoxError as error:
            log.warning("a usergroup cannot be read, so it counts as empty: %s", error)
            return None

    def deliver(
        self, turn: Turn, reply: Reply, at: tuple[str, str] | None, *, final: bool
    ) -> tuple[str, str] | None:
        """Hand a turn's message to the edge."""
        return self.connected().deliver(turn, reply, at, final=final)

    def show(
        self,
        key: str,
        target: str,
        reply: Reply,
        at: tuple[str, str] | None,
        *,
        thread_ts: str | None = None,
        again: bool = False,
    ) -> tuple[str, str]:
        """Hand a message of nobody's turn to the edge."""
        messenger = self.connected()
        return messenger.show(key, target, reply, at, thread_ts=thread_ts, again=again)

    def connected(self) -> Messenger:
        """The edge's messenger.

        Raises:
            NotConnected: there is no edge yet.
        """
        if self.messenger is None:
            raise NotConnected
        return self.messenger


class Ground:
    """Made once, from the settings and an open database; nothing of it runs by itself."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        key: str,
        replica: str,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self.settings = settings
        self.database = database
        self.replica = replica
        self.clock = clock
        self.metrics = metrics
        self.edge = Later()
        self.box = SecretBox(key)
        self.audit = AuditLog(database, self.box.derived("audit"), clock)
        self.turns = TurnStore(database, self.box, clock, replica)
        self.people = PeopleStore(database)
        self.freeze = FreezeSwitch(database, FlagStore(database), self.audit, clock)
        self.tenants = TenantStore(database, self.box, clock)
        self.operations = OperationStore(database, self.audit, clock, replica)
        self.directory = Directory(
            self.tenants,
            self.edge,
            self.audit,
            settings.nubemox_admins,
            settings.nubemox_approvers,
        )
        self.notices = NoticeStore(database, clock, replica)

        self.client = self._make_client()
        self.inventory = Inventory(self.client, clock, metrics)
        self.pve_cluster = PveCluster(self.client, self.inventory, clock)
        self.guests = PveGuests(self.pve_cluster)
        self.tasks = PveTasks(self.client)
        self.storages = PveStorages(self.client, self.inventory)
        self.templates = PveTemplates(self.storages, self.inventory, clock)
        self.clients = TenantClients(self.client, self.tenants)
        # The first lock, for every service that acts on a guest.
        self.guest_access = GuestAccess(self.directory, self.tenants, self.clients, self.inventory)
        # The one way to a call that changes a guest, for every work.
        self.guest_calls = GuestCalls(
            self.tenants, self.clients, self.inventory, self.tasks, self.operations.upids_of
        )
        writer = UserCfgWriter(self.client)
        self.access, self.pools = PveAccess(self.client, writer), PvePools(self.client, writer)
        self.grounds = PveGrounds(self.client, self.access, self.pve_cluster, clock)

    def _make_client(self) -> PveClient:
        settings = self.settings
        if not settings.proxmox_verify_ssl:
            log.warning("PROXMOX_VERIFY_SSL is false: any certificate of Proxmox VE is accepted")
        return PveClient(
            settings.proxmox_host,
            Credential(
                settings.proxmox_user,
                settings.proxmox_api_token_name,
                settings.proxmox_api_token_value.get_secret_value(),
            ),
            verify=settings.proxmox_verify_ssl and (settings.proxmox_ca_file or True),
            timeout_s=settings.proxmox_timeout_s,
            metrics=self.metrics,
            clock=self.clock,
            before_mutation=self.freeze.check,
        )

    def locale_of(self, team_id: str, user_id: str) -> str:
        """The person's Slack locale, as last read."""
        person = self.people.get(team_id, user_id)
        return person.locale if person else "en"
