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
        is_note: it may stay as it is; what could be done is said all the same.
    """

    what: str
    mend: str = ""
    lines: tuple[str, ...] = ()
    is_note: bool = False

    @property
    def is_good(self) -> bool:
        """Whether nothing has to be done."""
        return self.is_note or (not self.mend and not self.lines)

    @classmethod
    def good(cls, what: str) -> Self:
        """It is as it should be."""
        return cls(what)

    @classmethod
    def note(cls, what: str, mend: str = "") -> Self:
        """Nothing is wrong, and yet it should be known."""
        return cls(what, mend, is_note=True)

    @classmethod
    def bad(cls, what: str, mend: str = "", *lines: str) -> Self:
        """It is not, and this mends it."""
        return cls(what, mend, lines)

    def __str__(self) -> str:
        mark = "note" if self.is_note else "ok" if self.is_good else "FAULT"
        ways = [*([self.mend] if self.mend else ()), *self.lines]
        return "\n      -> ".join([f"{mark:<5} {self.what}", *ways])
