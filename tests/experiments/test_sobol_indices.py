"""Sobol indices and the share of noise: against closed forms, through the designs of studies."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studied import ISHIGAMI, Values, ishigami, studied

from experiments.sensitivity.asking import SensitivityError
from experiments.sensitivity.noise import noise_of
from experiments.sensitivity.sobol import SobolIndices, sobol, sobol_indices
from experiments.studies.results import StudyResults

FIRST = np.array([0.3139, 0.4424, 0.0])
TOTAL = np.array([0.5576, 0.4424, 0.2437])
"""Of Ishigami's function with a = 7, b = 0.1, whose variance is 13.8446."""


def with_luck(
    own: float, common: float, replications: int, samples: int, seed: int = 1, **design: Any
) -> StudyResults:
    """Ishigami's function with normal luck, of a run's own and common to all points."""
    rng = np.random.default_rng(seed)
    shared = common * rng.standard_normal(replications)
    return studied(
        lambda x, _, r: ishigami(x) + shared[r] + own * float(rng.standard_normal()),
        replications,
        uncertainties=ISHIGAMI,
        design={"method": "sobol", "samples": samples} | design,
    )


def firsts(found: SobolIndices) -> np.ndarray:
    return np.array([one.value for one in found.first])


def totals(found: SobolIndices) -> np.ndarray:
    return np.array([one.value for one in found.total])


@pytest.fixture(scope="module")
def exact() -> SobolIndices:
    return sobol(with_luck(0.0, 0.0, 2, 1024, second_order=True))


def test_ishigamis_indices_are_within_three_hundredths(exact: SobolIndices) -> None:
    assert firsts(exact) == pytest.approx(FIRST, abs=0.03)
    assert totals(exact) == pytest.approx(TOTAL, abs=0.03)
    assert exact.second[0, 2].value == pytest.approx(0.2437, abs=0.03)
    assert exact.second[0, 1].value == pytest.approx(0.0, abs=0.03)


def test_without_luck_the_indices_are_salibs_and_the_share_of_noise_is_zero(
    exact: SobolIndices,
) -> None:
    assert firsts(exact) == pytest.approx(exact.first_of_means, abs=1e-12)
    assert totals(exact) == pytest.approx(exact.total_of_means, abs=1e-12)
    assert (exact.noise.of_runs, exact.noise.of_means.value) == (0.0, 0.0)
    # SALib's interval is of the same points; ours is resampled with other draws.
    width = np.array([one.high - one.value for one in exact.first])
    assert width == pytest.approx(exact.first_half_width, rel=0.2)


def test_luck_biases_the_indices_of_means_but_not_those_of_the_expected_outcome() -> None:
    """Own variance 20 in five replications: 4 of 17.8 in the means' variance."""
    found = [sobol(with_luck(20**0.5, 3.0, 5, 256, seed)) for seed in range(8)]
    assert np.mean([firsts(one) for one in found], axis=0) == pytest.approx(FIRST, abs=0.04)
    assert np.mean([totals(one) for one in found], axis=0) == pytest.approx(TOTAL, abs=0.04)
    means = np.mean([one.total_of_means for one in found], axis=0)
    assert means == pytest.approx((TOTAL * 13.8446 + 4.0) / 17.8446, abs=0.04)
    assert means[2] > TOTAL[2] + 0.1


def test_the_share_of_noise_is_that_of_the_variances() -> None:
    noise = sobol(with_luck(3.0, 2.0, 40, 256)).noise
    assert noise.of_means.value == pytest.approx(9 / 40 / (13.8446 + 9 / 40), rel=0.15)
    assert noise.of_means.low < noise.of_means.value < noise.of_means.high
    assert noise.own_variance == pytest.approx(9.0, rel=0.1)
    assert noise.of_runs == pytest.approx(13.0 / (13.8446 + 13.0), abs=0.06)
    assert 0.0 < noise.common < noise.of_runs


def test_intervals_hold_the_truth_with_luck_and_choice_of_points() -> None:
    held = []
    for seed in range(20):
        found = sobol(with_luck(3.0, 2.0, 4, 64, 100 + seed))
        for truth, ends in ((FIRST, found.first), (TOTAL, found.total)):
            held += [one.low <= t <= one.high for t, one in zip(truth, ends, strict=True)]
    assert np.mean(held) >= 0.92


def test_pure_luck_is_all_noise_and_no_index_is_told() -> None:
    rng = np.random.default_rng(2)
    found = sobol_indices(rng.standard_normal((64 * 5, 6)), ("a", "b", "c"))
    assert found.noise.of_means.value > 0.7
    assert found.noise.of_runs > 0.9
    assert found.noise.is_all
    assert np.isnan(firsts(found)).all()


def test_an_outcome_that_never_changes_has_no_indices() -> None:
    luck = np.arange(4.0)
    found = sobol_indices(7.0 + np.zeros((80, 1)) + luck, ("a", "b", "c"))
    assert np.isnan(firsts(found)).all()
    assert np.isnan(found.first_of_means).all()


def test_a_factor_that_no_agent_feels_has_a_total_index_of_exactly_zero() -> None:
    """Luck of a point's own is then a function of the other factors: the same in both runs."""

    def outcome(x: Values, _: int, replication: int) -> float:
        felt = round(1e6 * float(x["x1"]))
        return ishigami(dict(x) | {"x3": 0.0, "x2": 0.0}) + float(
            np.random.default_rng([abs(felt), replication]).standard_normal()
        )

    design = {"method": "sobol", "samples": 32}
    found = sobol(studied(outcome, 4, uncertainties=ISHIGAMI, design=design))
    assert totals(found)[1:].tolist() == [0.0, 0.0]


def test_sobols_g_function() -> None:
    a = np.array([0.0, 1.0, 4.5, 9.0])
    partial = 1.0 / (3.0 * (1.0 + a) ** 2)
    variance = float(np.prod(1.0 + partial) - 1.0)
    factors = [{"key": f"g{one}", "low": 0.0, "high": 1.0} for one in range(4)]

    def outcome(x: Values, *_: int) -> float:
        u = np.array([x[f"g{one}"] for one in range(4)])
        return float(np.prod((np.abs(4 * u - 2) + a) / (1 + a)))

    found = sobol(studied(outcome, levers=factors, design={"method": "sobol", "samples": 1024}))
    others = np.prod(1.0 + partial) / (1.0 + partial)
    assert firsts(found) == pytest.approx(partial / variance, abs=0.03)
    assert totals(found) == pytest.approx(partial * others / variance, abs=0.03)


@settings(max_examples=25, deadline=None)
@given(st.floats(-1e3, 1e3), st.floats(0.1, 1e3), st.booleans())
def test_indices_do_not_depend_on_the_outcomes_unit(add: float, by: float, turned: bool) -> None:
    by = -by if turned else by
    values = np.random.default_rng(4).standard_normal((16 * 4, 3))
    values += 3.0 * np.random.default_rng(5).standard_normal((64, 1))
    here, there = sobol_indices(values, ("a", "b")), sobol_indices(add + by * values, ("a", "b"))
    assert firsts(there) == pytest.approx(firsts(here), rel=1e-6, abs=1e-9)
    assert totals(there) == pytest.approx(totals(here), rel=1e-6, abs=1e-9)
    assert there.noise.of_means.value == pytest.approx(here.noise.of_means.value, rel=1e-6)
    assert there.noise.of_runs == pytest.approx(here.noise.of_runs, rel=1e-6)


def test_a_block_with_a_point_that_failed_is_left_out_whole() -> None:
    results = with_luck(1.0, 0.0, 3, 64)
    values = results.by_point("index")
    values[7] = np.nan  # of the second block
    values[11, 0] = np.nan  # one run of the third, which has two other replications
    found = sobol_indices(values, ("a", "b", "c"))
    assert (found.blocks, found.dropped) == (63, 1)
    assert np.isfinite(firsts(found)).all()


def test_too_few_whole_blocks_are_refused_in_words() -> None:
    values = np.full((8 * 5, 2), np.nan)
    values[:15] = 1.0
    with pytest.raises(SensitivityError, match="only 3 of 8 blocks are whole, and 4 are needed"):
        sobol_indices(values, ("a", "b", "c"))


def test_another_design_or_outcome_is_refused_in_words() -> None:
    latin = studied(
        lambda x, *_: ishigami(x),
        uncertainties=ISHIGAMI,
        design={"method": "latin_hypercube", "samples": 8},
    )
    with pytest.raises(SensitivityError, match=r'design\.method = "sobol", not'):
        sobol(latin)
    with pytest.raises(SensitivityError, match="did you mean index"):
        sobol(latin, "indx")


def test_with_one_replication_the_share_of_noise_is_unknown_and_indices_are_those_of_means() -> (
    None
):
    found = sobol(with_luck(0.0, 0.0, 1, 64))
    assert np.isnan(found.noise.of_means.value)
    assert firsts(found) == pytest.approx(found.first_of_means, abs=1e-12)


def test_missing_runs_do_not_turn_common_luck_into_noise() -> None:
    """Points that lack the lucky replication would pass for worse ones, if means were compared."""
    rng = np.random.default_rng(6)
    values = rng.standard_normal((50, 1)) + 10.0 * np.arange(5.0)
    values[rng.random(values.shape) < 0.3] = np.nan
    assert noise_of(values).of_means.value == 0.0
