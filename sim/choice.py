"""The choice of a listing: multinomial logit with an outside option and a rival platform.

Utility of listing j for consumer i, in logit units, prices relative to the category's reference
price P:

    V = base + w_a appeal_j + w_q (expected_quality_j - 1/2) + w_t taste_i . attributes_j
        - a_i pay/P + w_r a_i (reference_j - pay)/P + w_l [bought before] + w_tr (trust_i - 1/2)
        + w_o [at the shop at which i bought last in this visit]

A sampled choice adds a Gumbel draw of (consumer, need, listing), so a consumer's luck with a
listing is the same whatever else is on offer; an expected choice uses the probabilities.

Source: McFadden (1974), "Conditional logit analysis of qualitative choice behavior"; gains and
losses against a reference price: Kalyanaram & Winer (1995), Marketing Science 14(3); loyalty:
Guadagni & Little (1983), Marketing Science 2(3); one-stop shopping, which pays for loss leaders:
Lal & Matutes (1994), Journal of Business 67(3); it needs a visit whose needs come one after the
other, and so is no part of expected demand. Surplus: the log-sum over price sensitivity (Small &
Rosen 1981), corrected where quality differs from what was expected, or the price at checkout from
the one advertised (Train 2015, Journal of Choice Modelling 16).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.campaigns import borne_by_merchant, grant, pays
from sim.streams import gumbel_at

NOTHING = -1
RIVAL = -2
OUTSIDE_COLUMN = 1 << 40
RIVAL_COLUMN = 1 << 41
"""Columns of draws, beyond those of listings, of buying nothing and of the rival."""

NO_MARKUP = np.empty(0)
"""For sessions that are all asked the posted prices."""


class Weights(NamedTuple):
    """Weights of the utility, as in `sim.settings.consumers.ChoiceSettings`."""

    base: float
    appeal: float
    quality: float
    taste: float
    reference: float
    loyalty: float
    trust: float
    one_stop: float = 0.0


class Offers(NamedTuple):
    """What can be bought today. L listings, D taste dimensions; money in cents."""

    advertised: NDArray[np.int64]  # (L,)
    price: NDArray[np.int64]  # (L,) at checkout
    reference_price: NDArray[np.float64]  # (L,)
    appeal: NDArray[np.float64]  # (L,)
    expected_quality: NDArray[np.float64]  # (L,)
    true_quality: NDArray[np.float64]  # (L,)
    attributes: NDArray[np.float32]  # (L, D)
    merchant: NDArray[np.int32]  # (L,)


class Shoppers(NamedTuple):
    """Who chooses. S sessions, N consumers, K alternatives a session."""

    consumer: NDArray[np.int32]  # (S,)
    line: NDArray[np.int32]  # (S,)
    alternatives: NDArray[np.int32]  # (S, K) distinct listings considered, -1 padded
    slope: NDArray[np.float64]  # (S,) logit units a cent: a_i / P
    outside: NDArray[np.float64]  # (S,) utility of buying nothing
    rival: NDArray[np.float64]  # (S,) utility of the rival; -inf without one
    taste: NDArray[np.float32]  # (N, D)
    trust: NDArray[np.float32]  # (N,)
    memory: NDArray[np.int32]  # (N, R) listings bought before, -1 padded
    markup: NDArray[np.float64] = NO_MARKUP  # (S,) personal, share of prices; empty: none


class Choices(NamedTuple):
    """What the sessions chose. Money in cents."""

    listing: NDArray[np.int32]  # (S,) listing, NOTHING or RIVAL
    column: NDArray[np.int32]  # (S,) column of the alternatives, -1 if none
    subsidy: NDArray[np.int64]  # (S,) a unit, off the price
    seller_subsidy: NDArray[np.int64]  # (S,) a unit, to the merchant
    fee: NDArray[np.int64]  # (S,) delivery fee, before its subsidy
    fee_subsidy: NDArray[np.int64]  # (S,) off the delivery fee
    by_merchant: NDArray[np.int64]  # (S,) of the subsidy off the price, what the merchant bears
    fee_by_merchant: NDArray[np.int64]  # (S,) of that off the fee
    surplus: NDArray[np.float64]  # (S,) logit units, against outside option and rival alone
    lost: NDArray[np.bool_]  # (S,) the best affordable alternative was sold out
    abandoned: NDArray[np.bool_]  # (S,) left when checkout asked more than advertised


@njit(cache=True, inline="always")
def markup_of(shoppers, s, price):  # type: ignore[no-untyped-def]
    """Cents that session `s` is asked beyond a posted price, as `personal_prices.extra_cents`."""
    if shoppers.markup.shape[0] == 0:
        return 0
    return int(np.rint(price * shoppers.markup[s]))


@njit(cache=True)
def utilities(shoppers, offers, weights):  # type: ignore[no-untyped-def]
    """(S, K) utilities at advertised prices without subsidy or fee; -inf where padded.

    Args:
        shoppers: a `Shoppers`.
        offers: an `Offers`.
        weights: a `Weights`.
    """
    sessions, width = shoppers.alternatives.shape
    dimensions = offers.attributes.shape[1]
    value = np.full((sessions, width), -np.inf)
    for s in range(sessions):
        i = shoppers.consumer[s]
        common = weights.base + weights.trust * (shoppers.trust[i] - 0.5)
        for k in range(width):
            j = shoppers.alternatives[s, k]
            if j < 0:
                continue
            match = 0.0
            for d in range(dimensions):
                match += shoppers.taste[i, d] * offers.attributes[j, d]
            pay = offers.advertised[j] + markup_of(shoppers, s, offers.price[j])
            v = common + weights.appeal * offers.appeal[j] + weights.taste * match
            v += weights.quality * (offers.expected_quality[j] - 0.5)
            v -= shoppers.slope[s] * pay
            v += weights.reference * shoppers.slope[s] * (offers.reference_price[j] - pay)
            if weights.loyalty != 0.0:
                for r in range(shoppers.memory.shape[1]):
                    if shoppers.memory[i, r] == j:
                        v += weights.loyalty
                        break
            value[s, k] = v
    return value


@njit(cache=True)
def _taken_in_this_visit(consumer, listing, s, j):  # type: ignore[no-untyped-def]
    """Whether a session just before `s`, of the same consumer, took `j`."""
    before = s - 1
    while before >= 0 and consumer[before] == consumer[s]:
        if listing[before] == j:
            return True
        before -= 1
    return False


@njit(cache=True)
def choose_in_turn(  # type: ignore[no-untyped-def]
    shoppers, offers, weights, value, stock, purse, campaigns, fee, key, stride, once
):
    """Let the sessions choose one after the other while stock, purses and budgets last.

    Args:
        shoppers: a `Shoppers`, in the order in which they come.
        offers: an `Offers`.
        weights: a `Weights`.
        value: (S, K) from `utilities`.
        stock: (L,) units; changed in place.
        purse: (N,) cents; changed in place.
        campaigns: a `Campaigns`; what is left of its budgets is changed in place.
        fee: delivery fee in cents, charged once a visit.
        key: key of the stream of tastes of the day.
        stride: most needs a visit; row of a draw is `consumer * stride + line`.
        once: whether what an earlier session of the same visit took is not wanted again.

    Returns:
        A `Choices`.
    """
    sessions, width = shoppers.alternatives.shape
    listing = np.full(sessions, NOTHING, dtype=np.int32)
    column = np.full(sessions, -1, dtype=np.int32)
    subsidies = np.zeros(sessions, dtype=np.int64)
    seller_subsidies = np.zeros(sessions, dtype=np.int64)
    fees = np.zeros(sessions, dtype=np.int64)
    fee_subsidies = np.zeros(sessions, dtype=np.int64)
    by_merchant = np.zeros(sessions, dtype=np.int64)
    fee_by_merchant = np.zeros(sessions, dtype=np.int64)
    surplus = np.zeros(sessions)
    lost = np.zeros(sessions, dtype=np.bool_)
    abandoned = np.zeros(sessions, dtype=np.bool_)
    fee_paid = np.zeros(purse.shape[0], dtype=np.bool_)
    count = campaigns.off_fee.shape[0]
    goods = np.zeros(count, dtype=np.int64)
    off = np.zeros(count, dtype=np.int64)
    left, limit, platform_left = campaigns.left, campaigns.limit, campaigns.platform_left
    if count == 1:  # the common case, without a loop over campaigns for each alternative
        offered, allowed = campaigns.per_unit[0], campaigns.eligible[0]
        off_fee, cap = campaigns.off_fee[0], campaigns.cap[0]
        borne, to_seller = campaigns.merchant_share[0], campaigns.to_seller[0]
    counts = np.zeros(width, dtype=np.bool_)
    attraction = np.zeros(width)
    last_shop = np.full(purse.shape[0], -1, dtype=np.int32)
    for s in range(sessions):
        counts[:] = False
        i = shoppers.consumer[s]
        row = np.int64(i) * stride + shoppers.line[s]
        slope = shoppers.slope[s]
        due = 0 if fee_paid[i] else fee
        alone = np.exp(shoppers.outside[s])
        fallback = shoppers.outside[s] + gumbel_at(key, row, OUTSIDE_COLUMN)
        fallback_choice = NOTHING
        if shoppers.rival[s] > -np.inf:
            alone += np.exp(shoppers.rival[s])
            u = shoppers.rival[s] + gumbel_at(key, row, RIVAL_COLUMN)
            if u > fallback:
                fallback = u
                fallback_choice = RIVAL
        inside = 0.0
        best = fallback
        best_k = -1
        wanted = fallback
        for k in range(width):
            v = value[s, k]
            if v == -np.inf:
                continue
            j = shoppers.alternatives[s, k]
            if once and _taken_in_this_visit(shoppers.consumer, listing, s, j):
                continue
            price = offers.price[j] + markup_of(shoppers, s, offers.price[j])
            subsidy = 0
            charged = due
            if count == 1:
                if allowed[s]:
                    room = min(limit[j], platform_left[0])
                    subsidy, cut = pays(
                        offered[j], off_fee[j], cap, borne, left[0], room, price, due
                    )
                    charged = due - cut
                    if to_seller:
                        subsidy = 0
            elif count > 1:
                subsidy, cut = grant(campaigns, s, j, price, due, goods, off)
                charged = due - cut
            v += slope * ((1.0 + weights.reference) * subsidy - charged)
            if offers.merchant[j] == last_shop[i]:
                v += weights.one_stop
            u = v + gumbel_at(key, row, j)
            if price - subsidy + charged > purse[i]:
                continue
            if u > wanted:
                wanted = u
            if stock[j] < 1:
                continue
            counts[k] = True
            attraction[k] = np.exp(v)
            inside += attraction[k]
            if u > best:
                best = u
                best_k = k
        surplus[s] = np.log((alone + inside) / alone)
        for k in range(width):
            if not counts[k] or inside <= 0.0:
                continue
            j = shoppers.alternatives[s, k]
            trick = offers.price[j] - offers.advertised[j]
            gap = weights.quality * (offers.true_quality[j] - offers.expected_quality[j])
            if trick <= 0:
                surplus[s] += attraction[k] * gap / (inside + alone)
                continue
            kept = np.exp(-slope * (1.0 + weights.reference) * trick)  # see `after_checkout`
            stands = inside * kept + alone
            surplus[s] += attraction[k] * gap * kept / stands
            surplus[s] += attraction[k] / inside * np.log(stands / (inside + alone))
        lost[s] = wanted > best
        listing[s] = fallback_choice
        if best_k < 0:
            continue
        j = shoppers.alternatives[s, best_k]
        trick = offers.price[j] - offers.advertised[j]
        if trick > 0 and best - slope * (1.0 + weights.reference) * trick < fallback:
            abandoned[s] = True
            continue
        listing[s] = j
        column[s] = best_k
        fees[s] = due
        fee_paid[i] = True
        last_shop[i] = offers.merchant[j]
        stock[j] -= 1
        price = offers.price[j] + markup_of(shoppers, s, offers.price[j])
        if count > 0:
            subsidies[s], fee_subsidies[s] = grant(campaigns, s, j, price, due, goods, off)
            for c in range(count):
                share = campaigns.merchant_share[c]
                of_goods = borne_by_merchant(goods[c], share)
                of_fee = borne_by_merchant(off[c], share)
                by_merchant[s] += of_goods
                fee_by_merchant[s] += of_fee
                if campaigns.to_seller[c]:
                    seller_subsidies[s] += goods[c]
                left[c] -= goods[c] + off[c]
                platform_left[0] -= goods[c] + off[c] - of_goods - of_fee
        purse[i] -= price - subsidies[s] + due - fee_subsidies[s]
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


def after_checkout(
    weight: NDArray[np.float64], alone: NDArray[np.float64], kept: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What becomes of a logit choice where checkout asks more than was advertised.

    Who chose j leaves it again if, at the price at checkout, nothing or the rival is better. With
    A the sum of `weight` and B `alone`, the choice of j stands by a margin of at least t with
    probability `e_j / (A + B exp(t))`; a trick c costs the smaller of c and the margin, in the mean
    the integral of that over t from 0 to c.

    Args:
        weight: (S, K) exp(V) at advertised prices; 0 for what cannot be bought.
        alone: (S,) exp(V) of the outside option and the rival together.
        kept: (S, K) exp(-c), c the utility that the trick costs; 1 where checkout asks no more.

    Returns:
        (S, K) probabilities that j is bought, and (S,) utility lost to tricks, in logit units.
    """
    inside, other = weight.sum(axis=1, keepdims=True), alone[:, None]
    left = inside * kept + other
    chosen = np.divide(weight, inside, out=np.zeros_like(weight), where=inside > 0)
    return weight * kept / left, -(chosen * np.log(left / (inside + other))).sum(axis=1)


def expected_shares(
    shoppers: Shoppers,
    offers: Offers,
    weights: Weights,
    value: NDArray[np.float64],
    subsidy: NDArray[np.int64],
    charged: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Choice probabilities of every alternative, without chance.

    Args:
        shoppers: S sessions.
        offers: what is on sale.
        weights: weights of the utility.
        value: (S, K) from `utilities`; -inf for what cannot be bought.
        subsidy: (S, K) cents off the price.
        charged: (S, K) cents of delivery fee.

    Returns:
        (S, K) probabilities of a purchase, and (S,) surplus in logit units against outside option
        and rival.
    """
    j = shoppers.alternatives
    v = value + shoppers.slope[:, None] * ((1.0 + weights.reference) * subsidy - charged)
    weight = np.where(np.isneginf(value), 0.0, np.exp(v))
    alone = np.exp(shoppers.outside) + np.exp(shoppers.rival)
    trick = np.maximum(offers.price[j] - offers.advertised[j], 0)
    kept = np.exp(-shoppers.slope[:, None] * (1.0 + weights.reference) * trick)
    share, regret = after_checkout(weight, alone, kept)
    gap = offers.true_quality[j] - offers.expected_quality[j]
    surplus = np.log(1.0 + weight.sum(axis=1) / alone) - regret
    return share, surplus + weights.quality * (share * gap).sum(axis=1)
