"""Satisfaction against an aspiration: is it as good as the best of what is left?

A consumer's aspiration is a high quantile of the stars that she would be predicted to give what she
has not bought yet, renewed now and then. An order satisfies her if its true stars reach it:

    s = (true stars - penalties - aspiration) / 4

Source: Ghanem, Leitner & Jannach (2022), Electronic Commerce Research and Applications; to be
satisfied with what reaches an aspiration level: Simon (1955), Quarterly Journal of Economics 69(1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray
from sim.response.deliveries import Deliveries
from sim.response.satisfaction import Experience

if TYPE_CHECKING:
    from sim.market import Marketplace

SCALE = 4.0
"""Stars beyond or below the aspiration that make satisfaction 1 or -1."""


def renew_aspirations(market: Marketplace) -> None:
    """Let consumers look anew at what is left for them, on the days on which they do."""
    response = market.settings.consumers.response
    if response.satisfaction != "aspiration":
        return
    crowd = market.crowd
    due = market.day % response.aspiration_days == 0
    rows = np.arange(len(crowd)) if due else np.flatnonzero(np.isnan(crowd.aspiration))
    if len(rows) == 0:
        return
    predicted = market.ratings.predicted(market)
    once = market.settings.consumers.choice.once
    bought = market.bought.table(market) if once else None
    for i in rows.tolist():
        left = predicted[i] if bought is None else predicted[i, ~bought[i]]
        if len(left):
            crowd.aspiration[i] = np.quantile(left, response.aspiration_quantile)


def experience_against_aspiration(
    market: Marketplace, deliveries: Deliveries, recognised: BoolArray
) -> Experience:
    """Judge deliveries by what their consumers aspire to.

    Args:
        market: the market.
        deliveries: n orders.
        recognised: (n,) whether the buyer sees that the goods are counterfeit.

    Returns:
        The experience of each order.
    """
    settings = market.settings.consumers
    lateness = settings.response.lateness_penalty * deliveries.hours_late
    overdone = deliveries.overcharge + deliveries.exaggeration
    deception = settings.response.deception_penalty * overdone
    true = market.ratings.true(market, deliveries.consumer, deliveries.listing)
    stars = np.where(recognised, settings.ratings.lowest, true - lateness - deception)
    gap: NDArray[np.float64] = stars - market.crowd.aspiration[deliveries.consumer]
    return Experience(
        stars=np.clip(stars, 1.0, 5.0),
        satisfaction=np.clip(gap / SCALE, -1.0, 1.0),
        recognised=recognised,
        lost_to_quality=np.maximum(-gap, 0.0),
        lost_to_lateness=lateness,
        lost_to_deception=deception,
    )
