"""Slates and search results: what may be shown, and in which order."""

from typing import Any

import numpy as np
import pytest
from catalogue_views import LISTINGS, listings, sessions

from policies.observations import (
    ListingsView,
    RecommendationObservation,
    SearchObservation,
)
from policies.recommendation.learned import LearnedRecommendation
from policies.recommendation.popularity import Popularity
from policies.recommendation.random import RandomRecommendation
from policies.repeats import drop_repeats
from policies.search.bm25 import BM25Search


def observed(seed: int = 1, places: int = 8, **changes: Any) -> RecommendationObservation:
    return RecommendationObservation(3, sessions(np.arange(30)), listings(**changes), places, seed)


def listings_of(answer: Any) -> np.ndarray:
    return np.asarray(getattr(answer, "listing", answer))


POLICIES = [
    RandomRecommendation(RandomRecommendation.Params(name="random")),
    Popularity(Popularity.Params(name="popularity")),
    LearnedRecommendation(LearnedRecommendation.Params(name="learned")),
]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_slates_hold_what_is_on_sale_in_the_category_once(policy: Any) -> None:
    seen = observed()
    slate = listings_of(policy.recommend(seen))
    assert slate.shape == (30, 8)
    for row, category in zip(slate, seen.sessions.category, strict=True):
        shown = row[row >= 0]
        assert len(set(shown.tolist())) == len(shown)
        assert seen.listings.on_sale[shown].all()
        assert (seen.listings.category[shown] == category).all()


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_an_empty_market_gives_empty_slates(policy: Any) -> None:
    slate = listings_of(policy.recommend(observed(on_sale=np.zeros(LISTINGS, dtype=bool))))
    assert (slate == -1).all()


def test_popularity_shows_what_sells_first() -> None:
    policy = Popularity(Popularity.Params(name="popularity", exploration=0.0))
    seen = observed()
    slate = policy.recommend(seen)[0]
    sold = seen.listings.sold_recently[slate[slate >= 0]]
    assert (np.diff(sold) < 0).all()


def test_exploration_draws_from_the_seed() -> None:
    policy = RandomRecommendation(RandomRecommendation.Params(name="random"))
    np.testing.assert_array_equal(policy.recommend(observed(5)), policy.recommend(observed(5)))
    assert not np.array_equal(policy.recommend(observed(5)), policy.recommend(observed(6)))


def test_a_second_showing_of_a_listing_leaves_its_place_empty() -> None:
    rng = np.random.default_rng(3)
    slate = rng.integers(-1, 6, size=(60, 8)).astype(np.int32)
    plainly = slate.copy()
    for place in range(1, 8):
        plainly[(plainly[:, :place] == plainly[:, [place]]).any(axis=1), place] = -1
    drop_repeats(slate)
    np.testing.assert_array_equal(slate, plainly)


def search(policy: BM25Search, query: list[int], day: int = 1, **changes: Any) -> np.ndarray:
    asked = np.array(query)
    return policy.search(
        SearchObservation(day, sessions(np.arange(len(asked)), asked), listings(**changes), 5)
    )


def test_search_finds_the_word_among_what_is_on_sale() -> None:
    policy = BM25Search(BM25Search.Params(name="bm25"))
    found = search(policy, [0, 1, -1, 2, 0])
    red = found[0][found[0] >= 0]
    assert len(red) > 0
    assert (red % 2 == 1).all()
    assert listings().on_sale[red].all()
    assert (found[1][found[1] >= 0] % 2 == 0).all()
    assert (found[2] == -1).all()
    assert (found[3] == -1).all()
    np.testing.assert_array_equal(found[0], found[4])


def test_what_sells_out_makes_room_for_the_next() -> None:
    policy = BM25Search(BM25Search.Params(name="bm25"))
    first = search(policy, [0], on_sale=np.ones(LISTINGS, dtype=bool))[0]
    without = np.ones(LISTINGS, dtype=bool)
    without[first[0]] = False
    second = search(policy, [0], on_sale=without)[0]
    np.testing.assert_array_equal(second[:4], first[1:])


def test_new_listings_are_found_after_the_index_is_rebuilt() -> None:
    policy = BM25Search(BM25Search.Params(name="bm25", reindex_days=3))
    search(policy, [2], day=1)
    titles = ("nothing like it", *listings().title[1:], "nothing like it")
    grown = {
        name: np.append(getattr(listings(), name), getattr(listings(), name)[-1:])
        for name in ListingsView.__dataclass_fields__
        if getattr(listings(), name) is not None
        and name not in {"title", "description", "category_names", "category_reference_price"}
    }
    grown |= {"title": titles, "description": ("",) * 61, "on_sale": np.ones(61, dtype=bool)}
    assert (search(policy, [2], day=2, **grown)[0] == -1).all()
    assert 60 in search(policy, [2], day=4, **grown)[0]
