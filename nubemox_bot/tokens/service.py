"""Tokens as people ask for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.audit.model import Entry, Phase
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import Clock
from nubemox_bot.operations.freeze import FreezeSwitch
from nubemox_bot.store.engine import Database
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.model import Caller
from nubemox_bot.tenancy.policy import Action, Verdict
from nubemox_bot.tokens import errors
from nubemox_bot.tokens.model import LIVING_MOST, Bearer, Issued, Token
from nubemox_bot.tokens.store import TokenStore


class TokenService:
    """What `token …` means."""

    def __init__(
        self,
        directory: Directory,
        store: TokenStore,
        freeze: FreezeSwitch,
        database: Database,
        log: AuditLog,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._store = store
        self._freeze = freeze
        self._database = database
        self._log = log
        self._clock = clock

    def create(self, actor: Actor, name: str, days: int, turn_id: str) -> Issued:
        """Make a token. Its secret is in the answer and nowhere else.

        A turn that a crash kept from being answered runs again: it has the same token then, with
        a new secret, since nobody can tell whether the first one was read.

        Raises:
            RoleTooLow: tokens are for operators and owners.
            TooManyTokens: the actor has enough.
        """
        _, verdict = self._allowed(actor, Action.TOKEN_CREATE, turn_id)
        self._freeze.check()
        with self._database.write() as connection:
            if known := self._store.of_turn(connection, turn_id):
                bearer = Bearer.new(known.id)
                TokenStore.put_secret(connection, bearer)
                return Issued(known, bearer)
            count = self._store.count_living(connection, actor.team_id, actor.user_id)
            if count >= LIVING_MOST:
                raise errors.TooManyTokens(count=count)
            bearer, now = Bearer.new(), self._clock.now()
            token = Token(
                id=bearer.id,
                team_id=actor.team_id,
                user_id=actor.user_id,
                name=name or bearer.id,
                created_at=now,
                expires_at=now + timedelta(days=days),
                used_at=None,
                revoked_at=None,
            )
            TokenStore.add(connection, token, bearer, turn_id)
            details = {"token": token.id, "name": token.name, "days": days}
            self._record(connection, actor, verdict, turn_id, details)
        return Issued(token, bearer)

    def plan_create(self, actor: Actor) -> None:
        """Whether the actor may have a token; nothing is sent to PVE for it."""
        self._allowed(actor, Action.TOKEN_CREATE, None)

    def list_tokens(self, actor: Actor, turn_id: str | None = None) -> list[Token]:
        """The actor's own living tokens; nobody sees those of somebody else."""
        _, verdict = self._allowed(actor, Action.TOKEN_LIST, turn_id)
        found = self._store.list_living(actor.team_id, actor.user_id)
        self._directory.record_read(actor, verdict, turn_id=turn_id)
        return found

    def revoke(self, actor: Actor, token_id: str, turn_id: str) -> Token:
        """Take a token back: one's own, or any for platform admins. A freeze does not hinder it.

        Raises:
            TokenNotFound: none of the actor's.
        """
        caller, verdict = self._allowed(actor, Action.TOKEN_REVOKE, turn_id)
        token = self._own(caller, token_id, turn_id)
        with self._database.write() as connection:
            self._store.revoke(connection, token.id)
            details = {"token": token.id, "owner": token.user_id}
            self._record(connection, actor, verdict, turn_id, details)
        return token

    def plan_revoke(self, actor: Actor, token_id: str) -> None:
        """Whether `revoke` would find its token."""
        caller, _ = self._allowed(actor, Action.TOKEN_REVOKE, None)
        self._own(caller, token_id, None)

    def _allowed(self, actor: Actor, action: Action, turn_id: str | None) -> tuple[Caller, Verdict]:
        caller = self._directory.caller(actor)
        return caller, self._directory.allow(caller, action, turn_id=turn_id)

    def _own(self, caller: Caller, token_id: str, turn_id: str | None) -> Token:
        token, actor = self._store.find(token_id.lower()), caller.actor
        is_own = token is not None and (token.team_id, token.user_id) == (
            actor.team_id,
            actor.user_id,
        )
        if token is None or not (is_own or caller.is_admin):
            error = errors.TokenNotFound(token=token_id)
            self._directory.record_refusal(
                actor, Action.TOKEN_REVOKE, "token_not_found", error, turn_id=turn_id
            )
            raise error
        return token

    def _record(
        self,
        connection: Connection,
        actor: Actor,
        verdict: Verdict,
        turn_id: str,
        details: dict[str, Any],
    ) -> None:
        self._log.add(
            connection,
            *Entry(
                actor,
                Phase.INTENT,
                verdict.action,
                verdict.reason,
                turn_id=turn_id,
                details=details,
            ).and_outcome(),
        )
