"""Which host to ask, and how many calls at a time it gets.

Any node answers for the whole cluster, so one host that is down or hangs must cost little: it is
set aside at once, and looked at again by a thread of its own, never by somebody's command.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from nubemox_bot.core.clock import Clock
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve.errors import PveSlow

# pveproxy and pvedaemon have 3 workers each (PVE: pveproxy.pm, pvedaemon.pm, max_workers).
CALLS_AT_A_TIME = 4
CHANGES_AT_A_TIME = 3
SLOT_WAIT_S = 30.0
PROBE_FIRST_S = 1.0
PROBE_LAST_S = 30.0
_LOOK_AGAIN_S = 1.0


class Host:
    """One configured host: what it is doing for us, and whether it answered lately.

    `is_cut_off` says that not even a connection could be made; only then do callers not wait for
    it. Everything here is written under the lock of `Hosts`.
    """

    def __init__(self, address: str, position: int) -> None:
        self.address = address
        self.position = position
        self.is_up = True
        self.is_cut_off = False
        self.failures = 0
        self.failed_at = 0.0
        self.is_being_probed = False
        self.calls = 0
        self.changes = 0

    def has_room(self, *, changes: bool) -> bool:
        """Whether one more call may go; one of the four slots is always kept for reads."""
        return self.calls < CALLS_AT_A_TIME and not (changes and self.changes >= CHANGES_AT_A_TIME)


class Hosts:
    """All configured hosts, shared by every credential.

    Args:
        addresses: `host[:port]`, in the order of preference.
        clock: for how long ago a host failed.
        metrics: `pve_host_up`, by position.
        slot_wait_s: longest wait for a slot, in seconds.
    """

    def __init__(
        self,
        addresses: Sequence[str],
        clock: Clock,
        metrics: Metrics,
        slot_wait_s: float = SLOT_WAIT_S,
    ) -> None:
        if not addresses:
            raise ValueError("at least one host is needed")
        self.all = [Host(address, position) for position, address in enumerate(addresses)]
        self._clock = clock
        self._metrics = metrics
        self._slot_wait_s = slot_wait_s
        self._lock = threading.Lock()
        self._room_to_read = threading.Condition(self._lock)
        self._room_to_change = threading.Condition(self._lock)
        self._good = self.all[0]

    @contextmanager
    def slot(self, *, changes: bool, without: set[Host]) -> Iterator[Host | None]:
        """A host with a slot on it; None when none is left to ask.

        Raises:
            PveSlow: no slot came free in time.
        """
        host, is_probe = self._take(changes=changes, without=without)
        try:
            yield host
        finally:
            if host is not None:
                self._give_back(host, changes=changes, is_probe=is_probe)

    def answered(self, host: Host) -> None:
        """It answered, whatever it said."""
        with self._lock:
            host.is_up, host.is_cut_off, host.failures = True, False, 0
            if not self._good.is_up:
                self._good = host
        self._metrics.pve_host_up.labels(position=host.position).set(1)

    def failed(self, host: Host, *, cut_off: bool) -> None:
        """It did not answer; whoever waits for it is sent elsewhere."""
        with self._lock:
            host.is_up, host.is_cut_off = False, cut_off
            host.failures += 1
            host.failed_at = self._clock.monotonic()
            if host is self._good:
                self._good = next((other for other in self.all if other.is_up), host)
            self._room_to_read.notify_all()
            self._room_to_change.notify_all()
        self._metrics.pve_host_up.labels(position=host.position).set(0)

    def probe_if_due(self, ask: Callable[[Host], None]) -> None:
        """Look again at hosts that failed a while ago, each in a thread, with nobody waiting.

        While every host is down there is nobody else to ask, and callers look for themselves.
        """
        now = self._clock.monotonic()
        with self._lock:
            if all(host.is_up for host in self.all) or not any(host.is_up for host in self.all):
                return
            due = [host for host in self.all if self._is_due(host, now)]
            for host in due:
                host.is_being_probed = True
                host.calls += 1
        for host in due:
            threading.Thread(
                target=self._probe, args=(host, ask), name="pve-probe", daemon=True
            ).start()

    def _is_due(self, host: Host, now: float) -> bool:
        pause_s = min(PROBE_LAST_S, PROBE_FIRST_S * 2 ** min(10, max(0, host.failures - 1)))
        idle = not host.is_up and not host.is_being_probed and host.has_room(changes=False)
        return idle and now - host.failed_at >= pause_s

    def _probe(self, host: Host, ask: Callable[[Host], None]) -> None:
        try:
            ask(host)
        finally:
            self._give_back(host, changes=False, is_probe=True)

    def _take(self, *, changes: bool, without: set[Host]) -> tuple[Host | None, bool]:
        deadline = time.monotonic() + self._slot_wait_s
        room = self._room_to_change if changes else self._room_to_read
        with self._lock:
            while True:
                candidates = self._candidates(without)
                if not candidates:
                    return None, False
                for host in candidates:
                    if host.has_room(changes=changes):
                        host.calls += 1
                        host.changes += changes
                        host.is_being_probed |= host.is_cut_off
                        return host, host.is_cut_off
                left_s = deadline - time.monotonic()
                if left_s <= 0:
                    raise PveSlow
                room.wait(min(left_s, _LOOK_AGAIN_S))

    def _candidates(self, without: set[Host]) -> list[Host]:
        """Who may be asked, best first: those that are up, the one that answered last in front.

        When all are down, whoever comes first looks whether that is still so, one at a time.
        """
        left = [host for host in self.all if host not in without]
        up = [host for host in left if host.is_up]
        if up:
            return sorted(up, key=lambda host: host is not self._good)
        waiting = [host for host in left if not (host.is_cut_off and host.is_being_probed)]
        return sorted(waiting, key=lambda host: host.failed_at)

    def _give_back(self, host: Host, *, changes: bool, is_probe: bool) -> None:
        with self._lock:
            host.calls -= 1
            host.changes -= changes
            if is_probe:
                host.is_being_probed = False
            self._room_to_read.notify()
            self._room_to_change.notify()
