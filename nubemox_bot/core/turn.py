"""A turn: one thing a person said or pressed, stored before it is acknowledged."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from nubemox_bot.core.actor import Origin


@dataclass(frozen=True, slots=True)
class Turn:
    """One wish on its way through the bot.

    Attributes:
        id: ours; operations that the wish begins point back to it.
        key: what Slack repeats when it delivers the same thing again (event id, or the trigger
            of a command or click): two turns with one key are one turn.
        team_id: the workspace the person belongs to.
        user_id: who said it.
        origin: through which door.
        words: the command as typed, or as written on the button; `/nubemox` itself left out.
        channel_id: where it was said; the answer goes there. Empty from Home.
        thread_ts: the thread it was said in, if any.
        response_url: Slack's short-lived answer address, if it gave one. A capability: it is
            stored encrypted and never logged.
        message_ts: the message whose button was pressed, if any.
        message_is_ephemeral: whether that message is seen by the presser alone.
        received_at: aware UTC.
    """

    id: str
    key: str
    team_id: str
    user_id: str
    origin: Origin
    words: str
    channel_id: str
    received_at: datetime
    thread_ts: str | None = None
    response_url: str | None = None
    message_ts: str | None = None
    message_is_ephemeral: bool = False

    @classmethod
    def of_job(cls, key: str, team_id: str, user_id: str, words: str, at: datetime) -> Turn:
        """What a job does in somebody's name; its key makes its id, so that there is one."""
        told_apart = hashlib.sha256(key.encode()).hexdigest()[:30]
        return cls(f"turn_{key[0]}{told_apart}", key, team_id, user_id, Origin.JOB, words, "", at)

    def saying(self, words: str) -> Turn:
        """The same turn with other words."""
        return replace(self, words=words)
