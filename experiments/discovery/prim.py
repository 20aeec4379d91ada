"""Boxes of circumstances in which cases of interest lie close together: PRIM.

The patient rule induction method peels a few cases at a time off the box that holds all, always
where density (share of interesting cases within) rises most, and pastes back what that cost too
much. That gives a path of ever smaller, denser boxes; with few cases it may end too early, so that
two paths are made, peeling 5 and 10 % at a time. Of each box on them, the limits that may be chance
are dropped, worst first: those whose quasi-p value, the chance of such a density without this
limit, is not below 5 %. Then the box with the highest F1 is chosen, the harmonic mean of density
and coverage (share of all interesting cases that lie within).

Source: Friedman & Fisher (1999), "Bump hunting in high-dimensional data", Statistics and Computing
9(2); Bryant & Lempert (2010), "Thinking inside the box", Technological Forecasting & Social Change
77(1) (coverage, density, quasi-p values). Peeling and pasting are ema_workbench's: Kwakkel (2017),
Environmental Modelling & Software 96.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from experiments.sensitivity.asking import SensitivityError
from policies.arrays import BoolArray, FloatArray

SIGNIFICANCE = 0.05
"""Quasi-p value from which on a restriction may be chance."""

PEELS = (0.05, 0.1)
"""Shares of the cases that a step of peeling takes off, a path each."""

LEAST_MASS = 0.05
"""Share of the cases that a box holds at least."""

FEWEST_CASES = 5
"""Cases that a box holds at least."""

_ANY_DENSITY = 1e-9
"""The box is chosen here, along the whole path: PRIM itself shall refuse none."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a box asks of one factor: one end of its values, or some of its levels."""

    factor: str  # its column
    low: float | None = None  # values above it; None: no such end
    high: float | None = None  # values below it
    levels: tuple[Any, ...] | None = None  # levels that are within; None: a factor of numbers
    quasi_p: float = math.nan  # chance of the box's density without this limit

    def holds(self, x: pd.DataFrame) -> BoolArray:
        """(n,) which cases keep the limit."""
        if self.levels is not None:
            return np.isin(x[self.factor].to_numpy(object).astype(str), [*map(str, self.levels)])
        column = x[self.factor].to_numpy(float)
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        found: BoolArray = (column > low) & (column < high)
        return found


@dataclass(frozen=True, slots=True)
class Box:
    """Circumstances, and how well they tell the interesting cases."""

    limits: tuple[Limit, ...]  # all must hold
    inside: int  # cases in the box
    interesting: int  # of these, of interest
    density: float  # interesting / inside
    coverage: float  # share of all interesting cases that are in the box

    @property
    def f1(self) -> float:
        """Harmonic mean of density and coverage."""
        return 2.0 * self.density * self.coverage / max(self.density + self.coverage, 1e-300)

    def holds(self, x: pd.DataFrame) -> BoolArray:
        """(n,) which cases are in the box."""
        return within(self.limits, x)


def within(limits: Sequence[Limit], x: pd.DataFrame) -> BoolArray:
    """(n,) which cases keep all limits."""
    found = np.ones(len(x), dtype=bool)
    for limit in limits:
        found &= limit.holds(x)
    return found


def find_box(x: pd.DataFrame, interesting: BoolArray) -> Box | None:
    """The box that tells interesting cases best.

    Args:
        x: (n, k) a column a factor: numbers, or levels of any other kind.
        interesting: (n,) some are, some are not.

    Returns:
        The box; None where no restriction is more than chance.

    Raises:
        SensitivityError: if the extra `discovery` is not installed.
    """
    columns = {key: _as_peeled(x[key]) for key in x if len(x[key].unique()) > 1}
    if not columns or interesting.all() or not interesting.any():
        return None
    peeled = pd.DataFrame(columns)
    best: Box | None = None
    for peel in PEELS:
        path = _peeled(peeled, interesting, peel)
        for ends in path.box_lims:
            box = _without_chance(_limits(ends, path.prim.box_init, x), x, interesting)
            if box is not None and (best is None or _rank(box) > _rank(best)):
                best = box
    return best


def _rank(box: Box) -> tuple[float, int]:
    """F1 of a box; of equal ones, that with fewer limits comes first."""
    return round(box.f1, 12), -len(box.limits)


def _peeled(x: pd.DataFrame, interesting: BoolArray, peel: float) -> Any:
    """The path of boxes, as ema_workbench gives it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own optional parts, which are not used
            from ema_workbench.analysis import prim
    except ImportError:
        raise SensitivityError(
            "scenario discovery needs ema_workbench: pip install 'weal[discovery]'"
        ) from None
    mass = max(LEAST_MASS, FEWEST_CASES / len(x))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search = prim.Prim(
            x, interesting.astype(int), threshold=_ANY_DENSITY, peel_alpha=peel, mass_min=mass
        )
        return search.find_box()


def _as_peeled(column: pd.Series[Any]) -> pd.Series[Any]:
    """A column for PRIM: numbers as floats, levels as codes whose order does not hang on hashes."""
    if is_number(column):
        return column.astype(float)
    codes = pd.Series(pd.factorize(column.astype(str), sort=True)[0], index=column.index)
    return codes.astype("category")


def is_number(column: pd.Series[Any]) -> bool:
    """Whether a factor's values have an order and a distance."""
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _limits(box: pd.DataFrame, everything: pd.DataFrame, x: pd.DataFrame) -> list[Limit]:
    """What a box of ema_workbench asks, one limit an end."""
    found: list[Limit] = []
    for key in box:
        low, high = box[key]
        if not is_number(x[key]):
            names = pd.factorize(x[key].astype(str), sort=True)[1]
            if len(low) < len(names):
                own = {str(one): one for one in x[key]}
                levels = tuple(own[names[one]] for one in sorted(low))
                found.append(Limit(str(key), levels=levels))
            continue
        column = x[key].to_numpy(float)
        if low > everything[key][0]:
            found.append(Limit(str(key), low=_between(column[column < low], column[column >= low])))
        if high < everything[key][1]:
            end = _between(column[column <= high], column[column > high])
            found.append(Limit(str(key), high=end))
    return found


def _between(below: FloatArray, above: FloatArray) -> float:
    """The number with the fewest digits between the cases on both sides: what people can say."""
    low, high = float(below.max()), float(above.min())
    middle = 0.5 * (low + high)
    for digits in range(1, 17):
        rounded = float(f"{middle:.{digits}g}")
        if low < rounded < high:
            return rounded
    return middle


def _without_chance(limits: list[Limit], x: pd.DataFrame, interesting: BoolArray) -> Box | None:
    """The box without limits that may be chance, dropped one by one, the worst first."""
    while limits:
        told = [replace(one, quasi_p=_quasi_p(one, limits, x, interesting)) for one in limits]
        worst = max(told, key=lambda one: one.quasi_p)
        if worst.quasi_p < SIGNIFICANCE:
            return _measured(told, x, interesting)
        limits = [one for one in told if one is not worst]
    return None


def _quasi_p(
    limit: Limit, limits: Sequence[Limit], x: pd.DataFrame, interesting: BoolArray
) -> float:
    """Chance of at least so many interesting cases in the box, at the density without the limit."""
    inside = within(limits, x)
    without = within([one for one in limits if one is not limit], x)
    density = float(interesting[without].mean())
    test = stats.binomtest(
        int(interesting[inside].sum()), int(inside.sum()), density, alternative="greater"
    )
    return float(test.pvalue)


def _measured(limits: Sequence[Limit], x: pd.DataFrame, interesting: BoolArray) -> Box:
    inside = within(limits, x)
    count, hits = int(inside.sum()), int(interesting[inside].sum())
    return Box(
        tuple(limits),
        count,
        hits,
        density=hits / count if count else math.nan,
        coverage=hits / max(int(interesting.sum()), 1),
    )
