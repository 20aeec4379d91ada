import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.streams import Streams, gumbel_at, poisson_from_uniform, rows_below, uniform_at


def test_draws_are_uniform_over_rows_and_over_days() -> None:
    streams = Streams(1)
    by_row = streams.uniform("visit", 3, np.arange(50_000))
    by_day = np.array([streams.uniform("visit", day, 17) for day in range(5_000)])
    by_column = streams.uniform("visit", 3, 17, np.arange(50_000))
    for draws in (by_row, by_day, by_column):
        assert stats.kstest(draws, "uniform").pvalue > 1e-3
        assert draws.min() > 0
        assert draws.max() < 1


def test_streams_of_other_purposes_seeds_and_days_are_unrelated() -> None:
    rows = np.arange(20_000)
    base = Streams(1).uniform("visit", 3, rows)
    for other in (
        Streams(2).uniform("visit", 3, rows),
        Streams(1).uniform("taste", 3, rows),
        Streams(1).uniform("visit", 4, rows),
        Streams(1).uniform("visit", 3, rows, 1),
    ):
        assert abs(np.corrcoef(base, other)[0, 1]) < 0.03


@given(st.integers(0, 2**31), st.lists(st.integers(0, 10**7), min_size=1, max_size=20))
def test_a_row_draws_the_same_whoever_else_draws(seed: int, rows: list[int]) -> None:
    streams = Streams(seed)
    together = streams.uniform("visit", 40, rows)
    alone = [float(streams.uniform("visit", 40, row)) for row in rows]
    assert together.tolist() == alone


def test_kernels_draw_what_streams_draw() -> None:
    streams = Streams(9)
    key = streams.key("taste", 5)
    expected = streams.uniform("taste", 5, [3, 3, 800], [0, 7, 2])
    drawn = [uniform_at(key, 3, 0), uniform_at(key, 3, 7), uniform_at(key, 800, 2)]
    assert drawn == expected.tolist()
    gumbel = np.array([gumbel_at(key, row, 1) for row in range(20_000)])
    assert stats.kstest(gumbel, "gumbel_r").pvalue > 1e-3


def test_normal_draws_are_normal() -> None:
    draws = Streams(3).normal("noise", 0, np.arange(20_000))
    assert stats.kstest(draws, "norm").pvalue > 1e-3


@pytest.mark.parametrize("mean", [0.0, 0.3, 4.0, 12.0])
def test_counts_are_poisson(mean: float) -> None:
    u = Streams(4).uniform("lines", 0, np.arange(40_000))
    count = poisson_from_uniform(u, np.full(40_000, mean))
    assert count.mean() == pytest.approx(mean, abs=0.06)
    assert count.var() == pytest.approx(mean, rel=0.05, abs=0.01)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="seed must be >= 0"):
        Streams(-1)


def test_rows_below_a_bound_are_those_whose_draws_are() -> None:
    streams = Streams(5)
    bound = streams.uniform("bound", 0, np.arange(10_000)) * 0.2
    found = rows_below(streams.key("visit", 3), bound)
    draws = streams.uniform("visit", 3, np.arange(10_000))
    assert np.array_equal(found, np.flatnonzero(draws < bound))
    assert len(found) > 0
