"""Under which circumstances does this setting fail: boxes, tested on worlds left out, in words.

The search for a box finds one in pure chance as well. So it is repeated ten times on a random half
of the worlds, and the box found there is measured on the other half. Only a box that holds up is
told: in nine of ten halves left out, failures must be denser within than they are over all. How
often each factor comes back is told with it.

Source: Bryant & Lempert (2010), Technological Forecasting & Social Change 77(1) (resampling test);
`experiments.discovery.prim`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.discovery.failing import Against, Failing, failing
from experiments.discovery.prim import SIGNIFICANCE, Box, find_box, measured_box
from experiments.sensitivity.asking import outcome_of
from experiments.sensitivity.sampled import Sample, sampled
from experiments.studies.results import StudyResults
from policies.arrays import BoolArray
from sim.streams import Streams

FEWEST_WORLDS = 20
"""Worlds below which no box is looked for."""

FEWEST_OF_A_KIND = 5
"""Failures, and worlds without, below which no box is looked for."""

HALVES = 10
HALVES_THAT_HOLD = 9
MOST_BOXES = 3

SEED = 1
"""Of the halves."""

RULE = (
    "Of the boxes on PRIM's path, the one with the highest harmonic mean of density and coverage; "
    f"limits with a quasi-p value of {SIGNIFICANCE:g} or more are dropped. A box is told only if, "
    f"in {HALVES_THAT_HOLD} of {HALVES} searches on random halves, failures are denser in the box "
    "than over all on the half left out."
)
"""How the box is chosen, in words."""


@dataclass(frozen=True, slots=True)
class Reproduction:
    """How a search for a box does on worlds left out of it."""

    held: int  # halves left out in which failures are denser in the box than over all
    halves: int
    density: float  # median over halves left out; nan: no box was found in most
    coverage: float  # likewise
    factors: dict[str, float]  # share of the searches that restrict a factor, by its column

    @property
    def holds_up(self) -> bool:
        """Whether the box may be told."""
        return self.held >= HALVES_THAT_HOLD


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
            "no circumstances that hold up: in only "
            f"{tested.held} of {tested.halves} halves left out of the search were failures denser "
            "within the limits found than over all"
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
    """Search on random halves, measured on the others."""
    rng = Streams(SEED).generator("halves of worlds")
    held, densities, coverages = 0, [], []
    times = dict.fromkeys(map(str, x.columns), 0)
    for _ in range(HALVES):
        half = np.zeros(len(x), dtype=bool)
        half[rng.permutation(len(x))[: len(x) // 2]] = True
        box = find_box(x[half].reset_index(drop=True), fails[half])
        if box is None:
            continue
        for factor in {one.factor for one in box.limits}:
            times[factor] += 1
        outside = measured_box(box.limits, x[~half], fails[~half])
        densities.append(outside.density)
        coverages.append(outside.coverage)
        held += bool(outside.density > fails[~half].mean())
    known = [one for one in densities if not math.isnan(one)]
    return Reproduction(
        held,
        HALVES,
        density=float(np.median(known)) if 2 * len(known) > HALVES else math.nan,
        coverage=float(np.median(coverages)) if 2 * len(known) > HALVES else math.nan,
        factors={key: count / HALVES for key, count in times.items()},
    )
