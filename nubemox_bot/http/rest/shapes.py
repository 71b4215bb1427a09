"""What goes over the wire: one shape for errors, pages for lists, links for ids."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeVar

from starlette.responses import Response

from nubemox_bot.approvals.model import Request, Submitted
from nubemox_bot.core.errors import Kind, NubemoxError, error_from
from nubemox_bot.guests.errors import WrongKind, WrongKindContainer
from nubemox_bot.http.rest.errors import (
    BodyTooLarge,
    CursorUnfit,
    MethodUnknown,
    RequestTooSlow,
    TooManyCalls,
    TooManyFailures,
)
from nubemox_bot.operations.model import Operation

PREFIX: Final = "/api/proxmox"
REQUEST_ID: Final = "X-Request-Id"

_STATUS: Final = {
    Kind.INVALID: HTTPStatus.BAD_REQUEST,
    Kind.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Kind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Kind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Kind.CONFLICT: HTTPStatus.CONFLICT,
    Kind.UNPROCESSABLE: HTTPStatus.UNPROCESSABLE_ENTITY,
    Kind.LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    Kind.UPSTREAM: HTTPStatus.BAD_GATEWAY,
    Kind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Kind.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_OTHER_STATUS: Final[Mapping[type[NubemoxError], HTTPStatus]] = {
    MethodUnknown: HTTPStatus.METHOD_NOT_ALLOWED,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    RequestTooSlow: HTTPStatus.REQUEST_TIMEOUT,
    # In Slack a word was wrong; here there is nothing at that address.
    WrongKind: HTTPStatus.NOT_FOUND,
    WrongKindContainer: HTTPStatus.NOT_FOUND,
}
_RETRY_S: Final = "5"
_MENTION: Final = re.compile(r"<@([UW][A-Z0-9]+)>")
_COMPACT: Final = (",", ":")

T = TypeVar("T")
NameOf = Callable[[str], str]


def status_of(error: NubemoxError) -> int:
    """The HTTP status that an error has."""
    return status_of_family(type(error))


def status_of_family(family: type[NubemoxError]) -> int:
    """The HTTP status that all errors of a class have."""
    return int(_OTHER_STATUS.get(family, _STATUS[family.kind]))


def error_body(error: NubemoxError, name_of: NameOf = str) -> dict[str, Any]:
    """The one shape of an error, in the language being spoken.

    Args:
        name_of: a Slack user's name by their id: programs show no mentions.
    """

    def said(text: str) -> str:
        return _MENTION.sub(lambda found: f"@{name_of(found[1])}", text)

    details = {key: _plain(value) for key, value in error.data.items()}
    return {
        "code": error.code,
        "message": said(error.message()),
        "hint": said(error.advice()),
        "details": {
            key: said(value) if isinstance(value, str) else value for key, value in details.items()
        },
    }


def failure(error: NubemoxError, name_of: NameOf = str) -> Response:
    """An error as a response."""
    headers = {"Cache-Control": "no-store"}
    if error.kind is Kind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = 'Bearer realm="nubemox"'
    if isinstance(error, TooManyCalls | TooManyFailures):
        headers["Retry-After"] = str(error.data["seconds"])
    elif error.kind is Kind.UNAVAILABLE or error.may_pass:
        headers["Retry-After"] = _RETRY_S
    if isinstance(error, MethodUnknown):
        headers["Allow"] = str(error.data["allowed"])
    return answer({"error": error_body(error, name_of)}, status_of(error), headers)


def answer(
    payload: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A JSON response."""
    return Response(encoded(payload), status, headers, media_type="application/json")


def encoded(payload: object) -> bytes:
    """Compact JSON."""
    return json.dumps(payload, ensure_ascii=False, separators=_COMPACT).encode()


def found(body: bytes, etag_wanted: str | None) -> Response:
    """An answer to a read, or 304 when the client has it already."""
    etag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if etag_wanted and etag in {one.strip().removeprefix("W/") for one in etag_wanted.split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def page(
    items: Sequence[T], key: Callable[[T], str], limit: int | None, cursor: str | None
) -> tuple[Sequence[T], str | None]:
    """The items after the cursor, and the cursor of the next page.

    A cursor names the last item of the page before, so a page is right also when others came or
    went in between.

    Args:
        items: in the order of their keys.
        key: what an item is known by.
        limit: how many; all of them when None.
    """
    first = 0
    if cursor is not None:
        last = _read_cursor(cursor)
        position = next((n for n, item in enumerate(items) if key(item) == last), None)
        if position is not None:
            first = position + 1
        else:  # it is gone: go on with what comes after it
            first = sum(_order(key(item)) <= _order(last) for item in items)
    shown = items[first:] if limit is None else items[first : first + limit]
    is_last = first + len(shown) >= len(items)
    return shown, None if is_last or not shown else _write_cursor(key(shown[-1]))


def _order(key: str) -> tuple[int, int, str]:
    return (0, int(key), "") if key.isdecimal() else (1, 0, key)


def _write_cursor(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> str:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        raise CursorUnfit from None
    if not text.isprintable() or len(text) > 255:
        raise CursorUnfit
    return text


def href(public_url: str, path: str) -> str:
    """The link to something of this API."""
    return f"{public_url}{PREFIX}{path}"


def begun(operation: Operation, public_url: str) -> dict[str, Any]:
    """What a change is answered with: where its operation can be followed."""
    return {"data": {"operation": operation_link(operation, public_url)}}


def operation_link(operation: Operation, public_url: str) -> dict[str, Any]:
    """Where an operation can be followed."""
    return {
        "id": operation.id,
        "state": operation.state.value,
        "upid": operation.upid,
        "href": href(public_url, f"/operations/{operation.id}"),
    }


def asked(submitted: Submitted, public_url: str) -> dict[str, Any]:
    """What a wish is answered with: its operation, or the request that waits."""
    if submitted.operation is not None:
        return begun(submitted.operation, public_url)
    return {"data": {"request": request_link(submitted.request, public_url)}}


def request_link(request: Request, public_url: str) -> dict[str, Any]:
    """Where a request can be followed."""
    return {
        "id": request.id,
        "state": request.state.value,
        "href": href(public_url, f"/requests/{request.id}"),
    }


def operation_body(operation: Operation, public_url: str, name_of: NameOf) -> dict[str, Any]:
    """An operation as whoever follows it sees it."""
    error = error_from(operation.error_code or "", operation.error_data or {})
    return {
        "id": operation.id,
        "action": operation.action,
        "state": operation.state.value,
        "ended": operation.state.is_end,
        "upid": operation.upid,
        "vmid": operation.vmid,
        "type": operation.kind,
        "name": operation.name,
        "node": operation.node,
        "poolid": operation.poolid,
        "error": error_body(error, name_of) if error else None,
        "created_at": operation.created_at.isoformat(),
        "ended_at": operation.ended_at.isoformat() if operation.ended_at else None,
        "took_s": None if operation.took_s is None else round(operation.took_s, 3),
        "href": href(public_url, f"/operations/{operation.id}"),
    }


def _plain(value: object) -> Any:
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return str(value)


def listed(
    items: Sequence[T],
    key: Callable[[T], str],
    row: Callable[[T], Mapping[str, Any]],
    limit: int | None,
    cursor: str | None,
) -> dict[str, Any]:
    """A page of a short list."""
    shown, after = page(sorted(items, key=lambda one: _order(key(one))), key, limit, cursor)
    return {"data": [row(one) for one in shown], "next": after}
