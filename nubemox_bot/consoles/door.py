"""What stands behind a console's page: the code, the role of now, the ticket, the audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.audit.model import Entry, Phase
from nubemox_bot.consoles.errors import SessionForeign
from nubemox_bot.consoles.model import Ending, Session
from nubemox_bot.consoles.store import ConsoleStore
from nubemox_bot.core.actor import Actor, Origin
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.guests.access import Admitted, GuestAccess
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.consoles import ConsoleTicket, PveConsoles
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.store.engine import Database
from nubemox_bot.tenancy.clients import acting_for
from nubemox_bot.tenancy.policy import Action


@dataclass(frozen=True, slots=True)
class Opened:
    """What a relay needs to reach the guest."""

    guest: Guest
    client: PveClient
    ticket: ConsoleTicket
    rule: str


class ConsoleDoor:
    """Blocking; the edge calls it in threads.

    The actor is read from Slack anew for each of these, at most 5 minutes old.
    """

    def __init__(
        self,
        access: GuestAccess,
        store: ConsoleStore,
        pve: PveConsoles,
        database: Database,
        log: AuditLog,
    ) -> None:
        self._access = access
        self._store = store
        self._pve = pve
        self._database = database
        self._log = log

    def redeem(self, code: str) -> tuple[Session, str]:
        """Use a link's code up; its console, and the cookie that opens it.

        Raises:
            LinkSpent: it opens nothing (any more).
        """
        return self._store.redeem(code)

    def session(self, session_id: str, cookie: str) -> Session:
        """The console that a browser's cookie opens.

        Raises:
            SessionForeign: none, or it is over.
        """
        found = self._store.find(session_id, cookie)
        if found is None:
            raise SessionForeign
        return found

    def admit(self, actor: Actor, session: Session) -> Admitted:
        """The guest, if its console is still the actor's to see.

        Raises:
            GuestNotFound: it is gone, or in no pool of the actor's any more.
            NubemoxError: the policy's no, in words.
        """
        return self._access.admit(
            actor,
            GuestKind(session.kind),
            str(session.vmid),
            Action.GUEST_CONSOLE,
            session.turn_id,
        )

    def has_terminal(self, actor: Actor, session: Session) -> bool:
        """Whether the console is a terminal rather than a screen, for one who still may see it.

        Raises:
            TooManyConsoles: its person has as many open as anybody may have.
            NubemoxError: as `admit`.
        """
        guest = self.admit(actor, session).guest
        self._store.check_place(session.team_id, session.user_id, session.id)
        return self._pve.has_terminal(guest)

    def open(self, actor: Actor, session: Session, *, is_terminal: bool) -> Opened:
        """Write down that a console opens, and get the ticket for it with the tenant's token.

        Raises:
            TooManyConsoles: its person has as many open as anybody may have.
            NubemoxError: the policy's no, or PVE's.
        """
        admitted = self.admit(actor, session)
        client = self._access.client(admitted.tenant)
        rule = admitted.verdict.reason
        self._store.opened(session)
        try:
            self._note(actor, session, rule, Phase.INTENT, {})
            with acting_for(admitted.tenant):
                ticket = self._pve.ticket(client, admitted.guest, is_terminal=is_terminal)
        except NubemoxError as error:
            details = {"result": Ending.FAILED.value, "error": error.code}
            self._store.left(session.id, for_good=False)
            self._note(actor, session, rule, Phase.OUTCOME, details)
            raise
        return Opened(admitted.guest, client, ticket, rule)

    def closed(
        self, actor: Actor, session: Session, rule: str, ending: Ending, length_s: float
    ) -> None:
        """Write down that a console has closed, why, and how long it was open."""
        self._store.left(session.id, for_good=ending.is_final)
        details = {"result": ending.value, "took_s": round(length_s, 1)}
        self._note(actor, session, rule, Phase.OUTCOME, details)

    def settle_lost(self) -> int:
        """Write down the end of consoles whose process died with them; how many those were."""
        lost = self._store.lost()
        for session in lost:
            actor = Actor(session.team_id, session.user_id, origin=Origin.CONSOLE)
            self._store.left(session.id, for_good=False)
            self._note(actor, session, "left_over", Phase.OUTCOME, {"result": Ending.LOST.value})
        return len(lost)

    def _note(
        self,
        actor: Actor,
        session: Session,
        rule: str,
        phase: Phase,
        details: Mapping[str, object],
    ) -> None:
        entry = Entry(
            actor,
            phase,
            Action.GUEST_CONSOLE,
            rule,
            vmid=session.vmid,
            poolid=session.poolid,
            tenant_id=session.tenant_id,
            turn_id=session.turn_id,
            details={"console": session.id, **details},
        )
        with self._database.write() as connection:
            self._log.add(connection, entry)
