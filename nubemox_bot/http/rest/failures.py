"""How often tokens that open nothing may be tried from one address."""

from __future__ import annotations

import hmac
import ipaddress
from collections import OrderedDict
from typing import Final

from nubemox_bot.core.clock import Clock
from nubemox_bot.http.rest.errors import TooManyFailures
from nubemox_bot.http.rest.pace import Buckets
from nubemox_bot.tokens.model import Bearer

# No token can be guessed: what is bounded is the work, and a program whose token was revoked is not
# to shut out the new ones of its neighbours.
AT_ONCE: Final = 300
PER_SECOND: Final = 5.0
_REMEMBERED: Final = 10_000
_NOTHING: Final = bytes(32)


class Failures:
    """A bucket for each address, from which every token that opens nothing takes.

    When it is empty, nothing that comes from there is looked up, so an answer tells nothing of the
    token and takes no time. Tokens that opened something lately pass all the same: programs behind
    the same address, or the same proxy, do not pay for each other.
    """

    def __init__(
        self, clock: Clock, at_once: float = AT_ONCE, per_second: float = PER_SECOND
    ) -> None:
        self._buckets = Buckets(clock, at_once, per_second)
        self._opened: OrderedDict[str, bytes] = OrderedDict()

    def refuse(self, address: str, bearer: Bearer | None) -> None:
        """Before a token is looked up.

        Raises:
            TooManyFailures: and after how many seconds the next one is looked up.
        """
        wait_s = self._buckets.wait_s(_place(address))
        if wait_s and not self._is_known(bearer):
            raise TooManyFailures(seconds=wait_s)

    def opened(self, bearer: Bearer) -> None:
        """It is a good one."""
        self._opened[bearer.id] = bearer.digest
        self._opened.move_to_end(bearer.id)
        if len(self._opened) > _REMEMBERED:
            self._opened.popitem(last=False)

    def failed(self, address: str, bearer: Bearer | None) -> None:
        """It opened nothing."""
        if self._is_known(bearer) and bearer is not None:
            del self._opened[bearer.id]
        self._buckets.spend(_place(address))

    def _is_known(self, bearer: Bearer | None) -> bool:
        if bearer is None:
            return False
        return hmac.compare_digest(self._opened.get(bearer.id, _NOTHING), bearer.digest)


def _place(address: str) -> str:
    """The address; of IPv6 the network, of which one machine has all addresses."""
    if ":" not in address:
        return address[:64]
    try:
        return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))
    except ValueError:
        return address[:64]
