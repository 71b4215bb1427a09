"""A change to PVE as a value: built from checked parameters, shown by a dry run, sent once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import AnswerLost, PveUnintelligible
from nubemox_bot.pve.model import Upid
from nubemox_bot.pve.paths import PvePath


@dataclass(frozen=True, slots=True)
class Write:
    """One POST, PUT or DELETE that has not been sent; what is shown of it is what is sent.

    Attributes:
        method: `POST`, `PUT` or `DELETE`.
        path: the checked path.
        parameters: as PVE takes them, with nothing secret among them.
    """

    method: str
    path: PvePath
    parameters: Mapping[str, object]

    @property
    def shown_path(self) -> str:
        """The path as people read it, `/nodes/pve1/lxc/105/config`."""
        return "/" + "/".join(unquote(segment) for segment in self.path.segments)

    def send(self, client: PveClient) -> Any:
        """Send it, once; what PVE answers.

        Raises:
            AnswerLost: its outcome is unknown: look before deciding.
        """
        match self.method:
            case "POST":
                return client.post(self.path, **self.parameters)
            case "PUT":
                return client.put(self.path, **self.parameters)
            case _:
                return client.delete(self.path, **self.parameters)

    def begin(self, client: PveClient) -> str:
        """Send it, and give the UPID of the task that it began.

        Raises:
            AnswerLost: also when the answer is no UPID.
        """
        return upid_of(self.send(client), self.path)

    def begin_or_do(self, client: PveClient) -> str | None:
        """As `begin`, for calls that some versions finish before they answer: then None."""
        answer = self.send(client)
        return None if answer is None else upid_of(answer, self.path)


def upid_of(answer: object, path: PvePath) -> str:
    """The task that an answer names.

    Raises:
        AnswerLost: it names none, so it is unknown whether anything began.
    """
    try:
        return Upid.parse(answer).text
    except ValueError:
        raise AnswerLost(route=path.route) from None


def rows_of(answer: object) -> list[dict[str, Any]]:
    """The rows of a list that PVE answers; it says null for an empty one now and then.

    Raises:
        PveUnintelligible: it is no list.
    """
    if answer is None:
        return []
    if not isinstance(answer, list):
        raise PveUnintelligible
    return [row for row in answer if isinstance(row, dict)]
