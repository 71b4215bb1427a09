"""The page of all commands, written from the registry, so that it cannot fall behind."""

from __future__ import annotations

from pathlib import Path

from commands.grammar import Noun, Registry, Verb

_INTRODUCTION = """\
# Commands

<!-- Written from the registry of commands; change the commands, not this page. -->

Type them after `/nubemox`, in a message to the bot, or after mentioning it.
Words in capitals stand for your own; what is in brackets may be left out.
"""


def render(registry: Registry) -> str:
    """The whole page as Markdown."""
    parts = [_INTRODUCTION, *(_noun(noun) for noun in registry.nouns)]
    if registry.alone.verbs:
        parts.append("## On their own\n\n" + _table(registry.alone))
    return "\n".join(parts)


def write(registry: Registry, path: Path) -> bool:
    """Write the page; whether it changed."""
    page = render(registry)
    if path.is_file() and path.read_text(encoding="utf-8") == page:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return True


def _noun(noun: Noun) -> str:
    names = [*noun.aliases, *noun.plurals]
    also = f" (also {', '.join(f'`{name}`' for name in names)})" if names else ""
    return f"## `{noun.name}`: {noun.summary}{also}\n\n{_table(noun)}"


def _table(noun: Noun) -> str:
    rows = ["| command | what it does |", "|---|---|", *map(_row, noun.verbs)]
    return "\n".join(rows) + "\n"


def _row(verb: Verb) -> str:
    options = "".join(f"<br>`{_cell(o.usage)}` {o.summary}" for o in verb.options)
    places = " ".join([verb.said, *(place.usage for place in verb.arguments)])
    return f"| `{_cell(places)}` | {verb.summary}{options} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    from commands.registry import build_registry

    write(build_registry(), Path("docs/commands.md"))
