"""`/docs`: the REST API for people, made from `/openapi.json` on this server.

No script and nothing from elsewhere, so that it reads the same in a network without a way out.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse

from nubemox_bot.http.docs_parts import inline, prose, route_parts
from nubemox_bot.http.rest.codes import Code, codes

_METHODS: Final = ("get", "post", "put", "delete")
_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#111}
h1{margin-bottom:0}h2{border-bottom:1px solid #ccc;margin-top:3rem}
h3{margin:2.5rem 0 .5rem;font-size:1.1rem}h4{margin:1rem 0 .2rem;font-size:1rem}
code,pre{font:14px/1.5 ui-monospace,monospace;background:#f4f4f4;border-radius:3px}
code{padding:.1em .3em}code,pre{overflow-wrap:anywhere}pre{padding:.8rem;white-space:pre-wrap}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
td,th{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #eee}
td:first-child{white-space:nowrap}.method{display:inline-block;min-width:4.5rem;font-weight:700}
nav ul{columns:2;padding:0;list-style:none;margin:.2rem 0 1rem}nav li{break-inside:avoid}
nav a{text-decoration:none}summary{cursor:pointer}
@media(max-width:40rem){nav ul{columns:1}td:first-child{white-space:normal}}
@media(prefers-color-scheme:dark){body{background:#1a1d21;color:#d1d2d3}code,pre{background:#2c2f33}
td,th{border-color:#333}a{color:#8ab4f8}}
"""
_DIGEST: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS: Final = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_DIGEST}';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_ERRORS: Final = (
    "Programs decide by `code`. These are all that there are, with the words that people read; what"
    " stands in braces is in `details` under that name."
)


def docs_router(api: FastAPI) -> APIRouter:
    """The page; it is written anew each time, from whatever is served then."""
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    async def docs() -> HTMLResponse:
        return HTMLResponse(page(api.openapi(), codes()), headers=_HEADERS)

    return router


def page(schema: Mapping[str, Any], known: Sequence[Code] = ()) -> str:
    """The whole page."""
    info = schema["info"]
    title = escape(f"{info['title']} {info['version']}")
    base = next((one["url"] for one in schema.get("servers", ())), "http://…")
    tags = {tag["name"]: tag.get("description", "") for tag in schema.get("tags", ())}
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{title}: REST API</title><style>{_STYLE}</style><h1>{title}: REST API</h1>",
        f"<p>At <code>{escape(base)}</code>.",
        '<a href="/openapi.json">openapi.json</a> has the same for programs.</p>',
        prose(info.get("description", "")),
        *_contents(schema, tags),
    ]
    for tag, said in tags.items():
        parts.append(f'<h2 id="{escape(tag)}">{escape(tag)}</h2><p>{inline(said)}</p>')
        for path, method, route in _routes(schema, tag):
            parts.extend(route_parts(schema, base, path, method, route))
    if known:
        parts.extend(_errors(known))
    return "\n".join(parts)


def _routes(schema: Mapping[str, Any], tag: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method in _METHODS:
            if tag in methods.get(method, {}).get("tags", ()):
                yield path, method, methods[method]


def _contents(schema: Mapping[str, Any], tags: Mapping[str, str]) -> Iterator[str]:
    yield "<nav>"
    for tag in tags:
        yield f'<a href="#{escape(tag)}"><b>{escape(tag)}</b></a><ul>'
        for path, method, route in _routes(schema, tag):
            anchor = escape(route["operationId"])
            shown = escape(path.removeprefix("/api/proxmox"))
            yield (
                f'<li><a href="#{anchor}"><span class="method">{method.upper()}</span>'
                f"<code>{shown}</code></a></li>"
            )
        yield "</ul>"
    yield '<a href="#codes"><b>codes of errors</b></a></nav>'


def _errors(known: Sequence[Code]) -> Iterator[str]:
    yield f'<h2 id="codes">codes of errors</h2><p>{inline(_ERRORS)}</p>'
    for status in sorted({code.status for code in known}):
        yield f"<details><summary>{status}</summary><table>"
        for code in known:
            if code.status == status:
                said = f"{code.text} {code.hint}".strip()
                yield f"<tr><td><code>{escape(code.name)}</code></td><td>{inline(said)}</td></tr>"
        yield "</table></details>"
