"""`/docs`: the REST API for people, made from `/openapi.json` on this server.

No script and nothing from elsewhere, so that it reads the same in a network without a way out.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse

_METHODS: Final = ("get", "post", "put", "delete")
_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111}
h1{margin-bottom:0}h2{border-bottom:1px solid #ccc;margin-top:3rem}h3{margin:2rem 0 .5rem}
code,pre{font:14px/1.5 ui-monospace,monospace;background:#f4f4f4;border-radius:3px}
code{padding:.1em .3em}pre{padding:.8rem;overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
td,th{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #eee}
.method{display:inline-block;min-width:4.5rem;font-weight:700}nav a{margin-right:1rem}
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


def docs_router(api: FastAPI) -> APIRouter:
    """The page; it is written anew each time, from whatever is served then."""
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    async def docs() -> HTMLResponse:
        return HTMLResponse(page(api.openapi()), headers=_HEADERS)

    return router


def page(schema: Mapping[str, Any]) -> str:
    """The whole page."""
    info = schema["info"]
    tags = {tag["name"]: tag.get("description", "") for tag in schema.get("tags", ())}
    title = escape(f"{info['title']} {info['version']}")
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{title}: REST API</title><style>{_STYLE}</style><h1>{title}: REST API</h1>",
        '<p><a href="/openapi.json">openapi.json</a> has the same for programs.</p>',
        _prose(info.get("description", "")),
        "<nav>",
        *(f'<a href="#{escape(tag)}">{escape(tag)}</a>' for tag in tags),
        "</nav>",
    ]
    for tag, said in tags.items():
        parts.append(f'<h2 id="{escape(tag)}">{escape(tag)}</h2><p>{_inline(said)}</p>')
        for path, methods in schema["paths"].items():
            for method in _METHODS:
                if tag in methods.get(method, {}).get("tags", ()):
                    parts.extend(_route(schema, path, method, methods[method]))
    return "\n".join(parts)


def _route(
    schema: Mapping[str, Any], path: str, method: str, route: Mapping[str, Any]
) -> Iterator[str]:
    yield f'<h3><span class="method">{method.upper()}</span> <code>{escape(path)}</code></h3>'
    yield _prose(route.get("description", route.get("summary", "")))
    if parameters := route.get("parameters"):
        yield "<table><tr><th>parameter</th><th>in</th><th>fits</th><th></th></tr>"
        for one in parameters:
            name = _named(one["name"], required=one.get("required", False))
            fits = _fits(one.get("schema", {}))
            yield _row(name, one["in"], fits, _inline(one.get("description", "")))
        yield "</table>"
    content = route.get("requestBody", {}).get("content", {})
    if body := content.get("application/json", {}).get("schema"):
        yield from _fields(schema, _resolved(schema, body), "field of the body")
    yield f"<pre>{escape(_curl(schema, path, method, content))}</pre>"
    good = next((one for one in ("200", "202") if one in route["responses"]), None)
    if good:
        answer = route["responses"][good].get("content", {}).get("application/json", {})
        example = _example(schema, answer.get("schema", {}))
        shown = json.dumps(example, indent=2, ensure_ascii=False)
        yield f"<p>Answers {good}:</p><pre>{escape(shown)}</pre>"
    said = (
        f"<code>{status}</code> {_inline(one['description'])}"
        for status, one in route["responses"].items()
        if status != good
    )
    yield f"<details><summary>Other answers</summary><p>{'<br>'.join(said)}</p></details>"


def _fields(schema: Mapping[str, Any], model: Mapping[str, Any], heading: str) -> Iterator[str]:
    yield f"<table><tr><th>{heading}</th><th>fits</th><th></th></tr>"
    for name, one in model.get("properties", {}).items():
        shown = _named(name, required=name in model.get("required", ()))
        yield _row(shown, _fits(_resolved(schema, one)), _inline(one.get("description", "")))
    yield "</table>"


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _named(name: str, *, required: bool) -> str:
    return f"<code>{escape(name)}</code>{'' if required else ' (optional)'}"


def _resolved(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in part:
        return part
    name = part["$ref"].rpartition("/")[2]
    found: Mapping[str, Any] = schema["components"]["schemas"][name]
    return found


def _fits(part: Mapping[str, Any]) -> str:
    several = [one for one in part.get("anyOf", ()) if one.get("type") != "null"]
    if several:
        return " or ".join(_fits(one) for one in several)
    if "enum" in part:
        return ", ".join(f"<code>{escape(str(one))}</code>" for one in part["enum"])
    low, high = part.get("minimum"), part.get("maximum")
    bounds = f" {'' if low is None else f'{low:g}'} to {'' if high is None else f'{high:.15g}'}"
    shape = f" like <code>{escape(part['pattern'])}</code>" if "pattern" in part else ""
    return f"{escape(str(part.get('type', 'object')))}{bounds if low or high else ''}{shape}"


def _curl(schema: Mapping[str, Any], path: str, method: str, content: Mapping[str, Any]) -> str:
    shown = re.sub(r"\{(?:vmid|ctid)\}", "105", path)
    lines = [f"curl -X {method.upper()} -H 'Authorization: Bearer …' \\"]
    if body := content.get("application/json", {}).get("schema"):
        lines.append("  -H 'Content-Type: application/json' \\")
        example = {name: one for name, one in _example(schema, body).items() if one is not None}
        lines.append(f"  -d '{json.dumps(example, ensure_ascii=False)}' \\")
    return "\n".join([*lines, f"  http://…{shown}"])


def _example(schema: Mapping[str, Any], part: Mapping[str, Any], depth: int = 0) -> Any:
    part = _resolved(schema, part)
    if part.get("examples"):
        return part["examples"][0]
    if "default" in part:
        return part["default"]
    several = part.get("anyOf", ())
    if several:
        return _example(schema, several[0], depth + 1) if depth < 6 else None
    match part.get("type"):
        case "object":
            properties = part.get("properties", {})
            return {name: _example(schema, one, depth + 1) for name, one in properties.items()}
        case "array":
            return [_example(schema, part.get("items", {}), depth + 1)]
        case "integer" | "number":
            return part.get("minimum", 0)
        case "boolean":
            return False
        case "null":
            return None
        case _:
            return part.get("enum", ["…"])[0]


def _prose(text: str) -> str:
    """Paragraphs of Markdown, as far as the descriptions use it."""
    parts = re.split(r"\n\s*\n", text.strip())
    return "".join(f"<p>{_inline(part)}</p>" for part in parts if part)


def _inline(text: str) -> str:
    said = escape(text, quote=False)
    said = re.sub(r"`([^`]+)`", r"<code>\1</code>", said)
    return re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", said)
