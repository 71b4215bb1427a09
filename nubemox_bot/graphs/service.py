"""A guest's graph, as an actor asks for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from nubemox_bot.charts import Chart, ChartFailed, Painter
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import Clock
from nubemox_bot.graphs.errors import NothingMeasured, TemplateHasNoGraph
from nubemox_bot.graphs.model import MEASURED, GuestGraph, GuestHistory
from nubemox_bot.guests.access import Admitted, GuestAccess
from nubemox_bot.pve import history
from nubemox_bot.pve.errors import GuestConfigMissing
from nubemox_bot.pve.history import History
from nubemox_bot.pve.model import GuestKind
from nubemox_bot.tenancy.clients import acting_for
from nubemox_bot.tenancy.errors import TokenRefused
from nubemox_bot.tenancy.policy import Action

log = logging.getLogger("nubemox.graphs")


class GraphService:
    """Reads with the tenant's own token, so that PVE checks too.

    Args:
        chart: what a history looks like, in the language of whoever asks.
    """

    def __init__(
        self,
        access: GuestAccess,
        painter: Painter,
        chart: Callable[[GuestHistory], Chart],
        clock: Clock,
    ) -> None:
        self._access = access
        self._painter = painter
        self._chart = chart
        self._clock = clock

    def graph(
        self, actor: Actor, kind: GuestKind | None, ref: str, hours: int, turn_id: str | None = None
    ) -> GuestGraph:
        """What a guest did over the last hours.

        Raises:
            GuestNotFound: no such guest, or not in a pool of the actor's.
            NothingMeasured: it did not run in that time, or PVE has not measured it yet.
        """
        admitted, whole = self._read(actor, kind, ref, hours, turn_id)
        guest = admitted.guest
        self._access.directory.record_read(
            actor, admitted.verdict, turn_id=turn_id, vmid=guest.vmid, poolid=guest.poolid
        )
        end = self._clock.now()
        start = end - timedelta(hours=hours)
        shown = whole.since(start)
        if not shown.has(*MEASURED):
            raise NothingMeasured(name=guest.name, noun=guest.kind.noun, vmid=guest.vmid)
        found = GuestHistory(guest, hours, start, end, shown, actor.timezone)
        return GuestGraph(found, self._drawn(found))

    def _read(
        self, actor: Actor, kind: GuestKind | None, ref: str, hours: int, turn_id: str | None
    ) -> tuple[Admitted, History]:
        def look(*, recent: bool) -> tuple[Admitted, History]:
            admitted = self._access.admit(
                actor, kind, ref, Action.GUEST_GRAPH, turn_id, recent=recent
            )
            if admitted.guest.is_template:
                raise TemplateHasNoGraph(name=admitted.guest.name)
            client = self._access.client(admitted.tenant)
            with acting_for(admitted.tenant):
                frame = history.timeframe_for(hours)
                return admitted, history.of_guest(client, admitted.guest, frame)

        try:
            return look(recent=True)
        except (GuestConfigMissing, TokenRefused):
            # It moved to another node or pool, or was deleted, since the inventory was read.
            return look(recent=False)

    def _drawn(self, found: GuestHistory) -> bytes | None:
        """The picture, or nothing: the numbers are told either way."""
        try:
            return self._painter.draw(self._chart(found))
        except ChartFailed:
            log.warning("the graph of guest %s is told without its picture", found.guest.vmid)
            return None
