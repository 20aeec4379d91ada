"""Where a setting fails, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.discovery.discover import Discovery
from experiments.discovery.prim import Box, Limit
from experiments.numerals import percent


def sentences(found: Discovery) -> list[str]:
    """The answer, a sentence each: how often, where, and how sure that is."""
    noun = found.sample.noun
    such = f"such {noun}"
    setting = f"{_setting(found)} fails" if found.setting is not None else "A point fails"
    told = [f"{setting} where {found.failing.rule}: {_of(found.failures, found.worlds, noun)}."]
    unsure = int(found.failing.unsure.sum())
    if unsure:
        told.append(
            f"In {_of(unsure, found.worlds, noun)} the replications leave it open; they count by "
            "their mean."
        )
    if found.failures in {0, found.worlds}:
        return told
    if not found.boxes:
        told.append(f"{found.why_none[:1].upper()}{found.why_none[1:]}.")
        return told
    first, *others = found.boxes
    told.append(
        f"It fails above all where {circumstances(first, found)}: "
        f"{_of(first.interesting, first.inside, such)} fail, which is "
        f"{percent(first.coverage)} of all failures."
    )
    told += [
        f"Of the other {noun}s, {_of(box.interesting, box.inside, '')} fail where "
        f"{circumstances(box, found)}: {percent(box.coverage)} of all failures."
        for box in others
    ]
    test = found.reproduction
    if test is not None:
        told.append(
            f"Of {noun}s left out of the search, those that it told fail in "
            f"{percent(test.density)} (over all {percent(found.failures / found.worlds)}), and are "
            f"{percent(test.coverage)} of all failures."
        )
    return told


def circumstances(box: Box, found: Discovery) -> str:
    """The limits of a box, a clause a factor: `war chest > 80,000 and mood is calm`."""
    clauses = []
    for factor, label in zip(found.sample.factors, found.sample.labels, strict=True):
        own = [one for one in box.limits if one.factor == factor.key]
        if own:
            whole = all(_is_whole(one) for one in found.sample.x[factor.key])
            clauses.append(_clause(label, factor.unit, own, whole=whole))
    return " and ".join(clauses)


def _clause(label: str, unit: str, limits: Sequence[Limit], *, whole: bool) -> str:
    levels = next((one.levels for one in limits if one.levels is not None), None)
    if levels is not None:
        return f"{label} is {' or '.join(_level(one) for one in levels)}"
    low = next((one.low for one in limits if one.low is not None), None)
    high = next((one.high for one in limits if one.high is not None), None)
    behind = f" {unit}" if unit else ""
    if low is not None and high is not None:
        return f"{_end(low, whole)} < {label} < {_end(high, whole)}{behind}"
    if low is not None:
        return f"{label} > {_end(low, whole)}{behind}"
    return f"{label} < {_end(high or 0.0, whole)}{behind}"


def _end(value: float, whole: bool) -> str:
    return f"{value:,.15g}" if not whole or float(value).is_integer() else f"{value:,g}"


def _level(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_whole(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, (int, float)) and value == int(value)


def _setting(found: Discovery) -> str:
    label = found.sample.results.loaded.layout.settings[found.setting or 0].label
    return f"The setting {label}"


def _of(part: int, whole: int, noun: str) -> str:
    behind = f" {noun}s" if noun else ""
    return f"{part} of {whole}{behind} ({percent(part / max(whole, 1))})"
