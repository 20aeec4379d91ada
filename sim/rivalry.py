"""The rival platform: its strategy moves in the morning, its books are closed in the evening.

It is one alternative in every choice and no market of its own, so that its money is counted but
not moved in the ledger.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from policies.observations import RivalMove, RivalObservation
from sim.choice import NOTHING, RIVAL
from sim.policy_results import PolicyResultError
from sim.recency import RECENT

if TYPE_CHECKING:
    from sim.market import Marketplace


@dataclass(slots=True)
class RivalBooks:
    """What the rival knows of itself; money in currency units at its own prices."""

    discount: float  # subsidy on its prices today, share of the price
    present: bool  # False: it has left the market
    share: float = math.nan  # of recent purchases, its own and the platform's
    sales_recently: float = 0.0  # a day, before subsidies, exponentially weighted
    sales: float = 0.0  # today, before subsidies
    subsidy: float = 0.0  # today
    spent: float = 0.0  # in subsidies so far
    profit: float = 0.0  # commission less subsidies, so far


def react(market: Marketplace, discount: float) -> None:
    """Let the rival's strategy answer.

    Args:
        market: the market.
        discount: what the scenario and its events set for today, share of the price.
    """
    books, policy = market.rival_books, market.policies.rival
    rate = market.subsidy_recently / market.gmv_recently if market.gmv_recently > 0 else 0.0
    move = policy.react(
        RivalObservation(
            day=market.day,
            discount=discount,
            own_discount=books.discount,
            platform_subsidy_rate=rate,
            share=books.share,
            sales_recently=books.sales_recently,
            spent=books.spent,
            profit=books.profit,
        )
    )
    _refuse_invalid(policy, move)
    books.discount = float(move.discount)
    books.present = bool(move.present) and market.settings.rival.present


def rival_price_level(market: Marketplace) -> float:
    """What the rival asks after its subsidy, as a share of a category's reference price.

    Under a parity clause its merchants cannot sell cheaper there than is usual here.

    Source: Boik & Corts (2016), "The effects of platform most-favored-nation clauses on competition
    and entry", Journal of Law and Economics 59(1).
    """
    level = market.settings.rival.price_level
    if market.settings.platform.parity_clause:
        level = max(level, _usual_price_level(market))
    return float(level * (1.0 - market.rival_books.discount))


def _usual_price_level(market: Marketplace) -> float:
    """The median price of the platform's open shops over the reference price; 0 without shops."""
    listings = market.listings
    rows = np.flatnonzero(market.books.is_open[listings.merchant])
    if len(rows) == 0:
        return 0.0
    return float(np.median(listings.price[rows] / market.reference_price[listings.category[rows]]))


def close_books(market: Marketplace) -> None:
    """Count what was bought at the rival today."""
    books, today, rival = market.rival_books, market.today, market.settings.rival
    went = today.session_choice == RIVAL
    reference = market.reference_price[today.session_category[went]]
    books.sales = float(reference.sum()) / 100.0 * rival.price_level
    books.subsidy = books.sales * books.discount
    books.spent += books.subsidy
    books.profit += books.sales * rival.commission - books.subsidy
    weight = 1.0 if market.day == 0 else RECENT
    books.sales_recently += weight * (books.sales - books.sales_recently)
    bought = int((today.session_choice != NOTHING).sum())
    if bought:
        share = float(np.count_nonzero(went)) / bought
        books.share = (
            share if math.isnan(books.share) else books.share + RECENT * (share - books.share)
        )


def _refuse_invalid(policy: Any, move: Any) -> None:
    who = f"rival policy {policy.name!r}"
    if not isinstance(move, RivalMove):
        raise PolicyResultError(f"{who} must return a RivalMove, not {type(move).__name__}")
    if not 0.0 <= move.discount <= 0.99:
        raise PolicyResultError(f"{who}: discount must lie in 0 to 0.99, not {move.discount}")
