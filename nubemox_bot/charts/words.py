"""Figures in words, as they stand at an axis, in a legend and in a picture's alternative text."""

from __future__ import annotations

from typing import Final

from nubemox_bot.charts.model import Unit

_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_STEP = 1024
# Between thousands, and before decimals.
_MARKS: Final = {"en": (",", "."), "pt_BR": (".", ",")}


def scale_of(unit: Unit, greatest: float) -> tuple[float, str]:
    """By what to divide, and what it is called then, so that the greatest figure reads well."""
    if unit is Unit.FRACTION:
        return 0.01, "%"
    if unit is Unit.COUNT:
        return 1.0, ""
    divisor, place = 1.0, 0
    while greatest / divisor >= _STEP and place < len(_BINARY) - 1:
        divisor, place = divisor * _STEP, place + 1
    return divisor, _BINARY[place] + ("/s" if unit is Unit.BYTES_PER_S else "")


def amount(unit: Unit, value: float, language: str = "en") -> str:
    """A figure with its unit: `12 %`, `1.5 GiB`, `320 KiB/s`."""
    divisor, name = scale_of(unit, abs(value))
    return f"{number(value / divisor, language)} {name}".rstrip()


def number(value: float, language: str) -> str:
    """Three significant digits at the most, in the language's spelling."""
    digits = 0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 10 else 2
    whole, _point, rest = f"{value:,.{digits}f}".partition(".")
    thousands, decimal = _MARKS.get(language, _MARKS["en"])
    rest = rest.rstrip("0")
    return whole.replace(",", thousands) + (f"{decimal}{rest}" if rest else "")
