"""What merchants know when they set prices, and what they ask."""

from __future__ import annotations

from dataclasses import dataclass, field

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations.ranking import Prominence


@dataclass(frozen=True, slots=True)
class PricingView:
    """What the merchants that use one strategy know this morning. n of their listings."""

    day: int
    listing: IntArray  # (n,) ids, ascending
    merchant: IntArray  # (n,)
    category: IntArray  # (n,)
    price: IntArray  # (n,) cents, yesterday's
    list_price: IntArray  # (n,) cents announced yesterday as the price before discount
    unit_cost: IntArray  # (n,) cents
    commission: FloatArray  # (n,) share of the price that the platform keeps
    seller_subsidy: IntArray  # (n,) cents a unit that campaigns add, less what they cost it
    stock: IntArray  # (n,) units
    units_yesterday: FloatArray  # (n,)
    sold_recently: FloatArray  # (n,) units, exponentially weighted over about four weeks
    price_history: (
        IntArray  # (H, n) cents at checkout on the last H days, oldest first; 0: not listed
    )
    units_history: FloatArray  # (H, n) own sales on those days
    category_median_price: IntArray  # (n,) cents yesterday, of the category's open shops
    category_lowest_price: IntArray  # (n,) cents yesterday, of other merchants; 0: there are none
    similar_lowest_price: IntArray  # (n,) cents yesterday, of others' most similar goods; 0: none
    category_mean_price: IntArray  # (n,) cents yesterday, of other merchants; 0: there are none
    shown: BoolArray  # (n,) the platform let buyers come across it yesterday
    category_share: FloatArray  # (n,) the merchant's share of the category's recent units
    open_rivals: IntArray  # (n,) other merchants in business that sell in the category
    rival_price: IntArray  # (n,) cents that the rival platform asks in the category; 0: no rival
    capital: IntArray  # (n,) cents on the merchant's account
    war_chest: IntArray  # (n,) cents that the merchant may still lose on sales below cost
    deterred: BoolArray  # (n,) the merchant keeps to the rules today, for fear of sanctions
    emergency: BoolArray  # (n,) an emergency is declared for the category
    price_before_emergency: IntArray  # (n,) cents on the eve of it; 0: no emergency, or newer
    draw: FloatArray  # (n,) uniform numbers of the strategy's own stream
    demand: DemandKnowledge | None  # only for strategies that declare `knows_demand`


@dataclass(frozen=True, slots=True)
class Quote:
    """What a strategy asks, where it announces a price before discount as well."""

    price: IntArray  # (n,) cents at checkout, > 0
    list_price: IntArray | None = None
    """(n,) cents announced as the price before discount, 0: the honest one; None: all honest."""


@dataclass(frozen=True, slots=True)
class DemandKnowledge:
    """The demand system as a merchant who knows it sees it (representative consumer).

    Utility of listing j at price p is `(value_j - p) / scale_j`, all in cents; a buyer's subsidy is
    already in `value`. `others` is the sum of exp(utility) over everything a buyer could choose
    beside this merchant's own listings of the category, outside option and rival included; `alone`
    is the sum over outside option and rival alone.
    """

    value: FloatArray  # (n,) cents
    scale: FloatArray  # (n,) cents; mu of the logit
    others: FloatArray  # (n,)
    alone: float = 1.0
    prominence: Prominence = field(default_factory=Prominence)  # whom steering shows
