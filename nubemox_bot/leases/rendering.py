"""What a notice of a lease shows now."""

from __future__ import annotations

from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.leases import views
from nubemox_bot.leases.model import ENDED
from nubemox_bot.leases.store import LeaseStore
from nubemox_bot.notices.model import Notice


class LeaseRenderer:
    """Reads a lease anew for each message about it."""

    def __init__(self, store: LeaseStore, *, will_be_deleted: bool) -> None:
        self._store = store
        self._will_be_deleted = will_be_deleted

    def __call__(self, notice: Notice) -> Reply | None:
        """The message; None when there is no such lease."""
        vmid, _, rest = notice.key.partition(":")
        what, _, ended_at = rest.partition(":")
        lease = self._store.get(int(vmid))
        if lease is None:
            return None
        return views.notice(
            lease,
            int(ended_at),
            is_over=what == ENDED,
            will_be_deleted=self._will_be_deleted,
        )
