"""Measures of power laws, concentration and repetition, against cases known by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.stylised_facts import (
    pareto_exponent,
    repeat_share,
    repeated,
    top_share,
    zipf_exponent,
)


@pytest.mark.parametrize("exponent", [0.6, 1.0, 1.4])
def test_sales_that_follow_zipfs_law_give_its_exponent(exponent: float) -> None:
    sales = 1e6 * np.arange(1, 2001) ** -exponent
    assert zipf_exponent(sales) == pytest.approx(exponent, abs=0.02)


def test_a_pareto_sample_gives_its_index_within_three_standard_errors() -> None:
    sample = (1.0 - np.random.default_rng(5).random(4000)) ** (-1.0 / 1.5)
    fit = pareto_exponent(sample)
    assert abs(fit.exponent - 1.5) < 3 * fit.standard_error
    assert fit.standard_error == pytest.approx(fit.exponent * (2 / 4000) ** 0.5)


def test_rank_minus_a_half_by_hand() -> None:
    # Two sizes e and 1: log rank falls from log 1.5 to log 0.5 while log size rises by 1.
    assert pareto_exponent([np.e, 1.0]).exponent == pytest.approx(np.log(3.0))


def test_listings_without_sales_and_small_ones_can_be_left_out() -> None:
    best_sellers = 1e4 / np.arange(1, 101)
    sales = np.r_[np.zeros(50), np.full(400, 1.0), best_sellers]
    assert zipf_exponent(sales, largest=100) == zipf_exponent(best_sellers)
    assert zipf_exponent(sales) == zipf_exponent(sales[50:])


@pytest.mark.parametrize("sizes", [[], [3.0], [2.0, 2.0], [0.0, 0.0, 1.0]])
def test_no_power_law_is_fitted_to_equal_sizes(sizes: list[float]) -> None:
    with pytest.raises(ValueError, match="two different sizes"):
        pareto_exponent(sizes)


def test_top_share_by_hand() -> None:
    assert top_share([1, 2, 3, 4], fraction=0.5) == pytest.approx(0.7)
    assert top_share(np.ones(100), fraction=0.1) == pytest.approx(0.1)
    assert np.isnan(top_share([0, 0]))


def test_only_what_was_bought_on_an_earlier_day_is_a_repeat() -> None:
    consumer = np.array([0, 0, 0, 1, 1, 0])
    listing = np.array([5, 5, 6, 5, 5, 5])
    day = np.array([2, 2, 2, 1, 9, 4])
    assert repeated(consumer, listing, day).tolist() == [False, False, False, False, True, True]
    # First days are days 2 and 1; of the two purchases after them both repeat.
    assert repeat_share(consumer, listing, day) == 1.0


def test_repeat_share_is_unknown_when_nobody_came_back() -> None:
    assert np.isnan(repeat_share(np.array([0, 1]), np.array([0, 0]), np.array([0, 5])))


purchases = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 6)), min_size=1, max_size=40
)


@given(purchases, st.randoms(use_true_random=False))
def test_repeats_do_not_depend_on_the_order_of_the_records(rows: list, random: object) -> None:
    def marks(records: list) -> dict:
        columns = np.array(records).T
        marked = repeated(*columns)
        return {record: bool(mark) for record, mark in zip(records, marked, strict=True)}

    shuffled = list(rows)
    random.shuffle(shuffled)
    assert marks(rows) == marks(shuffled)
