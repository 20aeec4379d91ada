"""Under which circumstances does this setting fail: boxes, tested on worlds left out, in words.

The search for a box finds one in pure chance as well. So the worlds are parted into ten, and each
part is told by the box that a search without it finds (cross-validation). A box is told only if
failures are denser within these boxes than outside them (Fisher's exact test, one-sided, 5 %). How
often each factor comes back in the ten searches is told with it.

Source: Bryant & Lempert (2010), Technological Forecasting & Social Change 77(1) (that boxes must be
reproduced by resampling); Stone (1974), Journal of the Royal Statistical Society B 36(2)
(cross-validation); `experiments.discovery.prim`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from experiments.discovery.failing import Against, Failing, failing
from experiments.discovery.prim import SIGNIFICANCE, Box, find_box
from experiments.sensitivity.asking import outcome_of
from experiments.sensitivity.sampled import Sample, sampled
from experiments.studies.results import StudyResults
from policies.arrays import BoolArray
from sim.streams import Streams

FEWEST_WORLDS = 20
"""Worlds below which no box is looked for."""

FEWEST_OF_A_KIND = 5
"""Failures, and worlds without, below which no box is looked for."""

PARTS = 10
MOST_BOXES = 3

SEED = 1
"""Of the parts."""

RULE = (
    "Of the boxes on PRIM's paths, less their limits with a quasi-p value of "
    f"{SIGNIFICANCE:g} or more, the one with the highest harmonic mean of density and coverage. A "
    "box is told only if searches without a tenth of the cases tell the failures in that tenth "
    f"({PARTS} times; Fisher's exact test, p < {SIGNIFICANCE:g})."
)
"""How the box is chosen, in words."""


@dataclass(frozen=True, slots=True)
class Reproduction:
    """How searches for a box do on worlds left out of them."""

    density: float  # share of failures among the worlds that the searches told; nan: none
    coverage: float  # share of all failures that they told
    p_value: float  # chance of that, if the searches told nothing
    factors: dict[str, float]  # share of the searches that restrict a factor, by its column

    @property
    def holds_up(self) -> bool:
        """Whether the box may be told."""
        return self.p_value < SIGNIFICANCE


@dataclass(frozen=True, slots=True)
class Discovery:
    """Where a setting fails."""

    outcome: str
    setting: int | None  # number; None in a drawn design
    sample: Sample
    failing: Failing
    boxes: tuple[Box, ...]  # each of what the ones before left; coverage is of all failures
    reproduction: Reproduction | None  # of the first box; None where none was looked for
    why_none: str  # why there is no box, in words; "" where there is one

    @property
    def worlds(self) -> int:
        """Worlds that have runs."""
        return len(self.failing.fails)

    @property
    def failures(self) -> int:
        """Worlds in which the setting fails."""
        return int(self.failing.fails.sum())


def discover(
    results: StudyResults,
    outcome: str = "",
    setting: int | None = None,
    *,
    against: Against | None = None,
    threshold: float | None = None,
    base: int | None = None,
) -> Discovery:
    """Under which circumstances a setting fails.

    Args:
        results: of a study with a grid over crossed or sampled worlds, or a Latin hypercube or
            Sobol design.
        outcome: its name; empty: the one that the study decides by.
        setting: in a grid: number of the setting; absent: the base setting.
        against: as in `failing`.
        threshold: as in `failing`.
        base: number of the setting that `against = "base"` means; absent: the study's.

    Raises:
        SensitivityError: if the study or the question does not allow it.
    """
    asked = outcome_of(results, outcome)
    sample = sampled(results)
    usual = results.loaded.base_setting if sample.of_grid and None in (setting, base) else 0
    own = sample.setting(setting, usual)
    found = failing(
        sample,
        asked,
        own,
        base=usual if base is None else sample.setting(base, usual),
        against=against,
        threshold=threshold,
    )
    x = sample.x[found.rows].reset_index(drop=True)
    why = _why_none(found, sample.noun)
    boxes, tested = ((), None) if why else _boxes(x, found.fails)
    if not why and not boxes:
        why = "no circumstances tell failures from other cases better than chance does"
    if tested is not None and not tested.holds_up:
        boxes = ()
        why = (
            "no circumstances that hold up: searches without a tenth of the "
            f"{sample.noun}s did not tell failures in that tenth (p = {tested.p_value:.2g})"
        )
    where = own if sample.of_grid else None
    return Discovery(asked.name, where, sample, found, boxes, tested, why)


def _why_none(found: Failing, noun: str) -> str:
    """Why no box is looked for; "" where one is."""
    count, hits = len(found.fails), int(found.fails.sum())
    if count == 0:
        return f"no {noun} has a finished run"
    if hits == 0:
        return f"it fails in none of {count} {noun}s"
    if hits == count:
        return f"it fails in all {count} {noun}s"
    if count < FEWEST_WORLDS:
        return (
            f"{count} {noun}s are too few to tell circumstances apart; {FEWEST_WORLDS} are needed"
        )
    if min(hits, count - hits) < FEWEST_OF_A_KIND:
        few = "fails" if hits < FEWEST_OF_A_KIND else "does not fail"
        return (
            f"it {few} in only {min(hits, count - hits)} {noun}s, and {FEWEST_OF_A_KIND} are "
            "needed to tell circumstances apart"
        )
    return ""


def _boxes(x: pd.DataFrame, fails: BoolArray) -> tuple[tuple[Box, ...], Reproduction | None]:
    """Up to three boxes, each in what the ones before left, and the test of the first."""
    found: list[Box] = []
    left = np.ones(len(x), dtype=bool)
    for _ in range(MOST_BOXES):
        rest, hits = x[left].reset_index(drop=True), fails[left]
        if min(int(hits.sum()), int((~hits).sum())) < FEWEST_OF_A_KIND:
            break
        box = find_box(rest, hits)
        if box is None:
            break
        share = box.interesting / int(fails.sum())
        found.append(Box(box.limits, box.inside, box.interesting, box.density, share))
        left &= ~box.holds(x)
    return tuple(found), _reproduction(x, fails) if found else None


def _reproduction(x: pd.DataFrame, fails: BoolArray) -> Reproduction:
    """Each tenth of the worlds, told by a search without it."""
    rng = Streams(SEED).generator("parts of worlds")
    part = rng.permutation(len(x)) % PARTS
    told = np.zeros(len(x), dtype=bool)
    times = dict.fromkeys(map(str, x.columns), 0)
    for one in range(PARTS):
        out = part == one
        box = find_box(x[~out].reset_index(drop=True), fails[~out])
        if box is not None:
            told[out] = box.holds(x[out])
            for factor in {limit.factor for limit in box.limits}:
                times[factor] += 1
    hits, misses = int((told & fails).sum()), int((told & ~fails).sum())
    others = int((~told & fails).sum()), int((~told & ~fails).sum())
    counts = np.array([[hits, misses], others])
    return Reproduction(
        density=hits / (hits + misses) if told.any() else math.nan,
        coverage=hits / int(fails.sum()),
        p_value=float(stats.fisher_exact(counts, alternative="greater").pvalue),
        factors={key: count / PARTS for key, count in times.items()},
    )
