"""The choice of sessions in turn, in plain NumPy: what the kernel of `sim.choice` is tested on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.campaigns import Campaigns, funding, grants
from sim.choice import (
    NOTHING,
    OUTSIDE_COLUMN,
    RIVAL,
    RIVAL_COLUMN,
    Choices,
    Offers,
    Shoppers,
    Weights,
    after_checkout,
)
from sim.personal_prices import extra_cents
from sim.streams import uniform_at


def choose_in_turn_plainly(
    shoppers: Shoppers,
    offers: Offers,
    weights: Weights,
    value: NDArray[np.float64],
    stock: NDArray[np.int64],
    purse: NDArray[np.int64],
    campaigns: Campaigns,
    fee: int,
    key: np.uint64,
    stride: int,
    once: bool,
) -> Choices:
    """As `choose_in_turn`, one session at a time."""
    sessions = len(shoppers.consumer)
    listing = np.full(sessions, NOTHING, dtype=np.int32)
    column = np.full(sessions, -1, dtype=np.int32)
    subsidies, seller_subsidies, fees, fee_subsidies, by_merchant, fee_by_merchant = (
        np.zeros(sessions, np.int64) for _ in range(6)
    )
    surplus = np.zeros(sessions)
    lost, abandoned = np.zeros(sessions, np.bool_), np.zeros(sessions, np.bool_)
    has_paid: set[int] = set()
    last_shop: dict[int, int] = {}

    def luck(row: int, what: int) -> float:
        return float(-np.log(-np.log(uniform_at(key, row, what))))

    for s in range(sessions):
        i = int(shoppers.consumer[s])
        row = i * stride + int(shoppers.line[s])
        due = 0 if i in has_paid else fee
        mine = listing[:s][shoppers.consumer[:s] == i] if once else listing[:0]
        taken_already = np.isin(shoppers.alternatives[s], mine[mine >= 0])
        real = np.flatnonzero((value[s] > -np.inf) & ~taken_already)
        j = shoppers.alternatives[s, real]
        price = offers.price[j]
        if len(shoppers.markup):
            price = price + extra_cents(price, shoppers.markup[s])
        everyone = np.full(len(j), s)
        goods, off = grants(campaigns, everyone, j, price, np.full(len(j), due))
        paid = funding(campaigns, goods, off)
        subsidy, charged = paid.to_buyer, due - paid.off_fee
        v = value[s, real] + shoppers.slope[s] * ((1.0 + weights.reference) * subsidy - charged)
        v = v + weights.one_stop * (offers.merchant[j] == last_shop.get(i, -1))
        u = v + np.array([luck(row, int(each)) for each in j])
        affordable = price - subsidy + charged <= purse[i]
        can = affordable & (stock[j] >= 1)
        others = {NOTHING: shoppers.outside[s] + luck(row, OUTSIDE_COLUMN)}
        alone = np.exp(shoppers.outside[s])
        if shoppers.rival[s] > -np.inf:
            others[RIVAL] = shoppers.rival[s] + luck(row, RIVAL_COLUMN)
            alone += np.exp(shoppers.rival[s])
        fallback = max(others, key=lambda which: others[which])
        listing[s] = fallback
        trick = np.maximum(offers.price[j] - offers.advertised[j], 0)
        weight = np.exp(v) * can
        kept = np.exp(-shoppers.slope[s] * (1.0 + weights.reference) * trick)
        bought, regret = after_checkout(weight[None], np.array([alone]), kept[None])
        gap = offers.true_quality[j] - offers.expected_quality[j]
        surplus[s] = np.log(1.0 + weight.sum() / alone)
        surplus[s] += weights.quality * (bought[0] * gap).sum() - regret[0]
        best = others[fallback]
        taken = -1
        if can.any() and u[can].max() > best:
            taken = int(np.flatnonzero(can)[np.argmax(u[can])])
            best = u[taken]
        lost[s] = affordable.any() and u[affordable].max() > best
        if taken < 0:
            continue
        item = int(j[taken])
        asked_more = offers.price[item] - offers.advertised[item]
        unpleasant = shoppers.slope[s] * (1.0 + weights.reference) * asked_more
        if asked_more > 0 and best - unpleasant < others[fallback]:
            abandoned[s] = True
            continue
        listing[s], column[s] = item, real[taken]
        subsidies[s], seller_subsidies[s] = subsidy[taken], paid.to_seller[taken]
        fees[s], fee_subsidies[s] = due, paid.off_fee[taken]
        by_merchant[s], fee_by_merchant[s] = paid.by_merchant[taken], paid.fee_by_merchant[taken]
        has_paid.add(i)
        last_shop[i] = int(offers.merchant[item])
        stock[item] -= 1
        purse[i] -= price[taken] - subsidy[taken] + charged[taken]
        spent = goods[:, taken] + off[:, taken]
        campaigns.left[:] -= spent
        campaigns.platform_left[0] -= spent.sum() - by_merchant[s] - fee_by_merchant[s]
    return Choices(
        listing,
        column,
        subsidies,
        seller_subsidies,
        fees,
        fee_subsidies,
        by_merchant,
        fee_by_merchant,
        surplus,
        lost,
        abandoned,
    )
