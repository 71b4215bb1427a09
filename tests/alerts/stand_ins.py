"""What stands around the watch in a test: somebody to tell, and tenants to tell it to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection

from nubemox_bot.tenancy.model import Member, Quota, Role, Tenant, TenantState


@dataclass
class HeardNotices:
    """Keeps what is put, as the outbox does: one message for a topic and its target."""

    messages: dict[tuple[str, str], str] = field(default_factory=dict)
    or_to: dict[str, tuple[str, ...]] = field(default_factory=dict)
    edits: list[str] = field(default_factory=list)
    in_threads: list[tuple[str, str]] = field(default_factory=list)

    def put(
        self,
        connection: Connection,
        topic: str,
        target: str = "",
        *,
        thread_of: str | None = None,
        reader: str = "",
        or_to: Sequence[str] = (),
    ) -> str:
        known = self.messages.get((topic, target))
        if known is not None:
            return known
        notice_id = f"ntc_{len(self.messages)}"
        self.messages[topic, target] = notice_id
        self.or_to[topic] = tuple(or_to)
        if thread_of is not None:
            self.in_threads.append((topic, thread_of))
        return notice_id

    def copies(self, connection: Connection, topic: str) -> list[str]:
        return [one for (said, _), one in self.messages.items() if said == topic]

    def changed(self, connection: Connection, topic: str) -> None:
        self.edits.append(topic)

    def wake(self) -> None:
        pass

    def posted(self, prefix: str = "") -> list[tuple[str, str]]:
        """(topic, target) of every message that stands by itself."""
        return [one for one in self.messages if one[1] and one[0].startswith(prefix)]

    def notes(self) -> list[str]:
        """The words of the notes in threads: `resolved`, `again`."""
        return [topic.split(":")[2] for topic, _ in self.in_threads]


def tenant(name: str, channel_id: str | None = None) -> Tenant:
    return Tenant(
        id=f"ten_{name}",
        name=name,
        poolid=name,
        channel_id=channel_id,
        state=TenantState.READY,
        pve_userid=f"t-{name}@pve",
        pve_tokenid="nubemox",
        has_token=True,
        quota=Quota(),
        created_by="U0CARLA",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@dataclass
class SomeTenants:
    """acme has a channel, globex has none, initech has only a usergroup."""

    everybody: dict[str, Tenant] = field(
        default_factory=lambda: {
            "acme": tenant("acme", "C0ACME"),
            "globex": tenant("globex"),
            "initech": tenant("initech"),
        }
    )

    def by_id(self, tenant_id: str) -> Tenant | None:
        return self.everybody.get(tenant_id.removeprefix("ten_"))

    def by_pool(self, poolid: str) -> Tenant | None:
        return self.everybody.get(poolid)

    def list_members(self, tenant_id: str) -> list[Member]:
        people = {
            "ten_acme": [("U0ANA", Role.OWNER), ("U0OLGA", Role.OPERATOR)],
            "ten_globex": [
                ("U0BRUNO", Role.OWNER),
                ("U0BEA", Role.OWNER),
                ("U0V", Role.VIEWER),
                ("U0GONE", Role.OWNER),
            ],
            "ten_initech": [("S0ALL", Role.OWNER)],
        }
        return [Member(tenant_id, "T1", who, role) for who, role in people[tenant_id]]
