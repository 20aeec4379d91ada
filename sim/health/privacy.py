"""Indicators of privacy: what the platform's log would tell a stranger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.health.formulas import NAN, mean, unicity
from sim.health.indicator import Indicator

if TYPE_CHECKING:
    from sim.market import Marketplace

KNOWN_PURCHASES = 3
"""Purchases of a consumer that an attacker is taken to know."""

TARGETS = 200
"""Consumers whom the attacker looks for."""


def records_held(market: Marketplace) -> float:
    """Impressions and ratings in the platform's log."""
    return float(market.log.records())


def linkable_share(market: Marketplace) -> float:
    """Logged purchases whose key is the account itself, so that the log needs no attack."""
    keys, _, _ = market.log.purchases()
    if len(keys) == 0:
        return NAN
    return mean((keys >= 0) & (keys < len(market.crowd)))


def reidentification(market: Marketplace) -> float:
    """Consumers whom three known purchases (what and on which day) single out in the log."""
    keys, listing, day = market.log.purchases()
    if len(keys) == 0:
        return NAN
    points = listing.astype(np.int64) * (market.day + 1) + day
    rng = market.streams.generator("health/attack", market.day)
    return unicity(keys, points, KNOWN_PURCHASES, TARGETS, rng)


def records_exposed(market: Marketplace) -> float:
    """Records that a breach of today laid open, after what the policy had deleted by then."""
    return float(market.today.records_exposed)


INDICATORS = (
    Indicator(
        "records_held", "privacy", "records", "lower", "impressions and ratings in the log",
        "data minimisation; GDPR Art. 5(1)(c)", records_held,
    ),
    Indicator(
        "linkable_share", "privacy", "share of purchases", "lower",
        "logged purchases whose key is the account / logged purchases", "GDPR Art. 4(5)",
        linkable_share, sampled=True,
    ),
    Indicator(
        "reidentification", "privacy", "share of consumers", "lower",
        "unicity: singled out in the log by 3 known purchases, 200 drawn",
        "de Montjoye et al. 2013, 2015", reidentification, sampled=True,
    ),
    Indicator(
        "records_exposed", "privacy", "records", "lower", "records in the log when it is breached",
        "definition", records_exposed,
    ),
)  # fmt: skip
