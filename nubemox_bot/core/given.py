"""Values of settings, held against the shape that they must have."""

from __future__ import annotations

import ipaddress
import re

from pydantic import SecretStr


def pairs(value: str, separator: str, allowed: set[str]) -> dict[str, int]:
    """`name=number` several times, of these names."""
    found: dict[str, int] = {}
    for part in (piece.strip() for piece in value.split(",") if piece.strip()):
        name, sign, number = (word.strip() for word in part.partition(separator))
        if not sign or name not in allowed or not number.isdecimal():
            expected = ",".join(f"{word}{separator}N" for word in sorted(allowed))
            raise ValueError(f"{part!r} is not understood; expected {expected}")
        found[name] = int(number)
    return found


def each(
    values: tuple[str, ...], shape: re.Pattern[str], what: str, *, may_be_empty: bool = False
) -> tuple[str, ...]:
    """Every one of them as it should be; at least one, unless none will do."""
    if not values and not may_be_empty:
        raise ValueError(f"is empty; expected {what}")
    return tuple(one(value, shape, what) for value in values)


def one(value: str, shape: re.Pattern[str], what: str) -> str:
    """The value, which has to have this shape."""
    if not shape.fullmatch(value):
        raise ValueError(f"{value!r} is not {what}")
    return value


def starting(value: SecretStr, prefix: str) -> SecretStr:
    """A secret of the right sort, which is not shown when it is of another."""
    if not value.get_secret_value().startswith(prefix):
        raise ValueError(f"does not begin with {prefix}")
    return value


def networks(values: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses, and networks such as 10.0.0.0/8."""
    for value in values:
        try:
            ipaddress.ip_network(value)
        except ValueError:
            raise ValueError(f"{value!r} is no address or network such as 10.0.0.0/8") from None
    return values
