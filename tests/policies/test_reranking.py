"""Fair re-rankings: who is favoured, and what they are guaranteed."""

from typing import Any

import numpy as np
import pytest
from quiet_markets import SELDOM

from experiments.running import resolve
from models.fairness.exposure import group_exposure, item_exposure
from policies import registry
from policies.observations import ListingsView, RerankingObservation, SessionsView
from policies.reranking.equity_of_attention import EquityOfAttention
from policies.reranking.exposure_share import ExposureShare
from policies.reranking.groups import GroupParams, consumer_groups, in_group, utilities
from scenarios.build import build

LISTINGS, SESSIONS, PLACES, WIDTH = 40, 90, 4, 32
RNG = np.random.default_rng(8)
SMALL = np.arange(LISTINGS) % 4 == 0


def listings(**changes: Any) -> ListingsView:
    columns: dict[str, Any] = {
        "title": ("",) * LISTINGS,
        "description": ("",) * LISTINGS,
        "merchant": np.arange(LISTINGS) % 8,
        "merchant_size": np.where(SMALL, 0, 2),
        "category": np.zeros(LISTINGS, dtype=int),
        "category_names": ("all",),
        "category_reference_price": np.array([1000]),
        "price": np.full(LISTINGS, 1000),
        "checkout_price": np.full(LISTINGS, 1000),
        "list_price": np.full(LISTINGS, 1000),
        "on_sale": np.ones(LISTINGS, dtype=bool),
        "rating_mean": np.full(LISTINGS, 4.0),
        "rating_count": np.full(LISTINGS, 3),
        "sold_recently": np.where(SMALL, 1.0, 5.0),
        "complaints_recently": np.zeros(LISTINGS),
        "returns_recently": np.zeros(LISTINGS),
        "age_days": np.arange(LISTINGS),
    }
    return ListingsView(**{**columns, **changes})


def observation(**changes: Any) -> RerankingObservation:
    """Sessions of many tastes, for whom what small merchants sell comes last."""
    rng = np.random.default_rng(4)
    score = rng.random((SESSIONS, LISTINGS)) + 0.4 * ~SMALL
    candidates = np.argsort(-score, axis=1)[:, :WIDTH]
    columns: dict[str, Any] = {
        "day": 3,
        "sessions": SessionsView(
            visitor=np.arange(SESSIONS),
            category=np.zeros(SESSIONS, dtype=int),
            minute=np.zeros(SESSIONS),
            orders_before=np.arange(SESSIONS) % 9,
            query=np.full(SESSIONS, -1),
            queries=(),
        ),
        "listings": listings(),
        "slate_size": PLACES,
        "candidates": candidates,
        "scores": np.take_along_axis(score, candidates, axis=1),
        "exposure_recently": np.zeros(LISTINGS),
        "seed": 5,
    }
    return RerankingObservation(**{**columns, **changes})


def small_share(slates: np.ndarray) -> float:
    return group_exposure(item_exposure(slates, LISTINGS), SMALL).share


def share_policy(**params: Any) -> ExposureShare:
    return ExposureShare(ExposureShare.Params(name="exposure_share", **params))


def test_groups_of_listings_are_told_by_merchant_sales_and_age() -> None:
    def of(**params: Any) -> np.ndarray:
        return in_group(GroupParams(**params), listings(on_sale=np.arange(LISTINGS) < 20))

    assert (of() == SMALL).all()
    assert np.flatnonzero(of(group="new_listings", new_days=3)).tolist() == [0, 1, 2]
    tail = of(group="long_tail", head=0.75)
    assert np.flatnonzero(tail).tolist() == [0, 4, 8, 12, 16]


def test_groups_of_consumers_are_told_by_their_orders() -> None:
    sessions = observation().sessions
    assert consumer_groups(sessions)[:6].tolist() == [0, 1, 1, 1, 2, 2]


def test_utilities_run_from_a_sessions_best_to_its_last() -> None:
    seen = observation()
    worth = utilities(seen)
    assert worth[:, 0].tolist() == [1.0] * SESSIONS
    assert worth[:, -1].tolist() == [0.0] * SESSIONS
    by_place = utilities(observation(scores=None))
    assert (np.diff(by_place, axis=1) < 0).all()


def test_the_share_is_given_on_the_day() -> None:
    free = small_share(observation().candidates[:, :PLACES])
    assert free < 0.2
    slates = share_policy(share=0.3).rerank(observation())
    assert small_share(slates) == pytest.approx(0.3, abs=0.01)


def test_parity_and_merit_are_goals_too() -> None:
    parity = share_policy(goal="parity").rerank(observation())
    assert small_share(parity) == pytest.approx(0.25, abs=0.01)
    sold = np.where(SMALL, 12.0, 4.0)  # merit says: half of the exposure
    merit = share_policy(goal="merit").rerank(observation(listings=listings(sold_recently=sold)))
    assert small_share(merit) == pytest.approx(0.5, abs=0.01)


def test_over_weeks_what_was_missing_is_made_up_for() -> None:
    owed = np.where(SMALL, 0.0, 1.0)
    had = np.where(SMALL, 100.0, 0.0)
    policy = share_policy(share=0.2, over="weeks")
    more = small_share(policy.rerank(observation(exposure_recently=owed)))
    attention = float(item_exposure(observation().candidates[:, :PLACES], LISTINGS).sum())
    assert more == pytest.approx(0.2 * (30 + attention) / attention, abs=0.01)
    nothing_owed = policy.rerank(observation(exposure_recently=had))
    assert (nothing_owed == observation().candidates[:, :PLACES]).all()


def test_no_group_of_consumers_bears_it_alone() -> None:
    """Where regular buyers care least for what is favoured, it would be shown to the others."""
    seen = observation()
    group = consumer_groups(seen.sessions)
    scores = np.where(
        SMALL[seen.candidates] & (group == 2)[:, None], seen.scores - 5.0, seen.scores
    )
    seen = observation(scores=scores)
    together = share_policy(share=0.4).rerank(seen)
    each = share_policy(share=0.4, consumers="each_group").rerank(seen)
    assert small_share(together) == pytest.approx(small_share(each), abs=0.02)
    assert small_share(together[group == 2]) < small_share(together[group < 2]) - 0.2
    for part in range(3):
        assert small_share(each[group == part]) == pytest.approx(0.4, abs=0.04)


def test_equity_of_attention_pays_back_what_is_owed() -> None:
    """Two merchants' listings, as relevant, in an order that never changes by itself."""
    params = EquityOfAttention.Params(name="equity_of_attention", pace=1.0)
    rows, total = 20, np.zeros(LISTINGS)
    candidates = np.tile([1, 0, 3, 2], (rows, 1))
    scores = np.tile([1.0, 0.999, 0.5, 0.499], (rows, 1))
    view = listings(merchant=np.arange(LISTINGS) % 2)
    policy = EquityOfAttention(params)
    for _ in range(30):
        seen = observation(candidates=candidates, scores=scores, listings=view, slate_size=1)
        total += item_exposure(policy.rerank(seen), LISTINGS)
    even = total[view.merchant == 0].sum() / total.sum()
    assert even == pytest.approx(0.5, abs=0.1)
    assert total[0] + total[1] == total.sum()


@pytest.mark.parametrize("name", registry.names("reranking"))
def test_every_reranking_fills_slates_from_the_candidates(name: str) -> None:
    policy_class = registry.find("reranking", name)
    policy = policy_class(policy_class.Params(name=name))
    empty = np.full((1, WIDTH), -1)
    few = np.append([7, 4], np.full(WIDTH - 2, -1))[None]
    candidates = np.concatenate([observation().candidates[:-2], empty, few])
    scores = np.where(candidates >= 0, 1.0, -np.inf)
    slates = policy.rerank(observation(candidates=candidates, scores=scores))[:, :PLACES]
    assert slates.shape == (SESSIONS, PLACES)
    assert (slates[-2] == -1).all()
    assert sorted(slates[-1].tolist()) == [-1, -1, 4, 7]
    for slate, own in zip(slates[:-2], candidates[:-2], strict=True):
        assert len(set(slate.tolist()) & set(own.tolist())) == PLACES


def test_nobody_comes_and_nothing_is_on_sale() -> None:
    for name in registry.names("reranking"):
        policy_class = registry.find("reranking", name)
        policy = policy_class(policy_class.Params(name=name))
        nobody = observation().sessions
        nobody = SessionsView(
            **{
                field: getattr(nobody, field)[:0]
                for field in nobody.__slots__
                if field != "queries"
            },
            queries=(),
        )
        seen = observation(
            sessions=nobody,
            candidates=np.empty((0, WIDTH), dtype=int),
            scores=None,
            listings=listings(on_sale=np.zeros(LISTINGS, dtype=bool)),
        )
        assert policy.rerank(seen)[:, :PLACES].shape == (0, PLACES)


def test_small_merchants_are_shown_more_in_a_market() -> None:
    shares = {}
    for name in ("none", "exposure_share"):
        scenario, folder = resolve(
            "tiny", overrides=[SELDOM, f'policies.reranking={{name="{name}"}}', "days=3"]
        )
        market = build(scenario, folder=folder)
        for _ in range(3):
            market.step()
        small = market.books.size[market.listings.merchant] == 0
        slate = market.today.slate
        shares[name] = group_exposure(item_exposure(slate, len(market.listings)), small).share
    assert shares["exposure_share"] >= 0.5 - 0.01
    assert shares["none"] < shares["exposure_share"] - 0.05


@pytest.mark.slow
def test_a_recommender_trained_for_small_merchants_shows_them_more() -> None:
    """In a small market, without re-ranking; on slates they have less than in the training."""
    shares = []
    for share in (0.0, 0.8):
        learned = (
            'policies.recommendation={name="learned", model="fair_softmax", blend=false, '
            f"exploration=0.0, retrain_days=3, holdout_days=1, fair_share={share}}}"
        )
        scenario, folder = resolve(
            "tiny", overrides=[SELDOM, learned, "consumers.choice.slate_size=4", "days=8"]
        )
        market = build(scenario, folder=folder)
        shown = np.zeros(len(market.listings))
        for day in range(8):
            market.step()
            if day > 3:
                shown += item_exposure(market.today.slate, len(market.listings))
        small = market.books.size[market.listings.merchant] == 0
        shares.append(group_exposure(shown, small).share)
    assert shares[1] > shares[0] + 0.15
