"""Quantities under every setting of a grid: outcomes, and what each side of the market has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.statistics.intervals import Interval, bootstrap_t_many, differences, simultaneous
from experiments.studies.results import StudyResults
from experiments.studies.schema import Outcome, unit_of, way
from experiments.study_report.answer import Change, Row, Way
from experiments.study_report.labels import (
    difference_amount,
    mean_amount,
    outcome_label,
    outcome_meaning,
    window,
)
from policies.arrays import FloatArray
from sim.health import find


@dataclass(frozen=True, slots=True)
class Side:
    """A side of the market, and the indicator of what it gains."""

    name: str
    indicator: str
    needs: str = ""  # what a market must have for it to exist


SIDES = (
    Side("Consumers", "consumer_surplus"),
    Side("Small merchants", "small_merchant_profit"),
    Side("Larger merchants", "larger_merchant_profit"),
    Side("Couriers", "courier_pay"),
    Side("Platform", "profit"),
    Side("Treasury", "fines"),
    Side("Rival platform", "rival_profit"),
)
"""Sides of the market: all are counted in currency a day, and more is a gain to each."""


def outcome_row(results: StudyResults, outcome: Outcome) -> Row:
    """An outcome under every setting in the nominal world."""
    return row(
        outcome.name,
        outcome_label(outcome),
        outcome.indicator,
        unit_of(outcome),
        way(outcome),
        window(outcome, results.loaded.base.days),
        outcome_meaning(outcome),
        results.matrix(outcome.name),
        results.loaded.base_setting,
    )


def side_rows(results: StudyResults) -> tuple[list[Row], list[str]]:
    """What each side has under every setting, and in words which sides have nothing measured."""
    loaded = results.loaded
    deciding = loaded.study.deciding
    days = window(deciding.model_copy(update={"statistic": "mean"}), loaded.base.days)
    rows, missing = [], []
    for side in SIDES:
        values = results.mean_matrix(side.indicator)
        if not np.isfinite(values).any():
            missing.append(f"{side.name}: no value of {side.indicator} in these runs.")
            continue
        about = find(side.indicator)
        rows.append(
            row(
                side.indicator,
                side.name,
                side.indicator,
                about.unit,
                "higher",
                days,
                about.sentence,
                values,
                loaded.base_setting,
            )
        )
    return rows, missing


def row(
    key: str,
    label: str,
    indicator: str,
    unit: str,
    better: Way,
    days: str,
    meaning: str,
    values: FloatArray,
    base: int,
) -> Row:
    """A quantity under every setting, with differences from the base that hold jointly.

    Args:
        key: what tables call it.
        label: what readers know it as.
        indicator: of which it is made.
        unit: of its values.
        better: which way is better.
        days: the window, in words.
        meaning: what it is, in a sentence.
        values: (settings, replications), paired by luck; nan is missing.
        base: number of the setting that others are compared with.
    """
    means = bootstrap_t_many(values)
    gaps = simultaneous(differences(values[base], values))
    return Row(
        key,
        label,
        indicator,
        unit,
        better,
        days,
        meaning,
        tuple(mean_amount(one, unit) for one in means),
        tuple(difference_amount(one, unit) for one in gaps),
        tuple(change(one, better) for one in gaps),
    )


def change(gap: Interval, better: Way) -> Change:
    """What the interval of a difference says."""
    if np.isnan(gap.mean):
        return "unknown"
    if gap.low == gap.high == 0.0:
        return "same"
    if not (gap.low > 0.0 or gap.high < 0.0):
        return "unclear"
    up = gap.low > 0.0
    if better == "none":
        return "more" if up else "less"
    return "better" if up == (better == "higher") else "worse"


def gainers(rows: Sequence[Row], setting: int, sign: Change) -> list[Row]:
    """The rows that change this way under a setting, the largest change first."""
    some = [one for one in rows if one.changes[setting] == sign]
    return sorted(some, key=lambda one: -abs(one.differences[setting].mean))
