"""One uncertainty at a time: what each does to an outcome, and to the difference of two settings.

In a grid every setting is run in the scenario's own world and with each uncertainty at each of its
values alone, always under the same luck. So all changes are paired by replication: a change that
holds for both settings alike leaves the difference between them, which is what a decision rests on.

Source: Eschenbach (1992), "Spiderplots versus tornado diagrams for sensitivity analysis",
Interfaces 22(6); intervals: `experiments.statistics.intervals`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from experiments.sensitivity.asking import SensitivityError, outcome_of
from experiments.statistics.intervals import Interval, bootstrap_t, differences
from experiments.studies.points import World, short_labels
from experiments.studies.results import StudyResults
from experiments.studies.schema import Grid, LevelValue, Uncertainty
from policies.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class TornadoEnd:
    """One uncertainty at one value, all else as in the scenario."""

    world: int  # number of that world
    value: LevelValue
    outcome: Interval  # of the setting, in this world
    change: Interval  # of the outcome, from the scenario's own world
    difference: Interval  # the setting's outcome less the base's, in this world
    change_of_difference: Interval  # from that difference in the scenario's own world


@dataclass(frozen=True, slots=True)
class TornadoBar:
    """An uncertainty at all its values, from the lowest to the highest where they are numbers."""

    key: str
    label: str
    unit: str
    ends: tuple[TornadoEnd, ...]

    @property
    def low(self) -> TornadoEnd:
        """At its first value: the lowest, where values are numbers."""
        return self.ends[0]

    @property
    def high(self) -> TornadoEnd:
        """At its last value."""
        return self.ends[-1]

    @property
    def swing(self) -> float:
        """How far apart the outcome's changes lie, the scenario's own world (0) among them."""
        return _swing([one.change.mean for one in self.ends])

    @property
    def swing_of_difference(self) -> float:
        """How far apart the changes of the difference lie, 0 among them."""
        return _swing([one.change_of_difference.mean for one in self.ends])


@dataclass(frozen=True, slots=True)
class Tornado:
    """What each uncertainty does to an outcome of a setting, and to its difference from the base.

    Bars come by swing of the difference, the largest first; where setting and base are one, by
    swing of the outcome.
    """

    outcome: str
    setting: int
    base: int
    nominal: Interval  # the setting's outcome in the scenario's own world
    nominal_difference: Interval  # less the base's, there
    bars: tuple[TornadoBar, ...]


def tornado(
    results: StudyResults,
    outcome: str = "",
    setting: int | None = None,
    base: int | None = None,
) -> Tornado:
    """What each uncertainty does, one at a time.

    Args:
        results: of a study with a grid, whose worlds are "one_at_a_time".
        outcome: its name; empty: the one that the study decides by.
        setting: number of the setting that is looked at; absent: the base setting.
        base: number of the setting that it is compared with; absent: the study's base setting.

    Returns:
        The bars; intervals of worlds that have no finished run are nan, with n = 0.

    Raises:
        SensitivityError: if the study has another design, no uncertainties, or no such setting.
    """
    asked = outcome_of(results, outcome)
    study, layout = results.loaded.study, results.loaded.layout
    design = study.design
    if not isinstance(design, Grid) or design.worlds != "one_at_a_time":
        what = (
            design.method if not isinstance(design, Grid) else f"grid over {design.worlds} worlds"
        )
        raise SensitivityError(
            'a tornado needs a study with design.method = "grid" and design.worlds = '
            f'"one_at_a_time"; this one is a {what}'
        )
    if not study.uncertainties:
        raise SensitivityError(f"study {study.name!r} has no uncertainties: nothing to look at")
    base = results.loaded.base_setting if base is None else base
    setting = base if setting is None else setting
    for number in (setting, base):
        if not 0 <= number < len(layout.settings):
            raise SensitivityError(
                f"setting {number}: must be 0 to {len(layout.settings) - 1}, by number"
            )
    values = results.by_point(asked.name).reshape(len(layout.worlds), len(layout.settings), -1)
    own, others = values[:, setting], values[:, base]
    bars = [
        TornadoBar(one.key, label, one.unit, _ends(one, layout.worlds, own, others))
        for one, label in zip(study.uncertainties, short_labels(study.uncertainties), strict=True)
    ]
    alone = setting == base
    bars.sort(key=lambda bar: -(bar.swing if alone else bar.swing_of_difference))
    return Tornado(
        asked.name,
        setting,
        base,
        bootstrap_t(own[0]),
        bootstrap_t(differences(others[0], own[0])),
        tuple(bars),
    )


def _ends(
    uncertainty: Uncertainty, worlds: tuple[World, ...], own: FloatArray, others: FloatArray
) -> tuple[TornadoEnd, ...]:
    here = [
        one for one in worlds if one.kind == "uncertainty" and [*one.values] == [uncertainty.key]
    ]
    if all(isinstance(one.values[uncertainty.key], (int, float)) for one in here):
        here.sort(key=lambda one: float(one.values[uncertainty.key]))
    difference = differences(others, own)
    return tuple(
        TornadoEnd(
            one.number,
            one.values[uncertainty.key],
            outcome=bootstrap_t(own[one.number]),
            change=bootstrap_t(differences(own[0], own[one.number])),
            difference=bootstrap_t(difference[one.number]),
            change_of_difference=bootstrap_t(differences(difference[0], difference[one.number])),
        )
        for one in here
    )


def _swing(changes: list[float]) -> float:
    """Nan-safe range of changes with 0."""
    known = [one for one in changes if not math.isnan(one)]
    return float(np.ptp([0.0, *known]))
