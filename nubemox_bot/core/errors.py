"""The error family: each error carries its own words, each edge maps its kind once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import ClassVar

from nubemox_bot.core.i18n import N_, _


class Kind(StrEnum):
    """What sort of no this is; an edge turns it into a status or a tone."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    UNPROCESSABLE = "unprocessable"
    LIMITED = "limited"
    UPSTREAM = "upstream"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


def _code_of(family: type) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in family.__name__).lstrip("_")


class NubemoxError(Exception):
    """Something a person is told: what, why, and what next.

    Subclasses set `kind`, `text`, `hint` and, where pressing a button helps, `remedy`: words of a
    command that the button runs for whoever presses it, authorized at the press. The keyword
    arguments fill the braces in all three and stay readable as `data`.
    """

    kind: ClassVar[Kind] = Kind.INTERNAL
    text: ClassVar[str] = N_("Something went wrong here.")
    hint: ClassVar[str] = ""
    remedy: ClassVar[str] = ""
    remedy_label: ClassVar[str] = ""
    other_remedies: ClassVar[Sequence[tuple[str, str]]] = ()
    """Further buttons, each with its words and its label."""
    may_pass: ClassVar[bool] = False
    """Whether the same call may well succeed a little later."""

    def __init__(self, **data: object) -> None:
        self.data = data
        super().__init__(data)

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross processes and workflow tables; their data are keywords."""
        return _rebuilt, (type(self), self.data)

    @property
    def code(self) -> str:
        """The error's name for machines: `GuestNotFound` is `guest_not_found`."""
        return self.code_name()

    @classmethod
    def code_name(cls) -> str:
        """The code of all errors of this class."""
        return _code_of(cls)

    def message(self) -> str:
        """What happened, in the reader's language, with nobody's text escaped yet."""
        return _(self.text).format(**self.data)

    def advice(self) -> str:
        """What to do next, or an empty string."""
        return _(self.hint).format(**self.data) if self.hint else ""

    def remedy_words(self) -> str:
        """The command that helps, or an empty string."""
        return self.remedy.format(**self.data)

    def __str__(self) -> str:
        """For logs: name and data, untranslated."""
        fields = " ".join(f"{key}={value!r}" for key, value in self.data.items())
        return f"{self.code} {fields}".rstrip()


def _rebuilt(family: type[NubemoxError], data: dict[str, object]) -> NubemoxError:
    return family(**data)


class Several(NubemoxError):
    """More than one thing was asked for and none can be: each one's no, in order."""

    kind = Kind.CONFLICT

    def __init__(self, errors: Sequence[NubemoxError]) -> None:
        super().__init__()
        self.errors = tuple(errors)

    def message(self) -> str:
        """Every no with its advice, the same ones once."""
        said = (f"{error.message()} {error.advice()}".strip() for error in self.errors)
        return "\n".join(dict.fromkeys(said))

    def __str__(self) -> str:
        """For logs: all of them."""
        return "; ".join(map(str, self.errors))


def error_from(code: str, data: Mapping[str, object]) -> NubemoxError | None:
    """The error with this code, as it was before it was written to a row; None when unknown."""
    waiting = list(NubemoxError.__subclasses__())
    while waiting:
        family = waiting.pop()
        if family.code_name() == code:
            return family(**data)
        waiting.extend(family.__subclasses__())
    return None


class Unexpected(NubemoxError):
    """A fault of ours: the person gets a reference that is also in the log."""

    kind = Kind.INTERNAL
    text = N_("Something went wrong on our side, and it is unknown whether anything was done.")
    hint = N_("Tell your platform admins this reference: {reference}")


class StoreUnavailable(NubemoxError):
    """The database does not answer: the answer is no."""

    kind = Kind.UNAVAILABLE
    may_pass = True
    text = N_("The bot's database does not answer, so nothing was done.")
    hint = N_("Try again in a minute.")


class TooBusy(NubemoxError):
    """Every worker has work and the queue is full."""

    kind = Kind.UNAVAILABLE
    text = N_("Too much is going on right now, so nothing was done.")
    hint = N_("Try again in a minute.")


class Stopping(NubemoxError):
    """The process is on its way out and takes nothing in."""

    kind = Kind.UNAVAILABLE
    text = N_("The bot is restarting, so nothing was done.")
    hint = N_("Try again in a minute.")
