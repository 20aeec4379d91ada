"""The points of designs: complete, distinct, paired, and steady when a study grows."""

import itertools
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.studies.points import Bounds, count_of, lay_out, value_at, values_of
from experiments.studies.schema import Lever, Study
from scenarios.loading import override

OUTCOMES: Any = ({"name": "surplus", "indicator": "consumer_surplus"},)

KEYS = ("a", "b", "c", "d")


def study(**parts: Any) -> Study:
    return Study(scenario="tiny", outcomes=OUTCOMES, **parts)


def factors(levels: list[list[float]], keys: tuple[str, ...] = KEYS) -> tuple[dict[str, Any], ...]:
    return tuple(
        {"key": key, "levels": tuple(values)} for key, values in zip(keys, levels, strict=False)
    )


# Labels tell twelve digits: levels that differ by less would be told alike.
levels = st.lists(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=4, unique_by=lambda one: f"{one:.12g}"),
    min_size=1,
    max_size=2,
)


few = st.lists(st.lists(st.floats(-9, 9), min_size=1, max_size=3, unique=True), max_size=2)


@given(levels, few, st.sampled_from(["one_at_a_time", "crossed"]))
def test_every_setting_is_in_every_world_once(
    of_levers: list[list[float]], of_uncertainties: list[list[float]], worlds: str
) -> None:
    if not of_uncertainties:
        worlds = "one_at_a_time"
    made = study(
        levers=factors(of_levers),
        uncertainties=factors(of_uncertainties, KEYS[2:]),
        design={"method": "grid", "worlds": worlds},
        alternatives=({"label": "other", "changes": {"consumers.count": 5}},),
    )
    layout = lay_out(made)
    pairs = Counter((one.setting, one.world) for one in layout.points)
    assert set(pairs.values()) == {1}
    assert len(pairs) == len(layout.settings) * len(layout.worlds) == count_of(made)
    assert [one.number for one in layout.points] == list(range(len(layout.points)))
    assert layout.points[0].world == 0
    assert len({tuple(one.values.items()) for one in layout.settings}) == len(layout.settings)
    assert len({one.label for one in layout.settings}) == len(layout.settings)


@given(levels, st.permutations(range(4)))
def test_the_order_of_levels_changes_no_set_of_changes(
    of_levers: list[list[float]], order: list[int]
) -> None:
    def changes(lists: list[list[float]]) -> set[tuple[tuple[str, Any], ...]]:
        layout = lay_out(study(levers=factors(lists)))
        return {tuple(sorted(one.changes.items())) for one in layout.points}

    shuffled = [
        [one for _, one in sorted(zip(order, values, strict=False), key=lambda pair: pair[0])]
        for values in of_levers
    ]
    assert changes(of_levers) == changes(shuffled)


@given(levels, st.floats(2e6, 3e6))
def test_one_more_level_keeps_the_points_there_were(
    of_levers: list[list[float]], new: float
) -> None:
    before = lay_out(study(levers=factors(of_levers)))
    after = lay_out(study(levers=factors([[*of_levers[0], new], *of_levers[1:]])))
    old = [one.changes for one in before.points]
    assert all(one in [point.changes for point in after.points] for one in old)


DRAWN = [
    {"method": "sobol", "samples": 8},
    {"method": "sobol", "samples": 8, "second_order": True},
    {"method": "morris", "trajectories": 5},
    {"method": "latin_hypercube", "samples": 12},
]


@pytest.mark.parametrize("design", DRAWN, ids=lambda one: f"{one['method']}")
def test_a_drawn_design_has_the_points_that_it_counts_and_the_same_each_time(
    design: dict[str, Any],
) -> None:
    made = study(
        levers=({"key": "a", "low": 2.0, "high": 4.0}, {"key": "b", "levels": ("x", "y", "z")}),
        uncertainties=({"key": "c", "low": 1.0, "high": 100.0, "scale": "log"},),
        design=design,
    )
    layout, again = lay_out(made), lay_out(made)
    assert layout.unit is not None
    assert layout.unit.shape == (count_of(made), 3) == (len(layout.points), 3)
    assert [one.changes for one in layout.points] == [one.changes for one in again.points]
    for one in layout.points:
        assert 2.0 <= one.changes["a"] <= 4.0
        assert one.changes["b"] in {"x", "y", "z"}
        assert 1.0 <= one.changes["c"] <= 100.0


@pytest.mark.parametrize("levels_of_grid", [4, 6, 8])
@pytest.mark.parametrize("count", [2, 3, 5, 11])
def test_every_step_of_a_morris_trajectory_changes_a_level(count: int, levels_of_grid: int) -> None:
    made = study(
        levers=({"key": "a", "levels": tuple(range(count))}, {"key": "b", "low": 0.0, "high": 1.0}),
        design={"method": "morris", "trajectories": 10, "grid_levels": levels_of_grid},
    )
    points = [one.changes for one in lay_out(made).points]
    for start in range(0, len(points), 3):
        walk = points[start : start + 3]
        assert sum(one["a"] != other["a"] for one, other in itertools.pairwise(walk)) == 1


@given(st.floats(1e-6, 1e6), st.floats(1.001, 1e6), st.sampled_from(["linear", "log"]))
def test_a_range_is_covered_in_order_with_its_exact_ends(
    low: float, factor: float, scale: Any
) -> None:
    lever = Lever(key="a", low=low, high=low * factor, steps=7, scale=scale)
    values = values_of(lever, Bounds())
    assert (values[0], values[-1]) == (low, low * factor)
    assert list(values) == sorted(values)  # type: ignore[type-var]
    drawn = [value_at(lever, place, Bounds()) for place in (0.0, 0.3, 0.9, 1.0)]
    assert drawn == sorted(drawn)  # type: ignore[type-var]
    assert (drawn[0], drawn[-1]) == (low, low * factor)


def test_drawn_whole_numbers_are_equally_likely() -> None:
    lever = Lever(key="a", low=1, high=4)
    places = (np.arange(4000) + 0.5) / 4000
    counts = Counter(value_at(lever, float(one), Bounds(whole=True)) for one in places)
    assert counts == {1: 1000, 2: 1000, 3: 1000, 4: 1000}


def test_steps_of_tenths_are_tenths() -> None:
    lever = Lever(key="a", low=0.0, high=1.0, steps=11)
    assert values_of(lever, Bounds()) == (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1)


@given(st.sampled_from(["0.1", "0.25", "0.2"]))
def test_the_base_is_the_scenarios_own_value_where_it_is_a_level(own: str) -> None:
    from experiments.studies.loading import LoadedStudy, find_study, load_study

    loaded = load_study(find_study("smoke"), try_points=False)
    key = loaded.study.levers[0].key
    free = loaded.study.levers[0].model_copy(update={"base": None})
    base = override(loaded.base, [f"{key}={own}"])
    other = LoadedStudy(
        loaded.study.model_copy(update={"levers": (free,)}),
        loaded.path,
        base,
        loaded.folder,
        loaded.layout,
        (),
    )
    assert other.base_setting == {"0.1": 1, "0.2": 2}.get(own, 0)
