"""The rival platform: its strategy moves in the morning, its books are closed in the evening.

It is one alternative in every choice and no market of its own, so that its money is counted but
not moved in the ledger. Those who shop at the rival alone never come to our platform; what they buy
there is counted by its expectation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from policies.arrays import FloatArray
from policies.observations import RivalMove, RivalObservation
from sim.homing import RIVALS
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
    spent: float = 0.0  # in subsidies so far
    profit: float = 0.0  # commission less subsidies, so far
    platform_rate: float = 0.0  # our platform's subsidies of yesterday over its GMV


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
            platform_rate_yesterday=books.platform_rate,
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


def rival_utility(market: Marketplace, price_sensitivity: FloatArray) -> NDArray[np.float64]:
    """(n,) utility of the rival's offer for consumers of such sensitivities; -inf without one.

    Trust in our platform, which weighs against the rival where the two are compared, is left out.
    """
    if not market.rival_books.present:
        return np.full(len(price_sensitivity), -np.inf)
    sensitivity = price_sensitivity.astype(np.float64)
    return market.settings.rival.utility - sensitivity * rival_price_level(market)


def count_purchases(market: Marketplace, units: FloatArray) -> None:
    """Write down what was bought at the rival today.

    Args:
        market: the market, after today's shopping.
        units: (S,) units that each of today's sessions bought at the rival; expected ones with
            expected demand.
    """
    today, level = market.today, market.settings.rival.price_level
    value = units @ market.reference_price[today.session_category]
    alone = _those_at_the_rival_alone(market)
    today.rival_units = float(units.sum()) + alone.units
    today.rival_sales = (float(value) + alone.value) / 100.0 * level
    today.surplus_at_rival_alone = alone.surplus


@dataclass(frozen=True, slots=True)
class _AtTheRivalAlone:
    """What those who shop at the rival alone do there, expected of today."""

    units: float = 0.0
    value: float = 0.0  # cents, at reference prices
    surplus: float = 0.0  # cents, against buying nothing: a logit's log-sum


def _those_at_the_rival_alone(market: Marketplace) -> _AtTheRivalAlone:
    crowd, choice = market.crowd, market.settings.consumers.choice
    rows = np.flatnonzero(crowd.home == RIVALS)
    if len(rows) == 0 or not market.rival_books.present:
        return _AtTheRivalAlone()
    if choice.demand == "expected":
        visits = np.full(len(rows), float(choice.buyers_per_consumer))
    else:
        weekday = market.weekday_profile[market.day % 7]
        visits = -np.expm1(-crowd.visits_per_day[rows] * (weekday * market.demand_factor))
    sensitivity = crowd.price_sensitivity[rows].astype(np.float64)
    gain = rival_utility(market, sensitivity) - choice.outside_utility
    needs = visits * crowd.lines_per_visit[rows]
    bought = needs / (1.0 + np.exp(-gain))
    share = np.diff(crowd.category_cumulative[rows], axis=1, prepend=np.float32(0.0))
    worth = needs * np.logaddexp(gain, 0.0) / sensitivity  # in reference prices
    reference = market.reference_price
    return _AtTheRivalAlone(
        float(bought.sum()), float((bought @ share) @ reference), float((worth @ share) @ reference)
    )


def subsidy_today(market: Marketplace) -> float:
    """What the rival paid in subsidies today, in currency units."""
    return market.today.rival_sales * market.rival_books.discount


def profit_today(market: Marketplace) -> float:
    """The rival's commission of today less its subsidies, in currency units."""
    commission: float = market.settings.rival.commission
    return market.today.rival_sales * commission - subsidy_today(market)


def share_of_purchases(market: Marketplace) -> float:
    """The rival's part of all units bought today, its own and our platform's; nan without any."""
    ours = float(market.orders["quantity"][market.today.orders].sum())
    both = market.today.rival_units + ours
    return market.today.rival_units / both if both > 0 else math.nan


def close_books(market: Marketplace) -> None:
    """Carry today's figures over into the rival's books."""
    books, sales = market.rival_books, market.today.rival_sales
    orders, today = market.orders, market.today.orders
    gmv = float((orders["unit_price"][today] * orders["quantity"][today]).sum())
    books.platform_rate = market.today.subsidy_paid / gmv if gmv > 0 else 0.0
    books.spent += subsidy_today(market)
    books.profit += profit_today(market)
    weight = 1.0 if market.day == 0 else RECENT
    books.sales_recently += weight * (sales - books.sales_recently)
    share = share_of_purchases(market)
    if not math.isnan(share):
        before = share if math.isnan(books.share) else books.share
        books.share = before + RECENT * (share - before)


def _refuse_invalid(policy: Any, move: Any) -> None:
    who = f"rival policy {policy.name!r}"
    if not isinstance(move, RivalMove):
        raise PolicyResultError(f"{who} must return a RivalMove, not {type(move).__name__}")
    if not 0.0 <= move.discount <= 0.99:
        raise PolicyResultError(f"{who}: discount must lie in 0 to 0.99, not {move.discount}")
