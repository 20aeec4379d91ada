"""The demand system as a merchant who knows it sees it: the representative consumer's logit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import FloatArray, IntArray, read_only
from policies.observations import DemandKnowledge, Prominence
from policies.protocols import ShowsCheapest
from sim.columns import Listings
from sim.consumers import believed_quality
from sim.homing import comparing_share
from sim.rivalry import rival_price_level
from sim.standing_subsidies import general_subsidy
from sim.views import may_be_sold

if TYPE_CHECKING:
    from sim.market import Marketplace


def demand_knowledge(market: Marketplace, rows: IntArray) -> DemandKnowledge:
    """The demand system of `demand_system` for the listings `rows` (n,)."""
    return of_listings(demand_system(market), rows)


def demand_system(market: Marketplace) -> DemandKnowledge:
    """Values, scale and rivals' attraction for all listings, at yesterday's prices.

    The representative consumer has the mean price sensitivity and trust, no taste of her own and no
    memory; a subsidy that all buyers got yesterday, off price or delivery fee, counts as value. A
    price below the reference price counts as a gain, so with reference weight w a cent more costs
    (1 + w) a / P logit units. The rival's attraction counts by the share of consumers who compare
    the two platforms.

    Args:
        market: the market, before today's prices are set.

    Returns:
        Knowledge of L rows, in cents.
    """
    listings, choice = market.listings, market.settings.consumers.choice
    value, scale = representative_value(market, listings)
    general = general_subsidy(market)
    value = value + general.off_price + general.off_fee / (1.0 + choice.reference_weight)
    on_sale = may_be_sold(market) & (listings.stock > 0)
    attraction = np.where(on_sale, np.exp((value - listings.advertised) / scale), 0.0)
    alone = np.exp(choice.outside_utility)
    if market.rival_books.present:
        sensitivity, trust = _representative_consumer(market)
        utility = market.settings.rival.utility - trust
        attraction_of_rival = np.exp(utility - sensitivity * rival_price_level(market))
        alone += comparing_share(market) * attraction_of_rival
    in_category = np.bincount(listings.category, attraction, minlength=len(market.category_names))
    firm = listings.merchant.astype(np.int64) * len(market.category_names) + listings.category
    own = np.bincount(firm, attraction)[firm]
    others = np.maximum(in_category[listings.category] - own, 0.0) + alone
    steering = market.policies.steering
    return DemandKnowledge(
        value=value,
        scale=scale,
        others=others,
        alone=float(alone),
        prominence=steering.prominence() if isinstance(steering, ShowsCheapest) else Prominence(),
    )


def of_listings(knowledge: DemandKnowledge, rows: IntArray) -> DemandKnowledge:
    """What of it merchants know of the listings `rows` (n,)."""
    return replace(
        knowledge,
        value=read_only(np.take(knowledge.value, rows)),
        scale=read_only(np.take(knowledge.scale, rows)),
        others=read_only(np.take(knowledge.others, rows)),
    )


def representative_value(market: Marketplace, listings: Listings) -> tuple[FloatArray, FloatArray]:
    """What listings are worth to the representative consumer, and the scale of her utility.

    Args:
        market: the market.
        listings: L listings, which may be ones that are only planned.

    Returns:
        (L,) values and (L,) scales in cents: the utility at price p is `(value - p) / scale`.
    """
    choice, response = market.settings.consumers.choice, market.settings.consumers.response
    sensitivity, trust = _representative_consumer(market)
    slope = sensitivity / market.reference_price[listings.category]
    scale = 1.0 / (slope * (1.0 + choice.reference_weight))
    quality = believed_quality(listings, response)
    utility = choice.base_utility + trust + choice.appeal_weight * listings.appeal
    utility = utility + choice.quality_weight * (quality - 0.5)
    utility = utility + choice.reference_weight * slope * listings.reference_price
    utility = utility - slope * market.fees.delivery_fee
    return scale * utility, scale


def _representative_consumer(market: Marketplace) -> tuple[float, float]:
    """Mean price sensitivity, and the utility of mean trust in the platform."""
    weight = market.settings.consumers.choice.trust_weight
    crowd = market.crowd
    return float(crowd.price_sensitivity.mean()), weight * (float(crowd.trust.mean()) - 0.5)
