"""Settings and worlds of a study: which values each point of its design has.

Sources: full factorial and Latin hypercube designs: McKay, Beckman & Conover (1979), Technometrics
21(2); Sobol: Saltelli et al. (2010), Computer Physics Communications 181(2); Morris (1991),
Technometrics 33(2). The samples are SALib's.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from experiments.studies.schema import (
    Factor,
    Grid,
    LatinHypercube,
    LevelValue,
    Morris,
    Sobol,
    Study,
)

SAMPLE_SEED = 20261125
"""Seed of designs that are drawn: a design is a part of its study, not of a run's luck."""

NOMINAL = "as in the scenario"


@dataclass(frozen=True, slots=True)
class Setting:
    """One choice of the levers."""

    number: int
    values: Mapping[str, LevelValue]  # by key of a lever
    label: str


@dataclass(frozen=True, slots=True)
class World:
    """One choice of what is uncertain, or of other policies; number 0 is the scenario's own."""

    number: int
    kind: Literal["nominal", "uncertainty", "alternative", "sample"]
    label: str
    values: Mapping[str, LevelValue] = field(default_factory=dict)  # by key of an uncertainty
    changes: Mapping[str, Any] = field(default_factory=dict)  # of an alternative


@dataclass(frozen=True, slots=True)
class Point:
    """A setting in a world: what is run, in several replications."""

    number: int
    setting: int
    world: int
    changes: Mapping[str, Any]  # of the base scenario, by dotted name


@dataclass(frozen=True, slots=True)
class Layout:
    """All points of a study."""

    settings: tuple[Setting, ...]
    worlds: tuple[World, ...]
    points: tuple[Point, ...]
    unit: NDArray[np.float64] | None = None  # (points, factors) of a drawn design, in [0, 1]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What of a factor's field a design must know."""

    whole: bool = False  # values are whole numbers


def lay_out(study: Study, bounds: Mapping[str, Bounds] | None = None) -> Layout:
    """The points of a study.

    Args:
        study: the study.
        bounds: by key of a factor; factors that are not named take any number.

    Returns:
        In a grid: every setting in every world, the nominal world first. In a drawn design: point
        i has setting i in world i, in SALib's order.
    """
    known = bounds or {}
    if isinstance(study.design, Grid):
        return _grid(study, study.design, known)
    return _drawn(study, study.design, known)


def values_of(factor: Factor, bounds: Bounds) -> tuple[LevelValue, ...]:
    """The values that a grid takes of a factor."""
    if factor.levels is not None:
        return factor.levels
    steps = np.linspace(0.0, 1.0, factor.steps or 2)
    values = [_in_range(factor, float(step)) for step in steps]
    return tuple(dict.fromkeys(round(one) if bounds.whole else one for one in values))


def value_at(factor: Factor, unit: float, bounds: Bounds) -> LevelValue:
    """The value of a factor at a place of [0, 1]: evenly over levels, over a range or its log.

    Of levels each has an equal part of [0, 1]; of whole numbers too, or of its logarithm.
    """
    if factor.levels is not None:
        return factor.levels[min(int(unit * len(factor.levels)), len(factor.levels) - 1)]
    if not bounds.whole:
        return _in_range(factor, unit)
    low, high = int(factor.low or 0), int(factor.high or 0)
    return min(max(round(_in_range(factor, unit, beyond=0.5)), low), high)


def _in_range(factor: Factor, unit: float, beyond: float = 0.0) -> float:
    """A place of [0, 1] in a range, of which both ends may lie further out."""
    low, high = float(factor.low or 0.0) - beyond, float(factor.high or 0.0) + beyond
    if unit <= 0.0 or unit >= 1.0:
        return low if unit <= 0.0 else high
    if factor.scale == "log":
        value = float(np.exp(np.log(low) + unit * (np.log(high) - np.log(low))))
    else:
        value = low + unit * (high - low)
    return min(max(float(f"{value:.12g}"), low), high)  # 0.1 * 3 is 0.3 to people


def count_of(study: Study, bounds: Mapping[str, Bounds] | None = None) -> int:
    """How many points a study has, without laying them out.

    Args:
        study: the study.
        bounds: as for `lay_out`.
    """
    known = bounds or {}
    design, factors = study.design, len(study.levers) + len(study.uncertainties)
    if isinstance(design, LatinHypercube):
        return design.samples
    if isinstance(design, Sobol):
        return design.samples * ((2 if design.second_order else 1) * factors + 2)
    if isinstance(design, Morris):
        return design.trajectories * (factors + 1)
    uncertain = [_count(one, known) for one in study.uncertainties]
    worlds = {"one_at_a_time": sum(uncertain), "latin_hypercube": design.world_samples}
    worlds["crossed"] = math.prod(uncertain)
    others = worlds[design.worlds] if uncertain else 0
    settings = math.prod(_count(one, known) for one in study.levers)
    return settings * (1 + others + len(study.alternatives))


def _count(factor: Factor, bounds: Mapping[str, Bounds]) -> int:
    if factor.levels is None and factor.steps is None:
        return 1  # of a Latin hypercube over worlds, which does not step
    return len(values_of(factor, bounds.get(factor.key, Bounds())))


def _grid(study: Study, design: Grid, bounds: Mapping[str, Bounds]) -> Layout:
    settings = _settings(study.levers, bounds)
    worlds = _worlds(study, design, bounds)
    points = [
        (setting, world)
        for world in worlds  # the nominal one is run first
        for setting in settings
    ]
    return Layout(
        settings,
        worlds,
        tuple(_point(number, *one) for number, one in enumerate(points)),
    )


def _settings(levers: Sequence[Factor], bounds: Mapping[str, Bounds]) -> tuple[Setting, ...]:
    names = short_labels(levers)
    choices = [values_of(lever, bounds.get(lever.key, Bounds())) for lever in levers]
    return tuple(
        Setting(
            number,
            {lever.key: value for lever, value in zip(levers, values, strict=True)},
            label_of(names, values) or NOMINAL,
        )
        for number, values in enumerate(itertools.product(*choices))
    )


def _worlds(study: Study, design: Grid, bounds: Mapping[str, Bounds]) -> tuple[World, ...]:
    uncertain = study.uncertainties
    names = short_labels(uncertain)
    found: list[World] = [World(0, "nominal", NOMINAL)]
    if design.worlds == "latin_hypercube" and uncertain:
        for row in _latin(len(uncertain), design.world_samples):
            values = [
                value_at(one, float(unit), bounds.get(one.key, Bounds()))
                for one, unit in zip(uncertain, row, strict=True)
            ]
            found.append(_world(len(found), uncertain, names, values, "sample"))
    elif design.worlds == "crossed" and uncertain:
        choices = [values_of(one, bounds.get(one.key, Bounds())) for one in uncertain]
        for chosen in itertools.product(*choices):
            found.append(_world(len(found), uncertain, names, chosen, "uncertainty"))
    else:
        for place, one in enumerate(uncertain):
            for value in values_of(one, bounds.get(one.key, Bounds())):
                alone = uncertain[place : place + 1]
                found.append(
                    _world(len(found), alone, names[place : place + 1], [value], "uncertainty")
                )
    for other in study.alternatives:
        found.append(World(len(found), "alternative", other.label, {}, dict(other.changes)))
    return tuple(found)


def _world(
    number: int,
    factors: Sequence[Factor],
    names: Sequence[str],
    values: Sequence[LevelValue],
    kind: Literal["uncertainty", "sample"],
) -> World:
    pairs = {one.key: value for one, value in zip(factors, values, strict=True)}
    return World(number, kind, label_of(names, values), pairs)


def _drawn(
    study: Study, design: LatinHypercube | Sobol | Morris, bounds: Mapping[str, Bounds]
) -> Layout:
    factors: list[Factor] = [*study.levers, *study.uncertainties]
    levers = len(study.levers)
    names = short_labels(factors)
    unit = sample(design, len(factors))
    settings, worlds, points = [], [], []
    for number, row in enumerate(unit):
        values = [
            value_at(one, float(place), bounds.get(one.key, Bounds()))
            for one, place in zip(factors, row, strict=True)
        ]
        pairs = [(one.key, value) for one, value in zip(factors, values, strict=True)]
        setting = Setting(
            number,
            dict(pairs[:levers]),
            label_of(names[:levers], values[:levers]) or NOMINAL,
        )
        world = World(
            number,
            "sample",
            label_of(names[levers:], values[levers:]) or NOMINAL,
            dict(pairs[levers:]),
        )
        settings.append(setting)
        worlds.append(world)
        points.append(_point(number, setting, world))
    return Layout(tuple(settings), tuple(worlds), tuple(points), unit)


def sample(design: LatinHypercube | Sobol | Morris, factors: int) -> NDArray[np.float64]:
    """A drawn design in the unit cube, (points, factors), in SALib's order."""
    from SALib.sample import morris as morris_sample  # half a second that a grid does not need
    from SALib.sample import sobol as sobol_sample

    problem = problem_of([str(one) for one in range(factors)])
    match design:
        case LatinHypercube():
            return _latin(factors, design.samples)
        case Sobol():
            drawn = sobol_sample.sample(
                problem,
                design.samples,
                calc_second_order=design.second_order,
                scramble=True,
                seed=SAMPLE_SEED,
            )
        case Morris():
            drawn = morris_sample.sample(
                problem, design.trajectories, num_levels=design.grid_levels, seed=SAMPLE_SEED
            )
    return np.asarray(drawn, dtype=np.float64)


def problem_of(names: Sequence[str]) -> dict[str, Any]:
    """SALib's description of factors in the unit cube."""
    return {"num_vars": len(names), "names": [*names], "bounds": [[0.0, 1.0]] * len(names)}


def short_labels(factors: Sequence[Factor]) -> list[str]:
    """What tables call factors: their labels, or else the ends of their keys, where they differ."""
    last = [one.label or one.key.rpartition(".")[2] for one in factors]
    return [
        name if last.count(name) == 1 else one.key for one, name in zip(factors, last, strict=True)
    ]


def label_of(names: Sequence[str], values: Sequence[LevelValue]) -> str:
    """A choice in words: `limit = 0.3, commission = 0.15`."""
    return ", ".join(f"{name} = {_text(value)}" for name, value in zip(names, values, strict=True))


def _text(value: LevelValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _latin(factors: int, samples: int) -> NDArray[np.float64]:
    from SALib.sample import latin

    drawn = latin.sample(problem_of([str(one) for one in range(factors)]), samples, SAMPLE_SEED)
    return np.asarray(drawn, dtype=np.float64)


def _point(number: int, setting: Setting, world: World) -> Point:
    changes = {**world.changes, **world.values, **setting.values}
    return Point(number, setting.number, world.number, changes)
