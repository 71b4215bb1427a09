"""A finding of `doctor`: what is so, and what mends what is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at, in the reader's language.

    Attributes:
        mend: what to do, in words.
        lines: what to type, as it is.
    """

    what: str
    mend: str = ""
    lines: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether nothing is to be done."""
        return not self.mend and not self.lines

    @classmethod
    def good(cls, what: str) -> Self:
        """It is as it should be."""
        return cls(what)

    @classmethod
    def bad(cls, what: str, mend: str = "", *lines: str) -> Self:
        """It is not, and this mends it."""
        return cls(what, mend, lines)

    def __str__(self) -> str:
        if self.is_good:
            return f"ok    {self.what}"
        ways = [*([self.mend] if self.mend else ()), *self.lines]
        return "\n      -> ".join([f"FAULT {self.what}", *ways])
