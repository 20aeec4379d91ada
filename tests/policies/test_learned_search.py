"""The learned search, on logs with planted tastes and in a market."""

from typing import Any

import numpy as np
import pytest
from logged import log_day
from quiet_markets import SELDOM, founded

from policies.observations import (
    AMONG_RESULTS,
    InteractionLog,
    LearningObservation,
    ListingsView,
    SearchObservation,
    SessionsView,
)
from policies.search.bm25 import BM25Search
from policies.search.learned import LearnedSearch
from sim.platform_log import PlatformLog

LISTINGS, PLACES = 40, 10
QUERIES = ("lamp", "chair", "nothing like it")
KIND = np.arange(LISTINGS) // 2 % 2
DAYS = 7


def listings(**changes: Any) -> ListingsView:
    """Lamps and chairs in turn, two kinds of each, which only pictures show."""
    columns: dict[str, Any] = {
        "title": tuple(f"{'chair' if n % 2 else 'lamp'} number{n}" for n in range(LISTINGS)),
        "description": ("",) * LISTINGS,
        "merchant": np.zeros(LISTINGS, dtype=int),
        "merchant_size": np.zeros(LISTINGS, dtype=int),
        "category": np.arange(LISTINGS) % 2,
        "category_names": ("lamps", "chairs"),
        "category_reference_price": np.full(2, 1000),
        "price": np.full(LISTINGS, 1000),
        "checkout_price": np.full(LISTINGS, 1000),
        "list_price": np.full(LISTINGS, 1000),
        "on_sale": np.ones(LISTINGS, dtype=bool),
        "rating_mean": np.full(LISTINGS, 4.0),
        "rating_count": np.full(LISTINGS, 3),
        "sold_recently": np.zeros(LISTINGS),
        "complaints_recently": np.zeros(LISTINGS),
        "returns_recently": np.zeros(LISTINGS),
        "age_days": np.full(LISTINGS, 50),
        "image": np.column_stack([KIND == 0, KIND == 1]).astype(np.float32),
        "delivery_minutes": np.full(LISTINGS, np.nan),
    }
    return ListingsView(**{**columns, **changes})


def taught(policy: LearnedSearch, days: int = DAYS) -> Any:
    """A week in which even visitors click the first kind alone, odd ones the other."""
    rng = np.random.default_rng(1)
    log, report = PlatformLog(), None
    for day in range(days):
        visitor = rng.integers(0, 60, 80)
        query = rng.integers(0, 2, 80)
        page = np.stack([rng.permutation(LISTINGS // 2)[:6] * 2 + one for one in query])
        clicked = (KIND[page] == visitor[:, None] % 2) & (rng.random(page.shape) < 0.7)
        log.record(
            log_day(
                day,
                listing=page.ravel(),
                session=np.repeat(np.arange(80), 6),
                visitor=np.repeat(visitor, 6),
                surface=np.full(page.size, AMONG_RESULTS),
                position=np.tile(np.arange(6), 80),
                query=np.repeat(query, 6),
                clicked=clicked.ravel(),
            )
        )
        report = policy.learn(LearningObservation(day, 1, log.view(QUERIES), listings()))
    return report


def found(policy: Any, visitor: list[int], query: list[int], **changes: Any) -> np.ndarray:
    count = len(visitor)
    sessions = SessionsView(
        visitor=np.array(visitor),
        category=np.zeros(count, dtype=int),
        minute=np.zeros(count),
        orders_before=np.zeros(count, dtype=int),
        query=np.array(query),
        queries=QUERIES,
    )
    return policy.search(SearchObservation(DAYS, sessions, listings(**changes), PLACES))


def learned(**params: Any) -> LearnedSearch:
    return LearnedSearch(LearnedSearch.Params(name="learned", epochs=30, **params))


def test_before_the_first_training_the_text_match_decides() -> None:
    plain = BM25Search(BM25Search.Params(name="bm25"))
    policy = learned()
    taught(policy, days=3)
    asked = ([1, 2, 3, 4], [0, 1, 2, -1])
    np.testing.assert_array_equal(found(policy, *asked), found(plain, *asked))


def test_everyone_is_shown_what_she_likes_among_what_matches() -> None:
    policy = learned()
    report = taught(policy)
    shown = found(policy, [0, 1, 2, 5, 5], [0, 0, 1, 1, -1])
    assert (shown[:2] % 2 == 0).all()
    assert (shown[2:4] % 2 == 1).all()
    assert (shown[4] == -1).all()
    wanted = np.array([0, 1, 0, 1])
    assert (KIND[shown[:4]] == wanted[:, None]).mean() > 0.9
    assert report.metrics["ndcg"] > report.metrics["ndcg_as_shown"] + 0.1
    assert report.metrics["recall"] > 0.75
    assert report.metrics["examples"] > 200


def test_without_persons_all_who_type_the_same_are_shown_the_same() -> None:
    policy = learned(personal=False)
    taught(policy)
    shown = found(policy, [0, 1, 999], [0, 0, 0])
    assert (shown == shown[0]).all()


def test_what_is_off_sale_is_not_shown_and_what_is_new_can_be() -> None:
    policy = learned()
    taught(policy)
    gone = np.ones(LISTINGS, dtype=bool)
    gone[found(policy, [0], [0])[0, 0]] = False
    assert gone[found(policy, [0], [0], on_sale=gone)[0]].all()
    one_more = {
        name: np.concatenate([value, value[:1]])
        for name, value in ((f, getattr(listings(), f)) for f in ListingsView.__dataclass_fields__)
        if isinstance(value, np.ndarray) and len(value) == LISTINGS
    }
    one_more["title"] = (*listings().title, "lamp brandnew")
    one_more["description"] = ("",) * (LISTINGS + 1)
    few = np.arange(LISTINGS + 1) >= LISTINGS - 4
    shown = found(policy, [0], [0], **(one_more | {"on_sale": few}))[0]
    assert sorted(shown[shown >= 0]) == [LISTINGS - 4, LISTINGS - 2, LISTINGS]


def test_a_log_without_searches_teaches_nothing() -> None:
    policy = learned()
    log = PlatformLog()
    log.record(log_day(6, listing=np.arange(10), bought=np.ones(10, bool)))
    assert policy.learn(LearningObservation(6, 1, log.view(QUERIES), listings())) is None
    empty: InteractionLog = PlatformLog().view(QUERIES)
    assert policy.learn(LearningObservation(13, 1, empty, listings())) is None


def test_without_lightgbm_the_boosted_ranker_is_refused_by_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"weal\[ranker\]"):
        learned(ranker="boosted")


@pytest.mark.slow
def test_it_beats_the_text_match_in_the_taste_of_those_who_search() -> None:
    """Paired by the seed: NDCG by true taste of results, after two weeks of learning."""

    def ndcg(search: str, seed: int) -> float:
        market = founded(
            SELDOM,
            f"seed={seed}",
            "couriers.count=0",
            "commerce.population.visits_per_day=0.5",
            f'policies.search.name="{search}"',
        )
        told = []
        for _ in range(28):
            market.step()
            told.append(market.health.latest()["search_ndcg"])
        return float(np.mean(told[14:]))

    gains = [ndcg("learned", seed) - ndcg("bm25", seed) for seed in range(1, 5)]
    assert min(gains) > 0
    assert np.mean(gains) > 2.5 * np.std(gains, ddof=1) / 2.0
