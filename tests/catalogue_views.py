"""A catalogue and its visitors as policies see them."""

from typing import Any

import numpy as np

from policies.observations import ListingsView, SessionsView

LISTINGS, CATEGORIES = 60, 3


def listings(**changes: Any) -> ListingsView:
    rng = np.random.default_rng(0)
    columns: dict[str, Any] = {
        "title": tuple(f"article {n} {'red' if n % 2 else 'blue'}" for n in range(LISTINGS)),
        "description": ("",) * LISTINGS,
        "merchant": np.arange(LISTINGS) % 7,
        "merchant_size": np.zeros(LISTINGS, dtype=int),
        "category": np.arange(LISTINGS) % CATEGORIES,
        "category_names": tuple(f"kind {c}" for c in range(CATEGORIES)),
        "category_reference_price": np.full(CATEGORIES, 1000),
        "price": np.full(LISTINGS, 1000),
        "checkout_price": np.full(LISTINGS, 1000),
        "list_price": np.full(LISTINGS, 1000),
        "on_sale": rng.random(LISTINGS) < 0.8,
        "rating_mean": np.full(LISTINGS, 4.0),
        "rating_count": np.full(LISTINGS, 3),
        "sold_recently": rng.permutation(LISTINGS).astype(float),
        "complaints_recently": np.zeros(LISTINGS),
        "returns_recently": np.zeros(LISTINGS),
        "age_days": np.full(LISTINGS, 5),
    }
    return ListingsView(**{**columns, **changes})


def sessions(visitors: np.ndarray, query: np.ndarray | None = None) -> SessionsView:
    count = len(visitors)
    return SessionsView(
        visitor=visitors.astype(np.int64),
        category=np.arange(count) % CATEGORIES,
        minute=np.zeros(count),
        orders_before=np.zeros(count, dtype=int),
        query=np.full(count, -1) if query is None else query,
        queries=("red", "blue", "nothing like it"),
    )
