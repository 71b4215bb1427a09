"""The one client of the PVE API, and the only user of proxmoxer.

proxmoxer builds the request and its Authorization header. Around it: paths that were checked,
several hosts, four calls at a time on each, one deadline a call, and a strict rule for changes:
once a byte of one may have left, it is never sent again; the caller hears `AnswerLost` and has to
look.
"""

from __future__ import annotations

import logging
import ssl
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from proxmoxer import ProxmoxAPI
from urllib3.exceptions import InsecureRequestWarning

from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.log import hide
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve import wire
from nubemox_bot.pve.failover import Trip, look_again
from nubemox_bot.pve.guard import refuse_what_must_never_be
from nubemox_bot.pve.hosts import SLOT_WAIT_S, Host, Hosts
from nubemox_bot.pve.model import Credential
from nubemox_bot.pve.paths import PvePath

_VERSION = PvePath.to("/version")
_CONNECT_SHARE = 0.5


def _allow() -> None:
    """Nothing stands in the way of a change."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a call gave, and which host gave it: a console's websocket has to go to the same one."""

    data: Any
    host: str


class _Shared:
    """What every credential uses together: hosts, connections, and the one writer of user.cfg."""

    def __init__(
        self,
        addresses: Sequence[str],
        *,
        verify: bool | str,
        metrics: Metrics,
        clock: Clock,
        before_mutation: Callable[[], None],
        slot_wait_s: float,
    ) -> None:
        self.verify = verify
        self.metrics = metrics
        self.before_mutation = before_mutation
        self.context = wire.tls_context(verify)
        self.hosts = Hosts(addresses, clock, metrics, slot_wait_s)
        self.adapters = {host: wire.PveAdapter(self.context, clock) for host in self.hosts.all}
        self.user_cfg_lock = threading.Lock()


class PveClient:
    """Calls the API as one credential.

    Args:
        hosts: `host[:port]`, any number, in the order of preference.
        credential: who acts; its secret is hidden from the logs from here on.
        verify: False accepts any certificate; a string names the CA file.
        timeout_s: one call on one host, from getting its slot, in seconds.
        metrics: `pve_calls`, `pve_seconds`, `pve_host_up`.
        clock: for ages; deadlines on the wire are the machine's own.
        before_mutation: asked before each change is sent; what it raises, the caller hears.
        slot_wait_s: longest wait for one of a host's four slots, in seconds.

    Every call raises a `PveError`: see `translation` for which answer becomes which.
    """

    def __init__(
        self,
        hosts: Sequence[str],
        credential: Credential,
        *,
        verify: bool | str = True,
        timeout_s: float = 10,
        metrics: Metrics,
        clock: Clock,
        before_mutation: Callable[[], None] = _allow,
        slot_wait_s: float = SLOT_WAIT_S,
    ) -> None:
        shared = _Shared(
            hosts,
            verify=verify,
            metrics=metrics,
            clock=clock,
            before_mutation=before_mutation,
            slot_wait_s=slot_wait_s,
        )
        self._set_up(shared, credential, timeout_s)
        for name in ("proxmoxer", "proxmoxer.core", "proxmoxer.backends.https"):
            # Below WARNING they write request bodies and answers, secrets included.
            logging.getLogger(name).setLevel(logging.WARNING)
        # proxmoxer silences this for the whole process as soon as it is used, TLS checked or not.
        warnings.simplefilter("ignore" if verify is False else "default", InsecureRequestWarning)

    def _set_up(self, shared: _Shared, credential: Credential, timeout_s: float) -> None:
        hide(credential.secret)
        self.credential = credential
        self._timeout_s = timeout_s
        self._shared = shared
        self._apis = {host: self._api(host) for host in shared.hosts.all}

    def __repr__(self) -> str:
        addresses = ", ".join(host.address for host in self._shared.hosts.all)
        return f"PveClient({self.credential.full_tokenid} at {addresses})"

    def acting_as(self, credential: Credential) -> PveClient:
        """The same hosts, slots and connections under another token, with a header of its own."""
        other = object.__new__(PveClient)
        other._set_up(self._shared, credential, self._timeout_s)
        return other

    def patient(self, timeout_s: float) -> PveClient:
        """The same client, giving each call at least so many seconds."""
        other = object.__new__(PveClient)
        other._set_up(self._shared, self.credential, max(timeout_s, self._timeout_s))
        return other

    @property
    def user_cfg_lock(self) -> threading.Lock:
        """Held while writing users, ACLs and pools: PVE has one lock for all of these."""
        return self._shared.user_cfg_lock

    def get(self, path: PvePath, /, **params: object) -> Any:
        """Read. Goes to another host when one does not answer.

        Raises:
            PveUnreachable, PveSlow, NodeOffline, PveUnintelligible: there was no good answer.
        """
        return self._call("GET", path, params).data

    def post(self, path: PvePath, /, **params: object) -> Any:
        """Create or begin something.

        Raises:
            AnswerLost: it was sent and its outcome is unknown: look before deciding.
            PveUnreachable, PveSlow: nothing was sent.
        """
        return self._call("POST", path, params).data

    def put(self, path: PvePath, /, **params: object) -> Any:
        """Change something; raises as `post` does."""
        return self._call("PUT", path, params).data

    def delete(self, path: PvePath, /, **params: object) -> Any:
        """Remove something; raises as `post` does. Parameters go into the query, as PVE wants."""
        return self._call("DELETE", path, params).data

    def open_at(self, path: PvePath, /, **params: object) -> Answered:
        """As `post`, for a console: it changes nothing, so a freeze lets it pass.

        Tells which host answered.
        """
        return self._call("POST", path, params, may_change=False)

    @property
    def tls(self) -> ssl.SSLContext:
        """What certificates are believed, for a console's websocket."""
        return self._shared.context

    def authorization(self) -> str:
        """The Authorization header's value, for a console's websocket. Never log it."""
        credential = self.credential
        return f"PVEAPIToken={_quoted(credential.userid)}!{credential.tokenid}={credential.secret}"

    def close(self) -> None:
        """Drop the connections of every credential that shares them."""
        for adapter in self._shared.adapters.values():
            adapter.close()

    def _api(self, host: Host) -> Any:
        credential = self.credential
        api = ProxmoxAPI(
            host.address,
            # PVE unescapes the header's value (PVE: pve-http-server Formatter.pm).
            user=_quoted(credential.userid),
            token_name=credential.tokenid,
            token_value=credential.secret,
            verify_ssl=self._shared.verify,
            timeout=self._timeout_s,
        )
        wire.prepare(api._store["session"], self._shared.adapters[host])  # noqa: SLF001 - no other way
        return api

    def _call(
        self, method: str, path: PvePath, params: dict[str, object], *, may_change: bool = True
    ) -> Answered:
        outcome = "ok"
        try:
            values = _wire_values(params)
            refuse_what_must_never_be(method, path, values)
            return self._anywhere(method, path, values, may_change=may_change)
        except NubemoxError as error:
            outcome = error.code
            raise
        except Exception:
            outcome = "fault"
            raise
        finally:
            self._shared.metrics.pve_calls.labels(
                method=method, route=path.route, outcome=outcome
            ).inc()

    def _anywhere(
        self, method: str, path: PvePath, params: dict[str, Any], *, may_change: bool
    ) -> Answered:
        """Ask one host after another, as far as what is asked allows."""
        hosts = self._shared.hosts
        changes = method != "GET"
        trip = Trip(hosts, path, changes=changes)
        hosts.probe_if_due(self._look_again)
        while True:
            with hosts.slot(changes=changes, without=trip.tried) as host:
                if host is None:
                    raise trip.nobody_left()
                if changes and may_change:
                    self._shared.before_mutation()
                try:
                    data = self._once(host, method, path, params)
                except wire.WireError as error:
                    trip.broke(host, error)
                except wire.Unintelligible:
                    trip.was_not_understood(host)
                except wire.Answer as answer:
                    trip.was_refused(host, answer)
                else:
                    trip.arrived(host)
                    return Answered(data, host.address)

    def _once(self, host: Host, method: str, path: PvePath, params: dict[str, Any]) -> Any:
        shared = self._shared
        resource = self._apis[host](list(path.segments))
        attempt = wire.Attempt(
            deadline=time.monotonic() + self._timeout_s,
            connect_s=self._timeout_s * _CONNECT_SHARE,
            needs_fresh=method != "GET",
        )
        call = getattr(resource, method.lower())
        with shared.metrics.pve_seconds.labels(method=method, route=path.route).time():
            return wire.run(attempt, lambda: call(**params))

    def _look_again(self, host: Host) -> None:
        """Ask a host that had failed for its version, with nobody waiting for the answer."""
        try:
            self._once(host, "GET", _VERSION, {})
        except (wire.WireError, wire.Unintelligible, wire.Answer) as error:
            look_again(self._shared.hosts, host, error)
        else:
            look_again(self._shared.hosts, host, None)


def _quoted(userid: str) -> str:
    return quote(userid, safe="@")


def _wire_values(params: dict[str, object]) -> dict[str, Any]:
    """PVE's booleans are 1 and 0; None means "not given"."""
    return {
        key: int(value) if isinstance(value, bool) else value
        for key, value in params.items()
        if value is not None
    }
