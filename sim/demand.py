"""The demand system as a merchant who knows it sees it: the representative consumer's logit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import IntArray
from policies.observations import DemandKnowledge
from sim.consumers import believed_quality
from sim.rivalry import rival_price_level
from sim.standing_subsidies import general_subsidy
from sim.views import may_be_sold

if TYPE_CHECKING:
    from sim.market import Marketplace


def demand_knowledge(market: Marketplace, rows: IntArray) -> DemandKnowledge:
    """Values, scale and rivals' attraction for the listings `rows`, at yesterday's prices.

    The representative consumer has the mean price sensitivity and trust, no taste of her own and no
    memory; a subsidy that all buyers got yesterday, off price or delivery fee, counts as value. A
    price below the reference price counts as a gain, so with reference weight w a cent more costs
    (1 + w) a / P logit units.

    Args:
        market: the market, before today's prices are set.
        rows: (n,) listings.

    Returns:
        Knowledge of n rows, in cents.
    """
    listings, crowd, settings = market.listings, market.crowd, market.settings
    choice, response = settings.consumers.choice, settings.consumers.response
    sensitivity = float(crowd.price_sensitivity.mean())
    trust = choice.trust_weight * (float(crowd.trust.mean()) - 0.5)
    slope = sensitivity / market.reference_price[listings.category]
    scale = 1.0 / (slope * (1.0 + choice.reference_weight))
    quality = believed_quality(listings, response)
    utility = choice.base_utility + trust + choice.appeal_weight * listings.appeal
    utility = utility + choice.quality_weight * (quality - 0.5)
    utility = utility + choice.reference_weight * slope * listings.reference_price
    utility = utility - slope * market.fees.delivery_fee
    general = general_subsidy(market)
    off_fee = general.off_fee / (1.0 + choice.reference_weight)
    value = scale * utility + general.off_price + off_fee
    on_sale = may_be_sold(market) & (listings.stock > 0)
    attraction = np.where(on_sale, np.exp((value - listings.advertised) / scale), 0.0)
    alone = np.exp(choice.outside_utility)
    if market.rival_books.present:
        alone += np.exp(settings.rival.utility - sensitivity * rival_price_level(market) - trust)
    in_category = np.bincount(listings.category, attraction, minlength=len(market.category_names))
    pair = listings.merchant.astype(np.int64) * len(market.category_names) + listings.category
    _, firm = np.unique(pair, return_inverse=True)
    own = np.bincount(firm, attraction)[firm]
    others = np.maximum(in_category[listings.category] - own, 0.0) + alone
    return DemandKnowledge(value=value[rows], scale=scale[rows], others=others[rows])
