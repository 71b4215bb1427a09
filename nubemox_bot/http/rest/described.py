"""What every route shares, written into the OpenAPI schema: headers both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI

from nubemox_bot.http.rest.edge import IDEMPOTENCY_KEY, REPLAYED
from nubemox_bot.http.rest.shapes import PREFIX, REQUEST_ID

_CHANGES: Final = frozenset({"post", "put", "delete"})
_TEXT: Final = {"type": "string"}


def _header(name: str, said: str, example: str, **fits: object) -> dict[str, Any]:
    schema = {**_TEXT, **fits, "examples": [example]}
    return {
        "name": name, "in": "header", "required": False, "description": said, "schema": schema,
    }  # fmt: skip


_KEY: Final = _header(
    "Idempotency-Key",
    "A name of your own making for this call. Sent again with the same body it has the first"
    " answer, and nothing happens twice; with another body it is 409. Known for 24 hours.",
    "deploy-42",
    pattern=IDEMPOTENCY_KEY,
)
_IF_NONE_MATCH: Final = _header(
    "If-None-Match",
    "The `ETag` of the answer that you have: 304 and no body while it is still so.",
    '"9f86d081884c7d659a2feaa0c55ad015"',
)
_LANGUAGE: Final = _header(
    "Accept-Language",
    "The language of `message` and `hint` of errors: `en`, or `pt-BR` for Portuguese.",
    "en",
)

_ALL: Final = {
    REQUEST_ID: "The call's name in the bot's log and audit; tell it to the admins.",
}
_OF_READS: Final = {"ETag": "Send it back as `If-None-Match`."}
_OF_CHANGES: Final = {
    REPLAYED: "`true` when this is the answer of the first call with the same `Idempotency-Key`."
}
_RETRY: Final = {"Retry-After": "After how many seconds to try again."}


def describe(api: FastAPI) -> None:
    """Have `/openapi.json` tell the headers that the edge reads and writes itself."""
    plain = api.openapi

    def described() -> dict[str, Any]:
        schema = plain()
        if not schema.get("x-described"):
            schema["x-described"] = True
            for path, methods in schema["paths"].items():
                if path.startswith(f"{PREFIX}/"):
                    for method, route in methods.items():
                        _describe(method, route)
        return schema

    api.openapi = described  # type: ignore[method-assign]  # as FastAPI's own pages say


def _describe(method: str, route: dict[str, Any]) -> None:
    parameters, responses = route.setdefault("parameters", []), route["responses"]
    if method in _CHANGES:
        parameters.append(_KEY)
    if "304" in responses:
        parameters.append(_IF_NONE_MATCH)
    parameters.append(_LANGUAGE)
    for status, response in responses.items():
        headers = dict(_ALL)
        if status in ("200", "202", "304"):
            headers |= _OF_READS if "304" in responses else {}
            headers |= _OF_CHANGES if method in _CHANGES else {}
        elif status in ("429", "502", "503"):
            headers |= _RETRY
        response["headers"] = _written(headers)


def _written(headers: Mapping[str, str]) -> dict[str, Any]:
    return {name: {"description": said, "schema": _TEXT} for name, said in headers.items()}
