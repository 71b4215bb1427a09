"""The parts of `/docs`: one route with what it takes, what it answers, and an example of each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

Schema = Mapping[str, Any]
_DEEPEST = 6


def route_parts(schema: Schema, base: str, path: str, method: str, route: Schema) -> Iterator[str]:
    """One route, as HTML."""
    anchor = escape(route["operationId"])
    yield (
        f'<h3 id="{anchor}"><span class="method">{method.upper()}</span>'
        f" <code>{escape(path)}</code></h3>"
    )
    yield prose(route.get("description", route.get("summary", "")))
    if parameters := route.get("parameters"):
        yield "<table><tr><th>parameter</th><th>in</th><th>fits</th><th></th></tr>"
        for one in parameters:
            name = _named(one["name"], required=one.get("required", False))
            fits = _fits(schema, one.get("schema", {}), is_sent=True)
            yield _row(name, one["in"], fits, inline(one.get("description", "")))
        yield "</table>"
    content = route.get("requestBody", {}).get("content", {})
    if body := content.get("application/json", {}).get("schema"):
        yield from _fields(schema, body, "field of the body", is_sent=True)
    yield f"<pre>{escape(_curl(schema, base, path, method, content))}</pre>"
    yield from _answers(schema, route["responses"])


def _answers(schema: Schema, responses: Schema) -> Iterator[str]:
    good = next((one for one in ("202", "200") if _model(responses.get(one, {}))), None)
    if good:
        answer = _model(responses[good])
        said = "" if good == "200" else f" {inline(responses[good]['description'])}"
        yield f"<h4>Answers {good}</h4><p>{said}</p>" if said else f"<h4>Answers {good}</h4>"
        for shown in _examples(schema, answer):
            yield f"<pre>{escape(json.dumps(shown, indent=2, ensure_ascii=False))}</pre>"
        yield "<details><summary>Its fields</summary>"
        yield from _fields(schema, answer, "field", is_sent=False)
        yield "</details>"
    rest = (
        f"<code>{status}</code> {inline(one['description'])}"
        for status, one in sorted(responses.items())
        if status != good and not (status == "200" and good == "202")
    )
    yield f"<details><summary>Other answers</summary><p>{'<br>'.join(rest)}</p></details>"


def _model(response: Schema) -> Schema:
    found: Schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _fields(schema: Schema, model: Schema, heading: str, *, is_sent: bool) -> Iterator[str]:
    yield f"<table><tr><th>{heading}</th><th>fits</th><th></th></tr>"
    found = list(_walk(schema, model))
    for name, one, required in sorted(found, key=lambda each: is_sent and not each[2]):
        shown = _named(name, required=required or not is_sent)
        default = _resolved(schema, one).get("default") if is_sent else None
        said = inline(one.get("description", ""))
        if default not in (None, ""):
            said = f"{said} <code>{escape(json.dumps(default))}</code> when left out.".strip()
        yield _row(shown, _fits(schema, one, is_sent=is_sent), said)
    yield "</table>"


def _walk(
    schema: Schema, model: Schema, prefix: str = "", depth: int = 0
) -> Iterator[tuple[str, Schema, bool]]:
    """Every field, those of what lies inside by their whole way."""
    model = _resolved(schema, model)
    for name, one in model.get("properties", {}).items():
        whole = f"{prefix}{name}"
        inner, many = _inside(schema, one)
        if inner is None:
            yield whole, one, name in model.get("required", ())
        elif depth < _DEEPEST:
            if one.get("description"):
                yield whole, one, name in model.get("required", ())
            yield from _walk(schema, inner, f"{whole}{'[].' if many else '.'}", depth + 1)


def _inside(schema: Schema, part: Schema) -> tuple[Schema | None, bool]:
    """The model that a field holds, and whether many of it."""
    for one in (part, *part.get("anyOf", ())):
        if one.get("type") == "array" and "$ref" in one.get("items", {}):
            return _resolved(schema, one["items"]), True
        if "$ref" in one:
            return _resolved(schema, one), False
    return None, False


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _named(name: str, *, required: bool) -> str:
    return f"<code>{escape(name)}</code>{'' if required else ' (optional)'}"


def _resolved(schema: Schema, part: Schema) -> Schema:
    if "$ref" not in part:
        return part
    name = part["$ref"].rpartition("/")[2]
    found: Schema = schema["components"]["schemas"][name]
    return found


def _fits(schema: Schema, part: Schema, *, is_sent: bool) -> str:
    """What values there are; that nothing may be sent, `optional` says already."""
    part = _resolved(schema, part)
    if several := part.get("anyOf"):
        shown = [one for one in several if not (is_sent and one.get("type") == "null")]
        return " or ".join(_fits(schema, one, is_sent=is_sent) for one in shown)
    if "const" in part:
        return f"<code>{escape(str(part['const']))}</code>"
    if "enum" in part:
        return ", ".join(f"<code>{escape(str(one))}</code>" for one in part["enum"])
    if part.get("type") == "array":
        return f"list of {_fits(schema, part.get('items', {}), is_sent=is_sent)}"
    kind = {"date-time": "time, ISO 8601"}.get(part.get("format", ""), part.get("type", "object"))
    low, high = part.get("minimum"), part.get("maximum")
    bounds = f" {'' if low is None else f'{low:g}'} to {'' if high is None else f'{high:.15g}'}"
    shape = f" like <code>{escape(part['pattern'])}</code>" if "pattern" in part else ""
    return f"{escape(str(kind))}{bounds if low or high else ''}{shape}"


def _curl(schema: Schema, base: str, path: str, method: str, content: Schema) -> str:
    shown = re.sub(r"\{(?:vmid|ctid)\}", "105", path).replace("{name}", "before-upgrade")
    request = "request" if "/requests/" in path else "op"
    example = {"request": "req_01jd3m7q8rfk2v5w9x0y1z2a3b", "op": "op_01jd3m7q8rfk2v5w9x0y1z2a3b"}
    word = "3f9k2m7q" if "/schedules/" in path else "7k2m9x4p" if "/alerts/" in path else ""
    shown = shown.replace("{id}", word or example[request])
    lines = [f"curl -X {method.upper()} -H 'Authorization: Bearer nbx_…' \\"]
    if method != "get":
        lines.append("  -H 'Idempotency-Key: deploy-42' \\")
    if body := content.get("application/json", {}).get("schema"):
        lines.append("  -H 'Content-Type: application/json' \\")
        sent = {name: one for name, one in _example(schema, body).items() if one is not None}
        lines.append(f"  -d '{json.dumps(sent, ensure_ascii=False)}' \\")
    return "\n".join([*lines, f"  {base}{shown}"])


def _examples(schema: Schema, answer: Schema) -> Iterator[Any]:
    """The example of an answer; where it holds one of several things, one for each."""
    whole = _example(schema, answer)
    data = _resolved(schema, answer).get("properties", {}).get("data", {})
    inside = _resolved(schema, data)
    if inside.get("properties") and not inside.get("required"):
        for name, one in whole["data"].items():
            yield {**whole, "data": {name: one}}
    else:
        yield whole


def _example(schema: Schema, part: Schema, depth: int = 0) -> Any:
    resolved = _resolved(schema, part)
    for one in (part, resolved):
        if one.get("examples"):
            return one["examples"][0]
    if "const" in resolved:
        return resolved["const"]
    if several := resolved.get("anyOf"):
        return _example(schema, several[0], depth + 1) if depth < _DEEPEST else None
    return resolved["default"] if "default" in resolved else _made_up(schema, resolved, depth)


def _made_up(schema: Schema, part: Schema, depth: int) -> Any:
    """Something of the right shape, where nothing was given as an example."""
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


def prose(text: str) -> str:
    """Paragraphs of Markdown, as far as the descriptions use it."""
    parts = re.split(r"\n\s*\n", text.strip())
    return "".join(f"<p>{inline(part)}</p>" for part in parts if part)


def inline(text: str) -> str:
    """One paragraph of it."""
    said = escape(text, quote=False)
    said = re.sub(r"`([^`]+)`", r"<code>\1</code>", said)
    return re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", said)
