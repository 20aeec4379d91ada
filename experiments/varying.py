"""Variants of one scenario: a field, or several, over a list of values; and spans of days."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WHOLE_RUN = "whole run"
"""The span of all days."""


class VariationError(ValueError):
    """A field, a value or a span that is not written as it must be."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One setting of the varied fields."""

    label: str  # such as "max_share_of_price = 0.1"
    overrides: tuple[str, ...]  # KEY=VALUE each


@dataclass(frozen=True, slots=True)
class Span:
    """Days of a run over which indicators are averaged."""

    name: str
    first: int = 0
    end: int | None = None  # first day that no longer belongs to it; None: the run's end

    @property
    def days(self) -> str:
        """Which days, in words."""
        if self.end is None:
            return "all days" if self.first == 0 else f"from day {self.first}"
        return f"days {self.first}–{self.end - 1}"


def parse_vary(text: str) -> tuple[str, tuple[str, ...]]:
    """A field and its values, from `KEY=VALUE,VALUE,...`; values are written as in TOML.

    Raises:
        VariationError: if it is written otherwise, has fewer than two values or one twice.
    """
    key, sign, listed = text.partition("=")
    key = key.strip()
    if not sign or not key:
        raise VariationError(f"--vary {text}: write KEY=VALUE,VALUE, such as days=30,60")
    values = _split(listed)
    if len(values) < 2 or not all(values):
        raise VariationError(f"--vary {text}: give two values at least, apart by commas")
    twice = next((one for one in values if values.count(one) > 1), None)
    if twice is not None:
        raise VariationError(f"--vary {text}: {twice} stands twice")
    return key, values


def parse_span(text: str) -> Span:
    """A span of days, from `NAME=FIRST:END`; without END it lasts to the run's end.

    Raises:
        VariationError: if it is written otherwise, or ends before it begins.
    """
    name, sign, days = text.partition("=")
    first, colon, end = days.partition(":")
    name = name.strip()
    whole = all(part.strip().isdigit() for part in (first, end or "0"))
    if not (sign and colon and name and whole):
        raise VariationError(
            f"--span {text}: write NAME=FIRST:END with whole days, such as war=20:70, or NAME=70: "
            "to the end"
        )
    if name == WHOLE_RUN:
        raise VariationError(f"--span {text}: {WHOLE_RUN!r} is taken; choose another name")
    span = Span(name, int(first), int(end) if end.strip() else None)
    if span.end is not None and span.end <= span.first:
        raise VariationError(f"--span {text}: must end after its first day, {span.first}")
    return span


def variants(varied: Mapping[str, Sequence[str]]) -> list[Variant]:
    """All combinations of the values of the fields; the first one holds the first values."""
    short = _short_names(tuple(varied))
    found = []
    for values in itertools.product(*varied.values()):
        pairs = list(zip(varied, values, strict=True))
        label = ", ".join(f"{short[key]} = {value}" for key, value in pairs)
        found.append(Variant(label, tuple(f"{key}={value}" for key, value in pairs)))
    return found


def numbers(values: Sequence[str]) -> list[float] | None:
    """The values as numbers, if all are."""
    found: list[float] = []
    for text in values:
        try:
            value: Any = tomllib.loads(f"v = {text}")["v"]
        except tomllib.TOMLDecodeError:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        found.append(float(value))
    return found


def _short_names(keys: Sequence[str]) -> dict[str, str]:
    """The last part of each key, as far as that tells them apart."""
    last = [key.rpartition(".")[2] for key in keys]
    return {
        key: name if last.count(name) == 1 else key for key, name in zip(keys, last, strict=True)
    }


def _split(listed: str) -> tuple[str, ...]:
    """Parts between commas that stand in no bracket and no string."""
    parts, depth, quote, part = [], 0, "", ""
    for sign in listed:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
        if sign == "," and depth == 0 and not quote:
            parts.append(part.strip())
            part = ""
        else:
            part += sign
    return (*parts, part.strip())
