"""Where listings stand among the others: kernels against plain loops, a market that grows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.running import resolve
from scenarios.build import build
from sim.market import Marketplace
from sim.merchants.market_position import (
    SIMILAR_GOODS,
    lowest_of_neighbours,
    lowest_of_others,
    lowest_price_of_others,
    lowest_price_of_similar_goods,
    median_price,
    open_rivals,
    pair_of,
)


def offers(seed: int, n: int = 40):
    rng = np.random.default_rng(seed)
    category = rng.integers(0, 4, n).astype(np.int32)
    return (
        category,
        rng.integers(0, 6, n).astype(np.int32),
        rng.integers(1, 30, n),
        rng.random(n) < 0.7,
        np.lexsort((rng.permutation(n), category)),
    )


@given(st.integers(0, 10**6))
def test_the_lowest_of_others_is_what_a_plain_search_finds(seed) -> None:
    category, merchant, price, offered, _ = offers(seed)
    found = lowest_of_others(category, merchant, price, offered, 4)
    for j in range(len(price)):
        others = offered & (category == category[j]) & (merchant != merchant[j])
        assert found[j] == (price[others].min() if others.any() else 0)


@given(st.integers(0, 10**6), st.integers(1, 5))
def test_the_lowest_of_neighbours_is_what_a_plain_search_finds(seed, reach) -> None:
    category, merchant, price, offered, order = offers(seed)
    found = lowest_of_neighbours(order, category, merchant, price, offered, reach)
    for place, j in enumerate(order.tolist()):
        left = [other for other in order[:place].tolist() if offered[other]][-reach:]
        right = [other for other in order[place + 1 :].tolist() if offered[other]][:reach]
        asked = [
            price[other]
            for other in left + right
            if category[other] == category[j] and merchant[other] != merchant[j]
        ]
        assert found[j] == min(asked, default=0)


def grown() -> Marketplace:
    scenario, folder = resolve("tiny", overrides=["events=[]", "merchants.entry_rate=0.3"])
    market = build(scenario, folder=folder)
    for _ in range(4):
        market.step()
    market.books.is_open[::5] = False
    return market


def test_in_a_market_that_has_grown_positions_are_those_of_its_open_shops() -> None:
    market = grown()
    listings, books = market.listings, market.books
    assert (listings.listed_on > 0).any()
    open_ = books.is_open[listings.merchant]
    rivals, lowest = open_rivals(market), lowest_price_of_others(market)
    similar, median = lowest_price_of_similar_goods(market), median_price(market)
    for j in range(len(listings)):
        in_category = open_ & (listings.category == listings.category[j])
        others = in_category & (listings.merchant != listings.merchant[j])
        assert rivals[j] == len(np.unique(listings.merchant[others]))
        in_stock = others & (listings.stock > 0)
        assert lowest[j] == (listings.price[in_stock].min() if in_stock.any() else 0)
        assert similar[j] == 0 or similar[j] >= lowest[j]
        prices = np.sort(listings.price[in_category])
        assert median[listings.category[j]] == prices[len(prices) // 2]


def test_similar_goods_are_those_that_opened_at_about_the_same_price() -> None:
    market = grown()
    listings, opening = market.listings, market.shelves.opening_price
    listings.price[:] = opening  # so that what is found tells whose price it is
    listings.stock[:] = 1
    market.books.is_open[:] = True
    found = lowest_price_of_similar_goods(market)
    for j in np.flatnonzero(found > 0).tolist():
        same = np.flatnonzero(listings.category == listings.category[j])
        between = np.sort(opening[same])
        place = np.searchsorted(between, opening[j])
        assert found[j] >= between[max(place - 2 * SIMILAR_GOODS, 0)]


def test_newcomers_goods_are_sorted_in_as_if_all_were_sorted_anew() -> None:
    market = grown()
    shelves, listings = market.shelves, market.listings
    assert len(shelves.opening_price) == len(listings)
    assert shelves.order.tolist() == np.lexsort((shelves.opening_price, listings.category)).tolist()
    assert shelves.pairs.tolist() == np.unique(pair_of(market)).tolist()


def test_without_open_shops_the_median_is_the_reference_price() -> None:
    market = grown()
    market.books.is_open[:] = False
    assert median_price(market).tolist() == market.reference_price.tolist()
    assert (open_rivals(market) == 0).all()
    assert lowest_price_of_others(market).tolist() == [0] * len(market.listings)


@pytest.mark.parametrize("lowest", [lowest_price_of_others, lowest_price_of_similar_goods])
def test_a_monopolist_has_nobody_to_compare_with(lowest) -> None:
    market = grown()
    market.listings.merchant[:] = 0
    market.books.is_open[:] = True
    assert (lowest(market) == 0).all()
