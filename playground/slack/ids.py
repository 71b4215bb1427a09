"""Slack-like ids, timestamps and secrets."""

import itertools
import random
import string
import time

ALPHABET = string.ascii_uppercase + string.digits


class Ids:
    """Makes ids that look like Slack's and never repeat within a run."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)
        self._counter = itertools.count(1)
        self._last_ts_us = 0

    def make(self, prefix: str) -> str:
        """An id such as `C0K2V7QX01A`: prefix, randomness, and a counter that keeps it unique."""
        tail = _base36(next(self._counter)).rjust(4, "0")
        return f"{prefix}0{self.word(5)}{tail}"

    def word(self, length: int) -> str:
        return "".join(self._random.choices(ALPHABET, k=length))

    def secret(self, length: int = 32) -> str:
        return "".join(
            random.SystemRandom().choices(string.ascii_letters + string.digits, k=length)
        )

    def hex(self, length: int = 32) -> str:
        return "".join(random.SystemRandom().choices("0123456789abcdef", k=length))

    def ts(self) -> str:
        """The wall clock in Slack's form, strictly growing so that it can serve as an id."""
        now_us = time.time_ns() // 1000
        self._last_ts_us = max(now_us, self._last_ts_us + 1)
        return f"{self._last_ts_us // 1_000_000}.{self._last_ts_us % 1_000_000:06d}"

    def number(self) -> int:
        return self._random.randrange(10**12, 10**13)

    def trigger(self) -> str:
        return f"{self.number()}.{self.number()}.{self.hex(32)}"

    def hash(self) -> str:
        return f"{int(time.time())}.{self.word(8)}"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = (string.digits + string.ascii_uppercase)[digit] + digits
    return digits or "0"
