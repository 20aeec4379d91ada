"""Does the recommendation hold in other worlds: other values of what nobody knows, other policies.

In each world the settings are compared anew. The recommendation holds there if the recommended
setting may still be the best, and is reversed if another is better for sure or if it breaks a red
line there. Worlds share the 5 % of error, so that of many worlds none is reversed by chance alone.
"""

from __future__ import annotations

import numpy as np

from experiments.statistics.best_set import BestSet
from experiments.statistics.intervals import CONFIDENCE, Interval, paired
from experiments.studies.results import StudyResults
from experiments.studies.schema import unit_of
from experiments.study_report import answer
from experiments.study_report.labels import (
    difference_amount,
    factor_labels,
    listed,
    world_label,
)
from experiments.study_report.recommendation import Recommendation, compare

LEAST_ERROR = 0.002
"""Error of a world however many there are: the resamples tell no smaller one."""


def world_confidence(worlds: int) -> float:
    """Confidence of the comparison in each of so many worlds."""
    return 1.0 - max((1.0 - CONFIDENCE) / max(worlds, 1), LEAST_ERROR)


def survival(
    results: StudyResults, one: Recommendation, labels: list[str]
) -> answer.Survival | None:
    """How the recommended setting fares in every other world of a grid; None: no other was run."""
    loaded = results.loaded
    others = [world for world in loaded.layout.worlds if world.number != 0]
    if one.best < 0 or not others:
        return None
    sure = world_confidence(len(others))
    worlds = [_world(results, one, labels, world.number, sure) for world in others]
    tried = [world for world in worlds if world.fate != "unknown"]
    reversed_ = [world.label for world in tried if world.fate == "reversed"]
    survives = None if not tried else not reversed_
    return answer.Survival(
        labels[one.best],
        labels[one.rival] if one.rival >= 0 else "",
        labels[one.base],
        (_world(results, one, labels, 0, CONFIDENCE), *worlds),
        survives,
        _told(labels[one.best], len(tried), reversed_),
    )


def _world(
    results: StudyResults, one: Recommendation, labels: list[str], number: int, sure: float
) -> answer.World:
    loaded = results.loaded
    world = loaded.layout.worlds[number]
    values = results.matrix(loaded.study.deciding.name, number)
    unit = unit_of(loaded.study.deciding)
    over = {
        other: _over(values, one, other)
        for other in {one.base, one.rival}
        if other not in {-1, one.best} and values.shape[1]
    }
    seen = values.shape[1] > 1 and bool((np.isfinite(values).sum(axis=1) > 1).any())
    found = compare(results, number, sure) if seen else None
    inside = () if found is None else tuple(labels[s] for s in np.flatnonzero(found.in_set))
    lines = found.verdicts[one.best] if found is not None and found.by_line else ""
    fate = _fate(found, one)
    names = dict(
        zip(
            (factor.key for factor in loaded.study.uncertainties),
            factor_labels(loaded.study.uncertainties),
            strict=True,
        )
    )
    told = {
        "holds": "holds: " + _best(inside, len(labels)),
        "reversed": "reversed: "
        + ("it breaks a red line" if lines == "broken" else _best(inside, len(labels))),
        "unclear": "cannot be told: no setting can be told from the best",
        "unknown": "not told: too few runs here",
    }[fate]
    return answer.World(
        world_label(loaded, number),
        world.kind,
        names[next(iter(world.values))] if len(world.values) == 1 else "",
        difference_amount(over[one.base], unit) if one.base in over else None,
        difference_amount(over[one.rival], unit) if one.rival in over else None,
        inside,
        lines,
        fate,
        told,
    )


def _over(values: np.ndarray, one: Recommendation, other: int) -> Interval:
    """By how much the recommended setting is better than another; above 0: it is."""
    sign = 1.0 if one.higher else -1.0
    return paired(sign * values[other], sign * values[one.best])


def _fate(found: BestSet | None, one: Recommendation) -> answer.Fate:
    if found is None or not (found.contest[one.best] or found.verdicts[one.best] == "broken"):
        return "unknown"
    if not found.in_set[one.best]:
        return "reversed"
    return "unclear" if found.nothing_told and len(found.in_set) > 1 else "holds"


def _best(inside: tuple[str, ...], settings: int) -> str:
    if not inside:
        return "no setting may be best"
    if len(inside) == settings:
        return "any setting may be best"
    return f"{inside[0]} is best" if len(inside) == 1 else f"best is {listed(inside, 'or')}"


def _told(best: str, tried: int, reversed_: list[str]) -> str:
    if not tried:
        return "Too few runs of other worlds are there to tell."
    worlds = "the other world" if tried == 1 else f"all {tried} other worlds"
    if not reversed_:
        were = "was" if tried == 1 else "were"
        return f"{best} may still be the best in {worlds} that {were} tried."
    return (
        f"{best} is not among the best, or breaks a red line, in {len(reversed_)} of {tried} other "
        f"worlds: {'; '.join(reversed_)}."
    )
