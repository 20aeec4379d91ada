"""Records that policies are shown, made for tests: what is not given is ordinary."""

from typing import Any

import numpy as np
from look_back import reductions_began

from policies.observations import (
    AnnouncedReductions,
    CampaignBook,
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
        "similar_lowest_price": price,
        "category_mean_price": price,
        "shown": np.ones(n, dtype=np.bool_),
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


def campaign_book(listings: int, orders: int = 0, **given: Any) -> CampaignBook:
    """Orders of yesterday at 10.00, of one unit, that got no subsidy; no campaign, no history."""
    columns: dict[str, Any] = {
        "campaigns": (),
        "order_listing": np.arange(orders) % max(listings, 1),
        "order_price": np.full(orders, 1000),
        "order_subsidy": np.zeros(orders, int),
        "order_paid": np.full(orders, 1000),
        "gmv_week": np.array([7_000_000]),
        "subsidy_week": np.array([0]),
        "days": 7,
        "subsidy_so_far": 0,
        "effective_price": np.full(listings, np.nan),
        "was_below_cost": np.zeros((60, listings), bool),
        "launched": np.array([-1]),
    }
    unknown = given.keys() - columns.keys()
    assert not unknown, unknown
    return CampaignBook(**(columns | given))


def days_since_a_sale(units: np.ndarray) -> np.ndarray:
    """(L,) days, from the (H, L) units of days that came before; 0 where nothing was sold."""
    sold = units[::-1] > 0
    return np.where(sold.any(axis=0), sold.argmax(axis=0) + 1, 0)


def inspection(history: Any, cost: int = 600, **given: Any) -> InspectionObservation:
    """What rules are shown of offers whose past prices are the rows of `history` (oldest first).

    Args:
        history: (L, H) cents advertised and asked at checkout; 0: not listed.
        cost: cents of unit cost, of all offers and all days.
        given: fields of the records, by their names; `price` and `list_price` of today are the last
            of the history unless given; `rows` are all; `was` and `share` are what pages announce,
            which is what prices and list prices make of it unless given; `platform` did nothing
            beside the `campaigns`.
    """
    past = np.array(history).T
    n = past.shape[1]
    asked = given.get("checkout_price", given.get("price", past[-1]))
    parts: dict[str, dict[str, Any]] = {
        "prices": {
            "advertised": past,
            "checkout": past,
            "announced": past,
            "units": np.zeros_like(past),
        },
        "books": {
            "unit_cost": np.full(n, cost),
            "net_price": np.asarray(asked, dtype=float),
            "average_variable_cost": np.full(n, float(cost)),
            "average_total_cost": np.full(n, float(cost)),
            "was_below_cost": (past > 0) & (past < cost),
            "was_below_total_cost": (past > 0) & (past < cost),
            "cost_index": np.ones((len(past) + 1, 1)),
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
    campaigns = given.pop("campaigns", campaign_book(n))
    platform = given.pop("platform", PlatformConduct(campaigns=campaigns))
    given.setdefault("price", past[-1])
    announced = {name: given.pop(name) for name in ("was", "share") if name in given}
    listings = listings_view(n, **given)
    was = announced.get("was", listings.list_price)
    prices = PriceRecord(**parts["prices"], last_sold=days_since_a_sale(parts["prices"]["units"]))
    return InspectionObservation(
        day=day,
        rows=np.asarray(rows),
        listings=listings,
        prices=prices,
        books=CostBooks(**parts["books"]),
        shares=MarketShares(**parts["shares"]),
        emergency=EmergencyRecord(**parts["emergency"]),
        platform=platform,
        announced=AnnouncedReductions(
            was=was,
            share=announced.get("share", 1.0 - listings.price / was),
            began=reductions_began(prices, was, listings.price),
        ),
    )
