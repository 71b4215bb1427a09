"""One call on its way through the hosts: who may be asked next, and what to say when nobody is."""

from __future__ import annotations

import logging

from nubemox_bot.pve import wire
from nubemox_bot.pve.errors import (
    AnswerLost,
    NodeOffline,
    PveCertificateBad,
    PveError,
    PveSlow,
    PveUnintelligible,
    PveUnreachable,
)
from nubemox_bot.pve.hosts import Host, Hosts
from nubemox_bot.pve.paths import PvePath
from nubemox_bot.pve.translation import answer_error

log = logging.getLogger("nubemox.pve")

# The host could not connect to where the work is done, so nothing has begun there.
_NOT_BEGUN = 595
_PROXYING_FAILED = range(595, 600)
_OF_A_PROXY = frozenset({502, 503, 504})


class Trip:
    """The rules of failover for one call.

    A change goes to another host only when nothing of it can have reached PVE. A read is repeated
    once on a broken connection, then on every other host, but only once when the node behind
    the hosts is what does not answer.
    """

    def __init__(self, hosts: Hosts, path: PvePath, *, changes: bool) -> None:
        self.tried: set[Host] = set()
        self._hosts = hosts
        self._path = path
        self._changes = changes
        self._repeated: set[Host] = set()
        self._cannot_reach_node: Host | None = None
        self._last: PveError = PveUnreachable()

    def nobody_left(self) -> PveError:
        """What to say when every host was tried."""
        return self._last

    def arrived(self, host: Host) -> None:
        """It answered with a success."""
        self._hosts.answered(host)
        if self._cannot_reach_node is not None:
            # That host does not reach the node and this one does: this one from now on.
            self._hosts.failed(self._cannot_reach_node, cut_off=False)

    def broke(self, host: Host, error: wire.WireError) -> None:
        """No whole answer came.

        Raises:
            AnswerLost: it was a change, and may have reached PVE.
        """
        log.warning(
            "host %s gave no answer to %s: %s, request %s",
            host.position,
            self._path.route,
            type(error.__cause__).__name__,
            "sent" if error.was_sent else "not sent",
        )
        if self._changes and error.was_sent:
            self._hosts.failed(host, cut_off=False)
            raise AnswerLost from None
        if error.was_sent and not error.is_timeout and host not in self._repeated:
            self._repeated.add(host)
            return
        self._hosts.failed(host, cut_off=not error.was_sent)
        if error.is_certificate:
            self._next(host, PveCertificateBad())
        else:
            timed_out = error.was_sent and error.is_timeout
            self._next(host, PveSlow() if timed_out else PveUnreachable())

    def was_not_understood(self, host: Host) -> None:
        """It answered with something that is not PVE's.

        Raises:
            AnswerLost: it was a change.
        """
        self._hosts.failed(host, cut_off=False)
        if self._changes:
            raise AnswerLost from None
        self._next(host, PveUnintelligible())

    def was_refused(self, host: Host, answer: wire.Answer) -> None:
        """It answered with a no.

        Raises:
            PveError: nobody else would say otherwise.
        """
        if answer.status in _OF_A_PROXY or (answer.status >= 500 and not answer.is_pve):
            self.was_not_understood(host)
            return
        self._hosts.answered(host)
        if answer.status not in _PROXYING_FAILED:
            raise answer_error(answer.status, answer.reason, answer.errors, self._path) from None
        if self._changes and answer.status != _NOT_BEGUN:
            raise AnswerLost from None
        offline = NodeOffline(node=self._path.node) if self._path.node else PveUnreachable()
        if self._cannot_reach_node is not None:
            raise offline from None
        self._cannot_reach_node = host
        self._next(host, offline)

    def _next(self, host: Host, error: PveError) -> None:
        self.tried.add(host)
        # That the node is offline was learnt from a host that does answer, so it stays said.
        if self._cannot_reach_node in {None, host}:
            self._last = error


def look_again(hosts: Hosts, host: Host, error: Exception | None) -> None:
    """Judge what came of asking a host that had failed before."""
    if isinstance(error, wire.WireError):
        hosts.failed(host, cut_off=not error.was_sent)
    elif isinstance(error, wire.Unintelligible) or (
        isinstance(error, wire.Answer) and error.status in _OF_A_PROXY
    ):
        hosts.failed(host, cut_off=False)
    else:
        hosts.answered(host)
