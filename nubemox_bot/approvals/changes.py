"""What is different between the plan that was shown and the one of now; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """One stable field: its path, and both of its values as text."""

    field: str
    before: str
    after: str

    def plain(self) -> dict[str, str]:
        """As JSON keeps it."""
        return {"field": self.field, "before": self.before, "after": self.after}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Change:
        """As it was before it was kept."""
        return cls(str(plain["field"]), str(plain["before"]), str(plain["after"]))


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every stable field that is not as it was, in the order of their names."""
    old, new = dict(_flat(before)), dict(_flat(after))
    return [
        Change(name, _text(old.get(name)), _text(new.get(name)))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", tuple(value) if isinstance(value, list) else value


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
