"""Numbers as readers want them: the digits that matter, in the form that their unit asks for."""

from __future__ import annotations

import math
from collections.abc import Sequence

NOTHING = "–"
"""What stands where nothing was measured."""

_GREAT = ((1e9, "billion"), (1e6, "million"))


def number(value: float) -> str:
    """A number with three or four digits that matter, thousands apart; a dash for nan."""
    if math.isnan(value):
        return NOTHING
    size = abs(value)
    if size >= 1e15:
        return f"{value:.2e}"
    for unit, name in _GREAT:
        if size >= unit:
            return f"{value / unit:,.2f} {name}"
    if size >= 100 or value == round(value):
        return _signed(f"{value:,.0f}")
    if size >= 10:
        return f"{value:.1f}"
    if size >= 1:
        return f"{value:.2f}"
    return _signed(f"{value:.3f}" if size >= 0.0095 else f"{value:.2g}")


def money(amount: float) -> str:
    """An amount of currency; cents only where they matter."""
    if math.isnan(amount) or abs(amount) >= 1000:
        return number(amount)
    return _signed(f"{amount:,.2f}")


def percent(share: float) -> str:
    """A share as a percentage, with a decimal below ten."""
    if math.isnan(share):
        return NOTHING
    if share in {0.0, 1.0}:
        return f"{share:.0%}"
    if 0.0 < abs(share) < 0.0005:
        return "<0.1%" if share > 0 else ">-0.1%"
    return f"{share:.1%}" if abs(share) < 0.0995 or 0.99 < share < 1.0 else f"{share:,.0%}"


def is_share(unit: str) -> bool:
    """Whether an indicator of this unit is told as a percentage."""
    return unit.startswith("share")


def measured(value: float, unit: str) -> str:
    """The value of an indicator in the form that its unit asks for, without the unit itself."""
    if is_share(unit):
        return percent(value)
    if unit.startswith("currency"):
        return money(value)
    if unit.startswith(("0 to 1", "day 0")) and not math.isnan(value):
        return f"{value:.2f}"
    return number(value)


def finely(value: float, unit: str) -> str:
    """As `measured`, with the digits that small differences need."""
    if math.isnan(value):
        return NOTHING
    if is_share(unit):
        return _signed(f"{100.0 * value:.2f}") + "%"
    if not unit.startswith("currency") and 0.0 < abs(value) < 1.0:
        return _signed(f"{value:.3f}")
    return measured(value, unit) if abs(value) >= 1.0 else number(value)


def alike(values: Sequence[float], unit: str, width: float) -> list[str]:
    """A value and the ends of its interval with the same decimals, told by the interval's width.

    Args:
        values: in the unit.
        unit: as in `measured`.
        width: of the interval, in the unit; 0 or nan: as `finely` has it.
    """
    scale = 100.0 if is_share(unit) else 1.0
    if not (0.0 < width < math.inf) or max(abs(v) for v in values if v == v) * scale >= 1e6:
        return [finely(value, unit) for value in values]
    decimals = min(max(1 - math.floor(math.log10(scale * width)), 0), 6)
    sign = "%" if is_share(unit) else ""
    return [
        NOTHING if math.isnan(value) else _signed(f"{scale * value:,.{decimals}f}") + sign
        for value in values
    ]


def rate(unit: str) -> str:
    """What an amount of this unit is counted by, to put behind it: "a day", "an hour", or none."""
    for word in (" a ", " an "):
        if word in unit:
            return unit[unit.index(word) :]
    return ""


def unit_in_words(unit: str) -> str:
    """The unit beside a value of `measured`: shares become percentages."""
    if not is_share(unit):
        return unit
    return f"% {unit.removeprefix('share')}".strip() if unit != "share" else "%"


def unit_beside(unit: str) -> str:
    """The unit beside a value that stands in a table; a percentage says of what."""
    return unit_in_words(unit).removeprefix("%").strip()


def _signed(text: str) -> str:
    """The text without the sign of a zero."""
    return text[1:] if text.startswith("-") and not text.strip("-0.,") else text
