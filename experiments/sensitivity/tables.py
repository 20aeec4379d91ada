"""Sensitivity as tables, a row a factor, and what must be said beside them."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import pandas as pd

from experiments.numerals import percent
from experiments.sensitivity.asking import Estimate
from experiments.sensitivity.morris import ElementaryEffects
from experiments.sensitivity.noise import SIGNIFICANCE, Noise
from experiments.sensitivity.ranks import RankMeasures
from experiments.sensitivity.sobol import SobolIndices
from experiments.sensitivity.tornado import Tornado
from experiments.statistics.intervals import Interval

Sensitivity: TypeAlias = SobolIndices | ElementaryEffects | RankMeasures | Tornado

ONE_AT_A_TIME = (
    "Each uncertainty alone, all else as in the scenario; changes are paired by luck, with 95 % "
    "intervals."
)

MONOTONE = 0.7
"""R2 of the regression on ranks below which correlations may miss what a factor does."""


def table(found: Sensitivity) -> pd.DataFrame:
    """A row a factor; of a tornado, a row an end of a bar. Estimates have columns of their ends."""
    if isinstance(found, Tornado):
        return pd.DataFrame([row for bar in found.bars for row in _bar_rows(bar)])
    columns: dict[str, Any] = {"factor": [*found.labels]}
    if isinstance(found, SobolIndices):
        columns |= _columns("first", found.first) | _columns("total", found.total)
        for name in ("first_of_means", "total_of_means", "first_half_width", "total_half_width"):
            columns[name] = getattr(found, name)
    elif isinstance(found, ElementaryEffects):
        for name in ("mu_star", "mu", "sigma"):
            columns |= _columns(name, getattr(found, name))
        for name in ("sigma_without_noise", "noise_floor", "noise_share", "p_value"):
            columns[name] = getattr(found, name)
        columns["above_noise"] = found.above_noise
    else:
        columns |= _columns("correlation", found.correlation) | _columns("first", found.first)
    return pd.DataFrame(columns)


def second_order(found: SobolIndices) -> pd.DataFrame:
    """A row a pair of factors; no rows unless the design has them."""
    rows = [
        {"factor": found.labels[i], "with": found.labels[j]} | _ends("second", one)
        for (i, j), one in found.second.items()
    ]
    return pd.DataFrame(rows)


def notes(found: Sensitivity) -> list[str]:
    """Sentences to stand below the table: of what it is made, the share of noise, and doubts."""
    if isinstance(found, Tornado):
        return [ONE_AT_A_TIME]
    told = []
    if isinstance(found, SobolIndices):
        told.append(_whole(found.blocks, found.dropped, "Saltelli block"))
    elif isinstance(found, ElementaryEffects):
        told.append(_whole(found.trajectories, found.dropped, "trajectory", "trajectories"))
    else:
        told.append(_whole(found.points, found.dropped, "point"))
        if found.r_squared < MONOTONE:
            told.append(
                f"Ranks explain {percent(found.r_squared)} of the outcome only, less than "
                f"{percent(MONOTONE)}: correlations may miss what rises and falls again."
            )
    told += _of_noise(found.noise)
    return told


def noise_row(noise: Noise) -> dict[str, Any]:
    """The share of noise as a record."""
    return {
        "of_runs": noise.of_runs,
        "common": noise.common,
        **_ends("of_means", noise.of_means),
        "own_variance": noise.own_variance,
        "p_value": noise.p_value,
        "points": noise.points,
        "replications": noise.replications,
    }


def _of_noise(noise: Noise) -> list[str]:
    if math.isnan(noise.of_runs):
        if noise.replications < 2.0:
            return ["With one replication a point, luck cannot be told from the factors."]
        return ["The outcome is the same at every point."]
    share = noise.of_means
    luck = (
        f"Luck is {percent(noise.of_runs)} of the variance of single runs, of which "
        f"{percent(noise.common)} shifts all points alike, and {percent(share.value)} "
        f"({percent(share.low)} to {percent(share.high)}) of the variance of means over "
        f"{noise.replications:.4g} replications."
    )
    told = [luck]
    if noise.is_all:
        told.append(
            "The means cannot be told from luck alone "
            f"(F test, {percent(SIGNIFICANCE)}): more replications are needed."
        )
    return told


def _whole(count: int, dropped: int, noun: str, many: str = "") -> str:
    many = many or f"{noun}s"
    left = f"; {dropped} left out for missing runs" if dropped else ""
    return f"{count} {noun if count == 1 else many}{left}."


def _columns(name: str, column: tuple[Estimate, ...]) -> dict[str, list[float]]:
    return {
        name: [one.value for one in column],
        f"{name}_low": [one.low for one in column],
        f"{name}_high": [one.high for one in column],
    }


def _ends(name: str, one: Estimate | Interval) -> dict[str, float]:
    value = one.value if isinstance(one, Estimate) else one.mean
    return {name: value, f"{name}_low": one.low, f"{name}_high": one.high}


def _bar_rows(bar: Any) -> list[dict[str, Any]]:
    return [
        {"uncertainty": bar.label, "key": bar.key, "value": end.value, "n": end.change.n}
        | _ends("outcome", end.outcome)
        | _ends("change", end.change)
        | _ends("difference", end.difference)
        | _ends("change_of_difference", end.change_of_difference)
        for end in bar.ends
    ]
