"""Morris's elementary effects: exact where they are known, and told from luck."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from SALib.analyze import morris as salib
from studied import Values, studied

from experiments.sensitivity.asking import SensitivityError
from experiments.sensitivity.morris import ElementaryEffects, elementary_effects, morris
from experiments.studies.points import problem_of, sample
from experiments.studies.schema import Morris

KEYS = ("a", "b", "c", "d")
FACTORS = [{"key": key, "low": 0.0, "high": 2.0} for key in KEYS]
DESIGN = {"method": "morris", "trajectories": 20}
UNIT = sample(Morris(method="morris", trajectories=20), 4)


def linear_with_interaction(x: Values, *_: int) -> float:
    """Over the ranges: a does 6, b -2 with c's -2 .. 2 on top, d nothing."""
    return float(3 * x["a"] - x["b"] + (x["b"] - 1) * (x["c"] - 1))


def of(name: str, found: ElementaryEffects) -> np.ndarray:
    return np.array([one.value for one in getattr(found, name)])


def test_effects_of_a_linear_factor_are_exact_and_of_an_interaction_spread() -> None:
    found = morris(studied(linear_with_interaction, levers=FACTORS[:1], uncertainties=FACTORS[1:],
                           design=DESIGN))  # fmt: skip
    assert of("mu_star", found)[[0, 3]] == pytest.approx([6.0, 0.0], abs=1e-9)
    assert of("mu", found)[0] == pytest.approx(6.0)
    assert of("sigma", found)[[0, 3]] == pytest.approx([0.0, 0.0], abs=1e-9)
    assert (of("sigma", found)[1:3] > 0.5).all()
    assert np.isnan(found.noise_floor).all()
    assert found.above_noise == [None] * 4


def test_measures_are_salibs_of_the_means() -> None:
    values = np.random.default_rng(1).standard_normal((len(UNIT), 3))
    found = elementary_effects(UNIT, values, KEYS)
    theirs = salib.analyze(problem_of(KEYS), UNIT, values.mean(axis=1), num_levels=4, seed=1)
    for name in ("mu", "mu_star", "sigma"):
        assert of(name, found) == pytest.approx(np.asarray(theirs[name], float))


def test_common_luck_does_not_touch_effects() -> None:
    def outcome(x: Values, point: int, replication: int) -> float:
        return linear_with_interaction(x) + 50.0 * replication

    found = morris(studied(outcome, 3, uncertainties=FACTORS, design=DESIGN))
    assert found.noise_share.tolist() == [0.0] * 4
    assert found.above_noise == [True, True, True, False]
    assert found.noise.of_means.value == 0.0


def test_effects_of_a_factor_that_does_nothing_are_at_the_noise_floor() -> None:
    rng = np.random.default_rng(3)

    def outcome(x: Values, *_: int) -> float:
        return linear_with_interaction(x) + float(rng.standard_normal())

    design = {"method": "morris", "trajectories": 60}
    found = morris(studied(outcome, 5, uncertainties=FACTORS, design=design))
    assert found.above_noise == [True, True, True, False]
    assert of("mu_star", found)[3] == pytest.approx(found.noise_floor[3], rel=0.2)
    # An effect is a difference of two means of five, over two thirds of the range.
    assert found.noise_floor == pytest.approx(
        np.full(4, (2 / np.pi * 2 / 5 * 2.25) ** 0.5), rel=0.2
    )
    assert found.noise_share[3] > 0.7
    assert found.sigma_without_noise[0] < of("sigma", found)[0]
    assert int(of("mu_star", found).argmax()) == 0
    ends = found.mu[0]
    assert ends.low < 6.0 < ends.high


def test_a_trajectory_with_a_point_that_failed_is_left_out_whole() -> None:
    values = np.random.default_rng(2).standard_normal((len(UNIT), 2))
    values[3] = np.nan
    found = elementary_effects(UNIT, values, KEYS)
    alone = elementary_effects(UNIT[5:], values[5:], KEYS)
    assert (found.trajectories, found.dropped) == (19, 1)
    assert of("mu", found) == pytest.approx(of("mu", alone))
    values[:85] = np.nan
    with pytest.raises(SensitivityError, match="only 3 of 20 trajectories are whole"):
        elementary_effects(UNIT, values, KEYS)


@settings(max_examples=25, deadline=None)
@given(st.floats(-1e3, 1e3), st.floats(0.1, 1e3))
def test_effects_are_in_the_outcomes_unit(add: float, by: float) -> None:
    values = np.random.default_rng(5).standard_normal((len(UNIT), 3)) + UNIT[:, :1]
    here = elementary_effects(UNIT, values, KEYS)
    there = elementary_effects(UNIT, add - by * values, KEYS)
    assert of("mu", there) == pytest.approx(-by * of("mu", here), rel=1e-6, abs=1e-6 * by)
    assert of("mu_star", there) == pytest.approx(by * of("mu_star", here), rel=1e-6)
    assert there.noise_share == pytest.approx(here.noise_share, rel=1e-6)
    assert there.above_noise == here.above_noise
