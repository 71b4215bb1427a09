"""Whose backups a person means, which of them are theirs to see, and where new ones go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nubemox_bot.backups import errors
from nubemox_bot.backups.model import BackupSubject, KeptBackup
from nubemox_bot.backups.store import BackupStore
from nubemox_bot.core.actor import Actor
from nubemox_bot.guests.access import GuestAccess
from nubemox_bot.guests.errors import SeveralGuests
from nubemox_bot.pve import backups as pve
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.grounds import PveGrounds
from nubemox_bot.pve.inventory import Snapshot
from nubemox_bot.pve.model import GuestKind
from nubemox_bot.tenancy.model import Caller, Tenant
from nubemox_bot.tenancy.policy import Action, Verdict


@dataclass(frozen=True, slots=True)
class Found:
    """What backups are of, for a caller who may do this with them."""

    subject: BackupSubject
    tenant: Tenant | None
    verdict: Verdict
    sees_all: bool
    """Platform admins see those that nobody wrote down, too."""


class BackupFinder:
    """Reads backups with the bot's own token, and shows each tenant its own alone."""

    def __init__(
        self, access: GuestAccess, client: PveClient, store: BackupStore, grounds: PveGrounds
    ) -> None:
        self._access = access
        self._client = client
        self._store = store
        self._grounds = grounds

    def find(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        action: Action,
        turn_id: str | None,
        *,
        verb: str = "",
    ) -> Found:
        """The guest that is meant; one that was deleted, by the backups that stayed of it.

        Raises:
            GuestNotFound: neither; a foreign one is neither.
            NubemoxError: the policy's no, in words.
        """
        directory = self._access.directory
        caller = directory.caller(actor)
        snapshot = self._access.inventory.fresh()
        gone = self._gone(caller, snapshot, kind, ref)
        if gone is None:
            admitted = self._access.admit_caller(
                caller, snapshot, kind, ref, action, turn_id, verb=verb
            )
            guest, tenant = admitted.guest, admitted.tenant
            subject = BackupSubject(
                vmid=guest.vmid,
                kind=guest.kind,
                name=guest.name,
                poolid=guest.poolid or "",
                tenant_id=tenant.id if tenant else None,
                node=guest.node,
                guest=guest,
            )
            return Found(subject, tenant, admitted.verdict, caller.is_admin)
        owner = self._access.tenants.by_id(gone.tenant_id) if gone.tenant_id else None
        target = {"vmid": gone.vmid, "poolid": gone.poolid}
        verdict = directory.allow(caller, action, owner, target=target, turn_id=turn_id)
        return Found(gone, owner, verdict, caller.is_admin)

    def _gone(
        self, caller: Caller, snapshot: Snapshot, kind: GuestKind | None, ref: str
    ) -> BackupSubject | None:
        own = self._access.own(caller, snapshot)
        if any(ref.lower() in (str(guest.vmid), guest.name.lower()) for guest in own):
            return None
        tenants = None if caller.is_admin else list(caller.roles)
        rows = [
            row
            for row in self._store.find_gone(ref, tenants)
            if snapshot.by_vmid(row.vmid) is None and kind in (None, row.kind)
        ]
        if len(rows) > 1:
            which = ", ".join(str(row.vmid) for row in rows)
            raise SeveralGuests(count=len(rows), name=ref, which=which)
        if not rows:
            return None
        row = rows[0]
        online = [node.name for node in snapshot.nodes if node.is_online]
        node = row.node if row.node in online else next(iter(online), row.node)
        return BackupSubject(
            row.vmid, row.kind, row.name, row.poolid, row.tenant_id, node, guest=None
        )

    def backups(self, found: Found) -> tuple[list[KeptBackup], Sequence[str]]:
        """Those that are there and theirs, the newest first, and the storages that are silent."""
        subject = found.subject
        known = self._store.of_guest(subject.vmid)
        there = pve.of_guest(self._client, subject.node, subject.vmid)
        seen = [
            one
            for one in there.backups
            if found.sees_all
            or (
                one.volid in known
                and subject.tenant_id is not None
                and known[one.volid].tenant_id == subject.tenant_id
            )
        ]
        kept = [
            KeptBackup(
                number=number,
                volid=one.volid,
                storage=one.storageid,
                size_bytes=one.size_bytes,
                made_at=one.created_at,
                notes=one.notes,
                is_protected=one.is_protected,
                is_verified=one.is_verified,
                kind=one.kind,
                owner=known.get(one.volid),
            )
            for number, one in enumerate(seen, start=1)
        ]
        return kept, there.silent

    def pick(self, found: Found, which: str) -> KeptBackup:
        """The one of that number in the list, or of that volid.

        Raises:
            NoSuchBackup: there is none, or it is not theirs.
            BackupOfOtherKind: it is no backup of such a guest.
        """
        kept, _silent = self.backups(found)
        subject = found.subject
        for one in kept:
            if which in (str(one.number), one.volid, one.volid.rpartition("/")[2]):
                if one.kind not in (None, subject.kind):
                    raise errors.BackupOfOtherKind
                return one
        raise errors.NoSuchBackup(
            guest=subject.name, backup=which, noun=subject.kind.noun, vmid=subject.vmid
        )

    def place(self, node: str, wanted: str | None) -> str:
        """Where a backup goes: the storage that was named, or the best one there is.

        Raises:
            NoPlaceForBackups: there is none.
            NoneForUs: there are some, and the bot may put backups on none of them.
            NotForBackups: the one that was named is none, or none for the bot.
        """
        there = [one.storageid for one in pve.storages(self._client, node)]
        if not there:
            raise errors.NoPlaceForBackups(node=node)
        usable = [one for one in there if self._grounds.may_allocate(one)]
        if not usable:
            raise errors.NoneForUs(node=node, storages=", ".join(there))
        if wanted is None:
            return usable[0]
        if wanted not in usable:
            raise errors.NotForBackups(storage=wanted, node=node, usable=", ".join(usable))
        return wanted
