"""Small platforms whose visitors choose by a rule that a test knows."""

from __future__ import annotations

from typing import Any

import numpy as np
from logged import log_day

from policies.observations import (
    AMONG_RESULTS,
    InteractionLog,
    LearningObservation,
    LearningReport,
    ListingsView,
    RecommendationObservation,
    SessionsView,
)
from policies.recommendation.learned import LearnedRecommendation
from sim.platform_log import PlatformLog

LISTINGS, CATEGORIES, PAGE = 60, 3, 6


def listings(count: int = LISTINGS, **changes: Any) -> ListingsView:
    """Listings of three categories that differ in nothing but their numbers."""
    columns: dict[str, Any] = {
        "title": tuple(f"article {n}" for n in range(count)),
        "description": ("",) * count,
        "merchant": np.arange(count) % 7,
        "merchant_size": np.zeros(count, dtype=int),
        "category": np.arange(count) % CATEGORIES,
        "category_names": tuple(f"kind {c}" for c in range(CATEGORIES)),
        "category_reference_price": np.full(CATEGORIES, 1000),
        "price": np.full(count, 1000),
        "checkout_price": np.full(count, 1000),
        "list_price": np.full(count, 1000),
        "on_sale": np.ones(count, dtype=bool),
        "rating_mean": np.full(count, 4.0),
        "rating_count": np.full(count, 3),
        "sold_recently": np.ones(count),
        "complaints_recently": np.zeros(count),
        "returns_recently": np.zeros(count),
        "age_days": np.full(count, 100),
    }
    return ListingsView(**{**columns, **changes})


def sessions(visitors: np.ndarray, category: int | None = None) -> SessionsView:
    """One session a visitor, of one category or of all in turn."""
    count = len(visitors)
    return SessionsView(
        visitor=visitors.astype(np.int64),
        category=np.arange(count) % CATEGORIES if category is None else np.full(count, category),
        minute=np.zeros(count),
        orders_before=np.zeros(count, dtype=int),
        query=np.full(count, -1),
        queries=(),
    )


def asked(
    visitors: np.ndarray, view: ListingsView, places: int = 6, category: int | None = 0
) -> RecommendationObservation:
    """A morning on which visitors come."""
    return RecommendationObservation(30, sessions(visitors, category), view, places, 7)


def choices(
    utility: np.ndarray,
    *,
    days: int = 6,
    pages: int = 300,
    visitors: int = 60,
    seen: np.ndarray | None = None,
    price: np.ndarray | None = None,
    seed: int = 0,
) -> InteractionLog:
    """A log of pages of `PAGE` listings of one category, chosen from by a logit.

    Args:
        utility: (visitors, L) or (1, L), against 0 of buying nothing.
        days: how many.
        pages: a day.
        visitors: who come in turn.
        seen: (PAGE,) chances that the visitor looks as far as a place; absent: at all.
        price: (L,) cents; absent: 1000.
        seed: of all that is drawn.
    """
    rng = np.random.default_rng(seed)
    count = utility.shape[1]
    prices = np.full(count, 1000) if price is None else price
    log = PlatformLog()
    for day in range(days):
        who = rng.integers(0, visitors, pages)
        kind = rng.integers(0, CATEGORIES, pages)
        first = np.argsort(rng.random((pages, count // CATEGORIES)), axis=1)[:, :PAGE]
        page = first * CATEGORIES + kind[:, None]
        worth = utility[np.minimum(who, len(utility) - 1)][np.arange(pages)[:, None], page]
        worth = worth + rng.gumbel(size=page.shape)
        if seen is not None:
            worth = np.where(rng.random((pages, 1)) < seen, worth, -np.inf)
        bought = (worth == worth.max(axis=1, keepdims=True)) & (worth > rng.gumbel(size=(pages, 1)))
        log.record(
            log_day(
                day,
                session=np.repeat(np.arange(pages), PAGE),
                visitor=np.repeat(who, PAGE),
                listing=page.ravel(),
                position=np.tile(np.arange(PAGE), pages),
                surface=np.full(pages * PAGE, AMONG_RESULTS),
                price=prices[page.ravel()],
                bought=bought.ravel(),
            )
        )
    return log.view()


def policy(**parameters: Any) -> LearnedRecommendation:
    """The learned recommender that explores nothing, unless told."""
    chosen = {"exploration": 0.0, **parameters}
    return LearnedRecommendation(LearnedRecommendation.Params(name="learned", **chosen))


def taught(
    recommender: LearnedRecommendation, log: InteractionLog, view: ListingsView, day: int = 6
) -> LearningReport | None:
    """Let it learn at the end of a day, by default one on which it is due."""
    recommender.recommend(asked(np.arange(1), view))
    return recommender.learn(LearningObservation(day, 1, log, view))
