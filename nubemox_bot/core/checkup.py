"""A finding of `doctor`: what is so, and the line that mends what is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `mend` is empty when it is well."""

    what: str
    mend: str = ""

    @property
    def is_good(self) -> bool:
        """Whether nothing is to be done."""
        return not self.mend

    @classmethod
    def good(cls, what: str) -> Self:
        """It is as it should be."""
        return cls(what)

    @classmethod
    def bad(cls, what: str, mend: str) -> Self:
        """It is not, and this mends it."""
        return cls(what, mend)

    def __str__(self) -> str:
        return f"ok    {self.what}" if self.is_good else f"FAULT {self.what}\n      -> {self.mend}"
