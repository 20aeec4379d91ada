"""Yesterday's campaigns as merchants could see them, who price on the expectation of more of them.

Source: the incidence of a subsidy does not hang on who receives it, because prices answer what both
sides get: Weyl & Fabinger (2013), Journal of Political Economy 121(3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from policies.arrays import IntArray
from sim.campaigns import Campaigns, Funding, funding, grants, without_budgets

if TYPE_CHECKING:
    from sim.market import Marketplace

MOST_PATTERNS = 16
"""Commonest sets of campaigns for which buyers are eligible that a merchant takes a mean over."""


class GeneralSubsidy(NamedTuple):
    """What all buyers get. L listings."""

    off_price: NDArray[np.int64]  # (L,) cents a unit
    off_fee: NDArray[np.int64]  # (L,) cents off the delivery fee


def general_subsidy(market: Marketplace) -> GeneralSubsidy:
    """What every buyer of yesterday got, whoever she was: its mean, where a budget ended."""
    campaigns = market.standing_campaigns
    if campaigns is None or len(campaigns.off_fee) == 0:
        nothing = np.zeros(len(market.listings), np.int64)
        return GeneralSubsidy(nothing, nothing)
    bill = _of_pattern(market, campaigns, np.asarray(campaigns.eligible.all(axis=1)))
    return GeneralSubsidy(_to_all(market, bill.to_buyer), _to_all(market, bill.off_fee))


def net_seller_subsidy(market: Marketplace) -> NDArray[np.int64]:
    """(L,) cents a unit that campaigns gave the merchant yesterday, less what it bore of them.

    The mean over yesterday's sessions of what an order of each would have got; below 0 where the
    merchant bears more than it gets. A campaign whose budget ended counts as far as it went.
    """
    campaigns = market.standing_campaigns
    if campaigns is None or not (campaigns.to_seller | (campaigns.merchant_share > 0.0)).any():
        return np.zeros(len(market.listings), np.int64)
    patterns, count = np.unique(campaigns.eligible, axis=1, return_counts=True)
    common = np.argsort(-count, kind="stable")[:MOST_PATTERNS]
    total = np.zeros(campaigns.per_unit.shape[1])
    for pattern in common:
        bill = _of_pattern(market, campaigns, patterns[:, pattern])
        total += count[pattern] * (bill.to_seller - bill.by_merchant - bill.fee_by_merchant)
    mean = np.rint(total / max(int(count[common].sum()), 1)).astype(np.int64)
    return _to_all(market, mean)


def _of_pattern(market: Marketplace, campaigns: Campaigns, eligible: NDArray[np.bool_]) -> Funding:
    """What a buyer gets who is eligible for some campaigns, on each of yesterday's listings."""
    listings = campaigns.per_unit.shape[1]
    unlimited = without_budgets(campaigns)._replace(eligible=eligible[:, None])
    goods, off = grants(
        unlimited,
        np.zeros(listings, np.int64),
        np.arange(listings),
        market.listings.price[:listings],
        np.full(listings, market.fees.delivery_fee),
    )
    served = market.standing_served[:, None]
    if (served < 1.0).any():
        goods, off = (np.rint(served * each).astype(np.int64) for each in (goods, off))
    return funding(unlimited, goods, off)


def _to_all(market: Marketplace, amount: NDArray[np.int64]) -> NDArray[np.int64]:
    """Amounts of yesterday's listings, and 0 for newer ones."""
    padded = np.zeros(len(market.listings), np.int64)
    padded[: len(amount)] = amount
    return padded


def prices_when_subsidies_began(market: Marketplace) -> IntArray | None:
    """(L,) cents asked on the first day of the spell of subsidies that lasts; None: there is none.

    On that day merchants had set their prices before they could know of it.
    """
    campaigns = market.today.campaigns
    if campaigns is None or not campaigns.per_unit.any():
        return None
    began: IntArray | None = market.subsidy_eve
    return market.listings.price.copy() if began is None else began
