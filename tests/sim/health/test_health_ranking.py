"""Indicators of recommendation in a small world."""

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.event_tables import Source
from sim.health import find
from sim.health.recommendation import exposure, sampled_sessions
from sim.settings.health import HealthSettings

Order = Callable[..., Any]
SECOND = 1 / math.log2(3)
THIRD = 1 / math.log2(4)


def value(market: SimpleNamespace, name: str) -> float:
    return find(name).measure(market)


def show(market: SimpleNamespace, slate: list[list[int]], results: list[list[int]]) -> None:
    today, count = market.today, len(slate)
    today.session_consumer = np.arange(count)
    today.session_line = np.zeros(count, dtype=int)
    today.session_category = np.zeros(count, dtype=int)
    today.slate, today.results = np.array(slate), np.array(results)
    today.exposure = None


def test_the_best_order_by_hidden_truth_has_ndcg_1(market: SimpleNamespace) -> None:
    market.listings.quality = np.array([0.1, 0.9, 0.5, 0.2, 0.3, 0.4])
    show(market, [[1, 2, 5, 4, 3, 0]], [[-1]])
    assert value(market, "ndcg") == pytest.approx(1.0)
    show(market, [[0, 3, 4, 5, 2, 1]], [[-1]])
    assert 0.0 < value(market, "ndcg") < 0.9


def test_ndcg_by_hand(market: SimpleNamespace) -> None:
    # Gains exp(2 (quality - .5)) of listings 0 and 1 differ by a factor e; all else is gone.
    market.listings.quality = np.array([0.0, 0.5, 0.5, 0.5, 0.5, 0.5])
    market.listings.stock[2:] = 0
    show(market, [[0, 1]], [[-1, -1]])
    e = math.e
    assert value(market, "ndcg") == pytest.approx((1 + e * SECOND) / (e + SECOND))
    show(market, [[-1, 1]], [[-1, -1]])
    assert value(market, "ndcg") == pytest.approx(e * SECOND / (e + SECOND))


def test_ndcg_looks_at_taste_and_price_and_not_at_ratings(market: SimpleNamespace) -> None:
    listings = market.listings
    listings.attributes = np.array([[1.0, 0.0], [0.0, 1.0]] + [[0.0, 1.0]] * 4)
    listings.rating_sum[1], listings.rating_count[1] = 500, 100

    def better_first() -> bool:
        """Whether listing 0 before listing 1 is the better slate."""
        scores = []
        for slate in ([0, 1], [1, 0]):
            show(market, [slate], [[-1, -1]])
            scores.append(value(market, "ndcg"))
        return scores[0] > scores[1]

    assert better_first()
    listings.price[0] = 5000
    assert not better_first()


def test_what_sold_out_after_it_was_shown_still_counts(market: SimpleNamespace) -> None:
    show(market, [[0, 1]], [[-1, -1]])
    before = value(market, "ndcg")
    market.listings.stock[0] = 0
    assert value(market, "ndcg") == pytest.approx(before)


def test_sessions_without_a_slate_are_left_out(market: SimpleNamespace) -> None:
    show(market, [[-1, -1]], [[0, 1]])
    assert math.isnan(value(market, "ndcg"))
    assert math.isnan(value(market, "slate_conversion"))


def test_slates_stand_below_search_results(market: SimpleNamespace) -> None:
    show(market, [[0, 1, -1], [0, -1, 2]], [[-1, -1], [3, -1]])
    expected = [1.0 + SECOND, SECOND, 1 / math.log2(5), 1.0, 0.0, 0.0]
    assert exposure(market) == pytest.approx(expected)


def test_two_equal_listings_get_1_and_6309(market: SimpleNamespace) -> None:
    show(market, [[0, 1]], [[-1, -1]])
    assert exposure(market)[:2] == pytest.approx([1.0, 0.6309], abs=5e-5)


def test_fairness_of_exposure_for_small_merchants(market: SimpleNamespace) -> None:
    market.books.size[:] = [0, 2, 2]  # listings 0 and 3 are a small merchant's
    show(market, [[0, 1, 2]], [[-1]])
    expected = 1.0 / (1.0 + SECOND + THIRD) / (2 / 6)
    assert value(market, "small_merchant_exposure") == pytest.approx(expected)
    assert value(market, "coverage") == 0.5
    assert value(market, "exposure_gini") > 0.5


def test_the_tail_is_all_but_the_best_selling_tenth(market: SimpleNamespace, order: Order) -> None:
    market.listings.units_sold[:] = [1, 9, 1, 1, 1, 1]
    show(market, [[1, 0, 2]], [[-1]])
    order(market, [1, 0], quantity=[3, 1])
    assert value(market, "tail_share") == 0.25
    assert value(market, "tail_coverage") == pytest.approx(2 / 5)


def test_homogenisation_compares_slates_of_one_category(market: SimpleNamespace) -> None:
    show(market, [[0, 1], [0, 1], [2, 3]], [[-1]] * 3)
    assert value(market, "homogenisation") == pytest.approx(1 / 3)
    market.today.session_category = np.array([0, 0, 1])
    assert value(market, "homogenisation") == pytest.approx(1.0)


def test_orders_from_slates(market: SimpleNamespace, order: Order) -> None:
    show(market, [[0, 1]] * 4, [[-1]] * 4)
    order(market, [0, 1, 2], source=[Source.SLATE, Source.SEARCH, Source.REPEAT])
    assert value(market, "slate_share") == pytest.approx(1 / 3)
    assert value(market, "slate_conversion") == 0.25


def test_the_sample_follows_the_consumers_whatever_the_order(market: SimpleNamespace) -> None:
    market.settings.health = HealthSettings(sample_sessions=10)
    show(market, [[0]] * 30, [[-1]] * 30)
    first = set(market.today.session_consumer[sampled_sessions(market)].tolist())
    market.today.session_consumer = market.today.session_consumer[::-1].copy()
    again = set(market.today.session_consumer[sampled_sessions(market)].tolist())
    assert first == again
    assert len(first) == 10
