"""Which settings may be the best in the nominal world, and what stands next to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.statistics.best_set import BestSet, best_set
from experiments.statistics.intervals import CONFIDENCE, simultaneous
from experiments.statistics.more_replications import MoreReplications, more_replications
from experiments.statistics.pareto import pareto_front
from experiments.statistics.red_lines import RedLine
from experiments.statistics.wording import pareto, red_line
from experiments.statistics.zones import zones
from experiments.studies.loading import LoadedStudy
from experiments.studies.results import StudyResults
from experiments.studies.schema import Outcome, unit_of, way
from experiments.study_report import answer
from experiments.study_report.labels import is_numeric, mean_amount, outcome_label
from policies.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The set of the best by the deciding outcome."""

    found: BestSet
    more: MoreReplications
    best: int  # best by its mean; -1: none may be
    base: int
    rival: int  # the strongest other setting; -1: there is none
    higher: bool
    levels: tuple[float, ...] | None  # of one lever with numbers


def recommend(results: StudyResults) -> Recommendation:
    """Compare the settings of a grid in the nominal world."""
    loaded = results.loaded
    values = results.matrix(loaded.study.deciding.name)
    found = compare(results, 0)
    higher = found.higher
    order = np.where(found.contest, found.mean if higher else -found.mean, -np.inf)
    if found.best >= 0:
        order[found.best] = -np.inf
    others = np.flatnonzero(np.isfinite(order))
    rival = int(others[np.argmax(order[others])]) if len(others) else -1
    return Recommendation(
        found,
        more_replications(values, found),
        found.best,
        loaded.base_setting,
        rival,
        higher,
        numeric_levels(loaded),
    )


def compare(results: StudyResults, world: int, confidence: float = CONFIDENCE) -> BestSet:
    """The set of the best settings in a world."""
    deciding = results.loaded.study.deciding
    return best_set(
        results.matrix(deciding.name, world),
        higher=way(deciding) != "lower",
        red_lines=limits(results, world),
        confidence=confidence,
    )


def limits(results: StudyResults, world: int) -> list[tuple[RedLine, FloatArray]]:
    """The study's red lines with their outcomes in a world."""
    return [
        (RedLine(one.at_least, one.at_most), results.matrix(one.name, world))
        for one in limited(results.loaded)
    ]


def limited(loaded: LoadedStudy) -> list[Outcome]:
    """The outcomes that have a red line."""
    return [
        one for one in loaded.study.outcomes if one.at_least is not None or one.at_most is not None
    ]


def numeric_levels(loaded: LoadedStudy) -> tuple[float, ...] | None:
    """Levels of the only lever, by setting, if they are numbers."""
    if len(loaded.study.levers) != 1:
        return None
    key = loaded.study.levers[0].key
    levels = [one.values[key] for one in loaded.layout.settings]
    return tuple(float(one) for one in levels) if all(map(is_numeric, levels)) else None


def zone_ends(one: Recommendation) -> tuple[tuple[float, float], ...]:
    """Lowest and highest level of each zone that may be best."""
    if one.levels is None:
        return ()
    return tuple((area.low, area.high) for area in zones(one.levels, one.found.in_set))


def red_lines(
    results: StudyResults, one: Recommendation, labels: list[str]
) -> tuple[answer.RedLine, ...]:
    """Who keeps which limit, with the joint intervals that say so."""
    outcomes = limited(results.loaded)
    if not outcomes:
        return ()
    share = 0.5 * (1.0 - one.found.confidence)  # as `best_set` divides its error
    values = np.concatenate([results.matrix(outcome.name) for outcome in outcomes])
    ends = list(simultaneous(values, 1.0 - share))
    rows = []
    for place, outcome in enumerate(outcomes):
        unit, verdicts = unit_of(outcome), one.found.by_line[place]
        own = ends[place * len(labels) : (place + 1) * len(labels)]
        told = [
            red_line(limit, at_least, outcome_label(outcome), unit, labels, verdicts)
            for limit, at_least in ((outcome.at_least, True), (outcome.at_most, False))
            if limit is not None
        ]
        rows.append(
            answer.RedLine(
                outcome_label(outcome),
                " ".join(told),
                tuple(verdicts),
                tuple(mean_amount(end, unit) for end in own),
            )
        )
    return tuple(rows)


def front(results: StudyResults, labels: list[str]) -> answer.Front | None:
    """The Pareto front over the study's outcomes of which a way is better."""
    study = results.loaded.study
    names = study.pareto or tuple(one.name for one in study.outcomes if way(one) != "none")
    chosen = [
        one for one in map(study.outcome, names)
        if way(one) != "none" and np.isfinite(results.matrix(one.name)).any()
    ]  # fmt: skip
    if len(chosen) < 2 or len(labels) < 2:
        return None
    values = np.stack([results.matrix(one.name) for one in chosen])
    found = pareto_front(values, [way(one) == "higher" for one in chosen])
    return answer.Front(
        tuple(outcome_label(one) for one in chosen),
        tuple(one.name for one in chosen),
        tuple(bool(one) for one in found.on_front),
        tuple(bool(one) for one in found.may_be_on_front),
        pareto(found, labels),
    )
