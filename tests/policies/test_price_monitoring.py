"""Detectors of abnormal prices: what counts as a move, and what does not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.monitoring.detectors import (
    KNOWN,
    MAX_DRIFT,
    MAX_RANGE,
    QUARTER,
    SPAN,
    hampel_score,
    price_drift,
    price_range,
    price_step,
    range_or_drift,
)
from policies.monitoring.episodes import Episodes
from policies.monitoring.kernel_change import kernel_change
from policies.monitoring.relative_prices import (
    PEERS,
    PriceWindow,
    medians,
    own_extremes,
    price_window,
    relative_extremes,
    relative_log_prices,
)

DAYS = 120


def still(n: int = 20, price: int = 1000) -> np.ndarray:
    """(121, n) prices that never move; the last row is today."""
    return np.full((DAYS + 1, n), price)


def window_of(prices: np.ndarray, category: np.ndarray | None = None) -> PriceWindow:
    kinds = np.zeros(prices.shape[1], int) if category is None else category
    return price_window(prices[:-1], prices[-1], kinds)


def all_rows(window: PriceWindow) -> np.ndarray:
    return np.arange(len(window.today))


def scores_of(prices: np.ndarray) -> np.ndarray:
    window = window_of(prices)
    return range_or_drift(window, all_rows(window))


def test_a_price_that_rises_alone_shows_its_rise_as_range() -> None:
    prices = still()
    prices[-10:, 3] = 1600
    window = window_of(prices)
    found = price_range(window, all_rows(window))
    assert found[3] == pytest.approx(np.log(1.6))
    assert (np.delete(found, 3) == 0).all()


def test_a_cost_that_the_whole_category_passes_on_is_no_move() -> None:
    prices = still()
    prices[-10:] = 2000
    assert (scores_of(prices) == 0).all()


def test_a_shop_that_stands_still_while_others_hold_a_sale_has_not_moved() -> None:
    prices = still()
    prices[-5:, 1:] = 500
    assert (scores_of(prices) == 0).all()


def test_a_category_does_not_hide_what_another_does() -> None:
    prices = still(40)
    prices[-10:, :20] = 2000
    prices[-10:, 25] = 2000
    window = window_of(prices, np.repeat([0, 1], 20))
    found = price_range(window, all_rows(window))
    assert np.flatnonzero(found).tolist() == [25]


def test_a_few_sellers_who_rise_together_do_not_move_their_category() -> None:
    prices = still()
    prices[-20:, :6] = 1600
    assert np.flatnonzero(scores_of(prices) > 1).tolist() == [0, 1, 2, 3, 4, 5]


def test_a_slow_rise_is_too_small_a_range_but_a_drift() -> None:
    prices = still()
    prices[-QUARTER:, 7] = np.rint(1000 * np.exp(np.linspace(0.0, 0.4, QUARTER)))
    window = window_of(prices)
    assert price_range(window, all_rows(window))[7] < MAX_RANGE
    drift = price_drift(window, all_rows(window))
    days_between = QUARTER - SPAN
    assert drift[7] == pytest.approx(0.4 * days_between / (QUARTER - 1), abs=1e-3)
    assert scores_of(prices)[7] == pytest.approx(drift[7] / MAX_DRIFT)


def test_a_drift_downwards_is_negative() -> None:
    prices = still()
    prices[-30:, 2] = 700
    window = window_of(prices)
    assert price_drift(window, np.array([2]))[0] == pytest.approx(np.log(0.7))


def test_a_promotion_shorter_than_a_week_is_no_drift() -> None:
    prices = still()
    prices[-6:, 2] = 700
    prices[-QUARTER : -QUARTER + 6, 3] = 700
    window = window_of(prices)
    assert (price_drift(window, all_rows(window)) == 0).all()


def test_a_price_that_follows_its_category_part_of_the_way_moves_by_the_smaller_part() -> None:
    prices = still()
    prices[-10:] = 2000
    prices[-10:, 4] = 2600
    window = window_of(prices)
    assert price_range(window, np.array([4]))[0] == pytest.approx(np.log(1.3))


def test_a_young_listing_has_a_range_and_no_drift() -> None:
    prices = still()
    prices[: -KNOWN - 3, 5] = 0
    prices[-2:, 5] = 1700
    window = window_of(prices)
    assert price_drift(window, np.array([5]))[0] == 0
    assert price_range(window, np.array([5]))[0] == pytest.approx(np.log(1.7))


def test_a_category_of_fewer_than_five_has_no_level_of_its_own() -> None:
    prices = still(4)
    prices[-10:] = 2000
    window = window_of(prices)
    assert price_range(window, all_rows(window)) == pytest.approx(np.full(4, np.log(2.0)))


def test_a_short_past_has_no_drift() -> None:
    window = price_window(np.full((30, 6), 100), np.full(6, 200), np.zeros(6, int))
    assert (price_drift(window, np.arange(6)) == 0).all()
    assert price_range(window, np.arange(6)).tolist() == [0.0] * 6


def test_a_step_is_the_change_since_yesterday_against_the_category() -> None:
    prices = still()
    prices[-1] = 1100
    prices[-1, 0] = 1210
    prices[-2, 1] = 0
    window = window_of(prices)
    step = price_step(window, all_rows(window))
    assert step[0] == pytest.approx(np.log(1.1))
    assert step[1:] == pytest.approx(np.zeros(19))


def test_hampel_counts_deviations_of_the_last_month() -> None:
    prices = still()
    prices[-31:-1, 0] = np.tile([980, 1020], 15)
    prices[-1, 0] = 1100
    window = window_of(prices)
    score = hampel_score(window, all_rows(window))
    middle = np.log(np.sqrt(0.98 * 1.02))
    spread = 1.4826 * np.log(1.02 / 0.98) / 2
    assert score[0] == pytest.approx((np.log(1.1) - middle) / spread)
    assert (score[1:] == 0).all()


def test_a_kernel_finds_two_regimes_where_there_are_two() -> None:
    prices = still(8)
    prices[-40:, 0] = 1500
    window = window_of(prices)
    gain = kernel_change(window, np.arange(8))
    regimes = 40, QUARTER + 1 - 40
    # Points of one regime are alike (kernel 1), those of two are not (0), up to ruptures' clipping.
    assert gain[0] == pytest.approx(2 * regimes[0] * regimes[1] / sum(regimes), rel=0.02)
    assert gain[1:] == pytest.approx(np.zeros(7), abs=0.02)


def test_where_there_are_many_peers_a_fixed_choice_of_them_sets_the_level() -> None:
    rng = np.random.default_rng(0)
    prices = np.rint(1000 * np.exp(rng.normal(0.0, 0.1, (DAYS + 1, 5 * PEERS)))).astype(int)
    window = window_of(prices)
    exact = np.median(prices[-1] / prices[-31])
    assert window.deflator[30, 0] == pytest.approx(exact, abs=4 * 1.25 * 0.14 / np.sqrt(PEERS))


prices_with_gaps = st.integers(0, 2**32 - 1).map(
    lambda seed: _random_prices(np.random.default_rng(seed))
)


def _random_prices(rng: np.random.Generator) -> np.ndarray:
    prices = np.rint(1000 * np.exp(rng.normal(0.0, 0.3, (DAYS + 1, 30)))).astype(np.int64)
    prices[rng.random(prices.shape) < rng.uniform(0.0, 0.5)] = 0
    return prices


@settings(deadline=None, max_examples=30)
@given(prices_with_gaps, st.integers(0, 2**16))
def test_kernels_agree_with_plain_arrays(prices: np.ndarray, seed: int) -> None:
    category = np.random.default_rng(seed).integers(0, 4, prices.shape[1])
    window = window_of(prices, category)
    offered = np.flatnonzero(window.today > 0)
    for age in (1, 29, 119):
        for kind in range(category.max() + 1):
            peers = offered[category[offered] == kind]
            peers = peers[prices[-1 - age, peers] > 0]
            level = np.median(prices[-1, peers] / prices[-1 - age, peers]) if len(peers) > 4 else 1
            assert window.deflator[age, kind] == pytest.approx(level)
    month = np.where(prices[-30:] > 0, prices[-30:], np.nan)
    known = np.isfinite(month).any(axis=0)
    plain = relative_log_prices(window, all_rows(window), 29)[:, known]
    low, high = relative_extremes(window, all_rows(window), 0, 29)
    assert np.log(low[known]) == pytest.approx(np.nanmin(plain, axis=0))
    assert np.log(high[known]) == pytest.approx(np.nanmax(plain, axis=0))
    for rows in (all_rows(window), np.arange(0, 30, 5)):  # whole days, and listings picked out
        low, high = own_extremes(window, rows, 0, 29)
        assert low[known[rows]] == pytest.approx(np.nanmin(month[:, rows[known[rows]]], axis=0))
        assert high[known[rows]] == pytest.approx(np.nanmax(month[:, rows[known[rows]]], axis=0))
        assert (high[~known[rows]] == 0).all()
    found = medians(window, all_rows(window), 0, 29)
    assert (found.known == np.isfinite(month).sum(axis=0)).all()
    assert found.own[known] == pytest.approx(np.nanmedian(month[:, known], axis=0))
    assert found.relative[known] == pytest.approx(np.nanmedian(np.exp(plain), axis=0))


@settings(deadline=None, max_examples=30)
@given(prices_with_gaps)
def test_leaving_small_moves_out_leaves_the_others_as_they_are(prices: np.ndarray) -> None:
    window = window_of(prices)
    exact = price_range(window, all_rows(window))
    fast = price_range(window, all_rows(window), least=MAX_RANGE)
    assert (fast[exact > MAX_RANGE] == exact[exact > MAX_RANGE]).all()
    assert (fast <= exact).all()
    exact = price_drift(window, all_rows(window))
    fast = price_drift(window, all_rows(window), least=MAX_DRIFT)
    large = np.abs(exact) > MAX_DRIFT
    assert (fast[large] == exact[large]).all()


def test_an_abnormal_state_that_goes_on_is_one_episode() -> None:
    episodes, rows = Episodes(), np.array([4])
    alarms = [True, True, False, True, False, False, False, True]
    begun = [
        bool(episodes.begun(rows, np.array([alarm]), day, quiet_days=2)[0])
        for day, alarm in enumerate(alarms)
    ]
    assert begun == [True, False, False, False, False, False, False, True]
