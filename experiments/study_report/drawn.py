"""The answer of a drawn design, Latin hypercube, Sobol or Morris: what matters, and which way.

Points of such a design differ in levers and uncertainties at once, so that no setting is compared
with another: it tells which factors move the outcomes, and what the levers do on average over the
uncertainties.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from experiments.numerals import measured, percent
from experiments.sensitivity.asking import Estimate, SensitivityError
from experiments.sensitivity.morris import morris
from experiments.sensitivity.noise import Noise
from experiments.sensitivity.ranks import ranks
from experiments.sensitivity.sobol import sobol
from experiments.statistics.intervals import CONFIDENCE, Interval, bootstrap_t
from experiments.studies.results import StudyResults
from experiments.studies.schema import Morris, Sobol, unit_of, way
from experiments.study_report.answer import Influence, Influences, Trend, Way
from experiments.study_report.labels import (
    difference_amount,
    factor_labels,
    listed,
    mean_amount,
    outcome_label,
    plain_amount,
    unit_beside,
    within,
)
from experiments.study_report.recommendation import limited
from experiments.study_report.rows import SIDES, change
from experiments.study_report.untested import untested
from policies.arrays import BoolArray, FloatArray
from sim.health import find

NO_SLIDER = (
    "There is no slider: the points of a sampled design differ in all factors at once, so that no "
    "two of them show what one lever does. A study with a grid has one."
)

RULE = (
    "A sampled design names no best setting, and has no word of confidence. A factor is said to "
    "matter if the interval of its index lies above 0 (of rank correlations: does not hold 0), "
    "each at 95%."
)


def drawn(results: StudyResults) -> dict[str, Any]:
    """What is said of a drawn design alone."""
    found = influences(results)
    return {
        "sentences": _sentences(results, found),
        "confidence": "",
        "rule": RULE,
        "more": tuple(_red_lines(results)),
        "settings": (),
        "recommended": -1,
        "base": -1,
        "zones": (),
        "outcomes": (),
        "sides": (),
        "no_sides": (),
        "red_lines": (),
        "front": None,
        "survival": None,
        "weightings": None,
        "influences": found,
        "no_slider": NO_SLIDER,
        "untested": untested(results, None),
    }


def influences(results: StudyResults) -> Influences:
    """Sensitivity indices of every outcome, and what each lever does on average."""
    design = results.loaded.study.design
    kinds: tuple[str, ...]
    if isinstance(design, Sobol):
        method = "Sobol indices: shares of the variance of the expected outcome"
        kinds = ("alone", "in all")
    elif isinstance(design, Morris):
        method = "Elementary effects: change of the outcome over a factor’s whole range"
        kinds = ("mean", "mean size", "spread")
    else:
        method = "Partial rank correlations, and shares of the variance of the expected outcome"
        kinds = ("correlation", "alone")
    rows: list[Influence] = []
    luck = ""
    for outcome in results.loaded.study.outcomes:
        try:
            labels, columns, noise = _indices(results, outcome.name)
        except SensitivityError as error:
            luck = luck or f"Indices of {outcome_label(outcome)} cannot be told: {error}."
            continue
        for k, label in enumerate(labels):
            amounts = tuple(plain_amount(_interval(column[k], results)) for column in columns)
            rows.append(Influence(outcome_label(outcome), label.replace("_", " "), amounts))
        if outcome is results.loaded.study.deciding and noise is not None:
            luck = _luck(noise)
    return Influences(method, kinds, tuple(rows), luck, tuple(_trends(results)))


def _indices(
    results: StudyResults, outcome: str
) -> tuple[tuple[str, ...], list[tuple[Estimate, ...]], Noise | None]:
    design = results.loaded.study.design
    if isinstance(design, Sobol):
        one = sobol(results, outcome)
        return one.labels, [one.first, one.total], one.noise
    if isinstance(design, Morris):
        effects = morris(results, outcome)
        return effects.labels, [effects.mu, effects.mu_star, effects.sigma], effects.noise
    found = ranks(results, outcome)
    return found.labels, [found.correlation, found.first], found.noise


def _interval(one: Estimate, results: StudyResults) -> Interval:
    return Interval(one.value, one.low, one.high, len(results.loaded.layout.points), CONFIDENCE)


def _luck(noise: Noise) -> str:
    return (
        f"Luck makes {percent(noise.of_runs)} of the variance of single runs, and "
        f"{percent(noise.of_means.value)} of that of the means."
    )


def _trends(results: StudyResults) -> list[Trend]:
    """What outcomes and sides are where a lever is low and where it is high."""
    loaded = results.loaded
    places = _independent(results)
    unit = loaded.layout.unit
    if unit is None:
        return []
    quantities: list[tuple[str, str, Way, FloatArray]] = [
        (outcome_label(one), unit_of(one), way(one), results.by_point(one.name))
        for one in loaded.study.outcomes
    ]
    quantities += [
        (side.name, find(side.indicator).unit, "higher", results.means_by_point(side.indicator))
        for side in SIDES
    ]
    trends = []
    for k, lever in enumerate(factor_labels(loaded.study.levers)):
        low = places & (unit[:, k] <= 1 / 3)
        high = places & (unit[:, k] >= 2 / 3)
        for label, told, better, values in quantities:
            known = np.isfinite(values)
            means = np.where(known, values, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
            means[~known.any(axis=1)] = np.nan
            if np.isfinite(means[low]).sum() < 2 or np.isfinite(means[high]).sum() < 2:
                continue
            gap = _welch(means[low], means[high])
            trends.append(
                Trend(
                    lever,
                    label,
                    unit_beside(told),
                    mean_amount(bootstrap_t(means[low]), told),
                    mean_amount(bootstrap_t(means[high]), told),
                    difference_amount(gap, told),
                    change(gap, better),
                )
            )
    return trends


def _red_lines(results: StudyResults) -> list[str]:
    """How many points keep each red line by their means."""
    told = []
    for one in limited(results.loaded):
        values = results.by_point(one.name)
        some = values[np.isfinite(values).any(axis=1)]
        means = np.nanmean(some, axis=1)
        least = -np.inf if one.at_least is None else one.at_least
        most = np.inf if one.at_most is None else one.at_most
        kept = int(((means >= least) & (means <= most)).sum())
        ends = ((one.at_least, "at least"), (one.at_most, "at most"))
        limits = [f"{word} {measured(end, unit_of(one))}" for end, word in ends if end is not None]
        told.append(
            f"Red line: {outcome_label(one)} {listed(limits)} is kept, by the mean, at {kept:,} of "
            f"{len(means):,} points."
        )
    return told


def _independent(results: StudyResults) -> BoolArray:
    """(points,) which points were drawn independently: of a Sobol design the two base samples."""
    layout, design = results.loaded.layout, results.loaded.study.design
    places = np.ones(len(layout.points), dtype=bool)
    if isinstance(design, Sobol) and layout.unit is not None:
        factors = layout.unit.shape[1]
        size = 2 * factors + 2 if design.second_order else factors + 2
        inside = np.arange(len(places)) % size
        places = (inside == 0) | (inside == size - 1)
    elif isinstance(design, Morris) and layout.unit is not None:
        places = np.arange(len(places)) % (layout.unit.shape[1] + 1) == 0
    return places


def _welch(low: FloatArray, high: FloatArray) -> Interval:
    """The difference of two means of independent points (Welch 1947)."""
    low, high = low[np.isfinite(low)], high[np.isfinite(high)]
    mean = float(high.mean() - low.mean())
    if np.ptp(low) == 0.0 and np.ptp(high) == 0.0:
        return Interval(mean, mean, mean, len(low) + len(high), CONFIDENCE)
    ends = stats.ttest_ind(high, low, equal_var=False).confidence_interval(CONFIDENCE)
    return Interval(mean, float(ends.low), float(ends.high), len(low) + len(high), CONFIDENCE)


def _sentences(results: StudyResults, found: Influences) -> tuple[str, str, str]:
    study = results.loaded.study
    deciding = outcome_label(study.deciding)
    rows = [row for row in found.rows if row.outcome == deciding]
    place = {"sobol": 1, "morris": 1}.get(study.method, 0)
    told = [row for row in rows if row.values[place].low > 0.0 or row.values[place].high < 0.0]
    told.sort(key=lambda row: -abs(row.values[place].mean))
    points = len(results.loaded.layout.points)
    if told:
        named = [f"{within(row.factor)} ({row.values[place].told})" for row in told]
        first = f"What moves {within(deciding)} most is {listed(named)}, the largest first."
    else:
        first = f"Of no factor can it be told yet that it moves {within(deciding)}."
    silent = [within(row.factor) for row in rows if row not in told]
    second = f"That rests on {points:,} points of a sampled design"
    second += f", and of {listed(silent)} it cannot be told to matter" if silent else ""
    levers = factor_labels(study.levers)
    return first, f"{second}.", _third(found, levers, deciding)


def _third(found: Influences, levers: list[str], deciding: str) -> str:
    if not levers:
        return "No lever was varied, so that nobody pays for anything."
    lever = levers[0]
    mine = [one for one in found.trends if one.lever == lever]
    sides = {side.name for side in SIDES}
    own = next((one for one in mine if one.label == deciding), None)
    head = f"Where {within(lever)} is high rather than low (its highest and lowest thirds)"
    parts = []
    if own is not None:
        parts.append(f"{within(deciding)} changes by {own.difference.told} ({own.difference.band})")
    for what, sign in (("more goes to", "better"), ("less goes to", "worse")):
        who = [one for one in mine if one.label in sides and one.change == sign]
        if who:
            named = [f"{within(one.label)} ({one.difference.told})" for one in who]
            parts.append(f"{what} {listed(named)}")
    return f"{head}, {'; '.join(parts) or 'nothing could be told'}."
