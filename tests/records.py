"""Records that policies are shown, made for tests: what is not given is ordinary."""

from typing import Any

import numpy as np

from policies.observations import (
    CostBooks,
    EmergencyRecord,
    InspectionObservation,
    ListingsView,
    MarketShares,
    PlatformConduct,
    PriceRecord,
    PricingView,
)


def pricing_view(price: Any, unit_cost: Any, **given: Any) -> PricingView:
    """One listing a merchant, all in category 0; prices stood still for four weeks."""
    price = np.asarray(price, dtype=np.int64)
    n = len(price)
    columns: dict[str, Any] = {
        "day": 30,
        "listing": np.arange(n),
        "merchant": np.arange(n),
        "category": np.zeros(n, dtype=np.int64),
        "price": price,
        "list_price": price,
        "unit_cost": np.broadcast_to(np.asarray(unit_cost, dtype=np.int64), n),
        "commission": np.zeros(n),
        "seller_subsidy": np.zeros(n, dtype=np.int64),
        "stock": np.full(n, 1000),
        "units_yesterday": np.zeros(n),
        "sold_recently": np.zeros(n),
        "price_history": np.tile(price, (28, 1)),
        "units_history": np.zeros((28, n)),
        "category_median_price": price,
        "category_lowest_price": price,
        "category_share": np.full(n, 1.0 / max(n, 1)),
        "open_rivals": np.full(n, n - 1),
        "rival_price": np.zeros(n, dtype=np.int64),
        "capital": np.full(n, 100_000),
        "war_chest": np.zeros(n, dtype=np.int64),
        "deterred": np.zeros(n, dtype=np.bool_),
        "emergency": np.zeros(n, dtype=np.bool_),
        "price_before_emergency": np.zeros(n, dtype=np.int64),
        "draw": np.full(n, 0.5),
        "demand": None,
    }
    unknown = given.keys() - columns.keys()
    assert not unknown, unknown
    return PricingView(**(columns | given))


def listings_view(n: int, **given: Any) -> ListingsView:
    """Offers at 10.00 in one category, merchant j + 5 selling offer j, each sold four times lately.

    `checkout_price` and `list_price` are `price` unless they are given.
    """
    price = np.asarray(given.pop("price", np.full(n, 1000)))
    columns: dict[str, Any] = {
        "title": ("",) * n,
        "description": ("",) * n,
        "merchant": np.arange(n) + 5,
        "merchant_size": np.zeros(n, int),
        "category": np.zeros(n, int),
        "category_names": ("tea",),
        "category_reference_price": np.array([1000]),
        "price": price,
        "checkout_price": price,
        "list_price": price,
        "on_sale": np.ones(n, bool),
        "rating_mean": np.full(n, np.nan),
        "rating_count": np.zeros(n, int),
        "sold_recently": np.full(n, 4.0),
        "complaints_recently": np.zeros(n),
        "returns_recently": np.zeros(n),
        "age_days": np.full(n, 400),
    }
    return ListingsView(**(columns | given))


def inspection(history: Any, cost: int = 600, **given: Any) -> InspectionObservation:
    """What rules are shown of offers whose past prices are the rows of `history` (oldest first).

    Args:
        history: (L, H) cents advertised and asked at checkout; 0: not listed.
        cost: cents of unit cost, of all offers and all days.
        given: fields of the records, by their names; `price` and `list_price` of today are the last
            of the history unless given; `rows` are all, `platform` did nothing.
    """
    past = np.array(history).T
    n = past.shape[1]
    parts: dict[str, dict[str, Any]] = {
        "prices": {
            "advertised": past,
            "checkout": past,
            "announced": past,
            "units": np.zeros_like(past),
        },
        "books": {
            "unit_cost": np.full(n, cost),
            "average_variable_cost": np.full(n, float(cost)),
            "average_total_cost": np.full(n, float(cost)),
            "was_below_cost": (past > 0) & (past < cost),
            "stock_cover_days": np.full(n, 14.0),
            "life_left": np.full(n, np.nan),
            "closing": np.zeros(n, bool),
        },
        "shares": {
            "category_share": np.full(n, 1.0 / n),
            "category_share_before": np.full(n, 1.0 / n),
            "rivals_left": np.zeros(n, int),
            "platform_share": 0.5,
        },
        "emergency": {
            "declared": np.zeros(n, bool),
            "since": np.full(n, -1),
            "price_before": np.zeros(n, int),
            "cost_before": np.zeros(n, int),
        },
    }
    for columns in parts.values():
        for name in columns.keys() & given.keys():
            columns[name] = given.pop(name)
    day, rows = given.pop("day", 60), given.pop("rows", np.arange(n))
    given.setdefault("price", past[-1])
    platform = given.pop("platform", PlatformConduct())
    return InspectionObservation(
        day=day,
        rows=np.asarray(rows),
        listings=listings_view(n, **given),
        prices=PriceRecord(**parts["prices"]),
        books=CostBooks(**parts["books"]),
        shares=MarketShares(**parts["shares"]),
        emergency=EmergencyRecord(**parts["emergency"]),
        platform=platform,
    )
