"""Consumers shop: consideration, choice, payment.

Activation: one session after the other by minute of the day, since stock, purses and subsidy
budgets run out; with expected demand, synchronous.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from policies.arrays import IntArray
from policies.repeats import drop_repeats
from sim.arrivals import LINES
from sim.attention import place_looked_at, rank_chances
from sim.campaigns import Campaigns, funding, no_campaigns, share_served
from sim.choice import (
    NO_MARKUP,
    NOTHING,
    RIVAL,
    Offers,
    Shoppers,
    Weights,
    choose_in_turn,
    utilities,
)
from sim.clicks import looked_at_closely
from sim.columns import MEMORY
from sim.consumers import believed_quality, remember
from sim.demotion import places_lost
from sim.event_tables import OrderStatus, Source
from sim.expected_demand import expected_orders
from sim.homing import OURS
from sim.ledger import Owner, Purpose
from sim.once_only import remember_bought, without_bought
from sim.personal_prices import extra_cents
from sim.response.aspiration import renew_aspirations
from sim.rivalry import count_purchases, rival_utility
from sim.settlement import borne_by_platform, take_payment
from sim.views import may_be_sold

if TYPE_CHECKING:
    from sim.market import Marketplace


def shop(market: Marketplace) -> None:
    """Fill purses that are due, let today's sessions choose, and take payment for the orders."""
    _fill_purses(market)
    renew_aspirations(market)
    today, choice = market.today, market.settings.consumers.choice
    today.alternatives, today.position = consideration_sets(market)
    shoppers = _shoppers(market, today.alternatives)
    offers, weights = current_offers(market), choice_weights(market)
    value = utilities(shoppers, offers, weights)
    rival = np.logaddexp(shoppers.rival, shoppers.outside) - shoppers.outside
    today.session_surplus_elsewhere = rival / shoppers.slope
    if choice.demand == "expected":
        _buy_expected(market, shoppers, offers, weights, value)
        today.clicked = np.zeros(value.shape, dtype=np.bool_)  # nobody in particular comes
    else:
        _buy_in_turn(market, shoppers, offers, weights, value)
        key, margin = market.streams.key("taste", market.day), choice.click_margin
        today.clicked = looked_at_closely(shoppers, value, key, LINES, margin)
        chosen = today.session_choice[:, None]
        today.clicked |= (today.alternatives == chosen) & (chosen >= 0)
    _remember_sales(market)


def choice_weights(market: Marketplace) -> Weights:
    """The scenario's weights, as the kernels take them."""
    choice = market.settings.consumers.choice
    return Weights(
        base=choice.base_utility,
        appeal=choice.appeal_weight,
        quality=choice.quality_weight,
        taste=choice.taste_weight,
        reference=choice.reference_weight,
        loyalty=choice.loyalty_weight,
        trust=choice.trust_weight,
        one_stop=choice.one_stop_utility,
    )


def current_offers(market: Marketplace) -> Offers:
    """Prices and qualities as they stand now."""
    listings, response = market.listings, market.settings.consumers.response
    return Offers(
        advertised=listings.advertised,
        price=listings.price,
        reference_price=listings.reference_price,
        appeal=listings.appeal,
        expected_quality=believed_quality(listings, response).astype(np.float64),
        true_quality=listings.quality,
        attributes=listings.attributes,
        merchant=listings.merchant,
    )


def consideration_sets(market: Marketplace) -> tuple[NDArray[np.int32], NDArray[np.int16]]:
    """What each session considers, and the place at which it saw it.

    A session looks at the item that it wants again, at its search results and at its slate, in that
    order, as far as its patience goes, or at one place of results or slate, with attention by rank;
    with `show_all` at every listing of the category. Never at what it has bought, where goods are
    wanted once only, and what it sees again further down is not there a second time.

    Returns:
        (S, K) listings, -1 padded, and (K,) positions: column 0 is the item wanted again.
    """
    today = market.today
    if market.settings.consumers.choice.show_all:
        return _whole_category(market)
    results, slate = _looked_at(market)
    k, k2 = today.slate.shape[1], today.results.shape[1]
    again = today.session_repeat
    sellable = may_be_sold(market) & (market.listings.stock > 0)
    again = np.where((again >= 0) & sellable[again], again, -1)
    alternatives = np.concatenate([again[:, None], results, slate], axis=1).astype(np.int32)
    drop_repeats(alternatives)
    position = np.concatenate([[0], np.arange(k2), np.arange(k)]).astype(np.int16)
    return without_bought(market, alternatives), position


def _looked_at(market: Marketplace) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """(S, K2) results and (S, K) slates as far as they are looked at, -1 elsewhere."""
    today, choice = market.today, market.settings.consumers.choice
    searching = (today.session_query >= 0)[:, None]
    k, k2 = today.slate.shape[1], today.results.shape[1]
    if choice.attention == "rank":
        draw = market.streams.uniform(
            "place", market.day, today.session_consumer, today.session_line
        )
        at_result, at_slate = (
            place_looked_at(
                rank_chances(
                    today.session_consumer, places, choice.rank_concentration, market.streams
                ),
                draw,
            )[:, None]
            for places in (k2, k)
        )
        results_seen = searching & (np.arange(k2) == at_result)
        slate_seen = ~searching & (np.arange(k) == at_slate)
    else:
        seen = today.examined[:, None]
        results_seen = searching & (np.arange(k2) < seen)
        slate_seen = np.arange(k) < np.where(searching, seen - k2, seen)
    return np.where(results_seen, today.results, -1), np.where(slate_seen, today.slate, -1)


def _whole_category(market: Marketplace) -> tuple[NDArray[np.int32], NDArray[np.int16]]:
    shown = market.today.steering.shown
    sellable = np.flatnonzero(may_be_sold(market) & (market.listings.stock > 0) & shown)
    category = market.listings.category[sellable]
    width = int(np.bincount(category, minlength=1).max()) if len(sellable) else 0
    table = np.full((len(market.category_names), width), -1, dtype=np.int32)
    for c in np.unique(category):
        own = sellable[category == c]
        table[c, : len(own)] = own
    alternatives = table[market.today.session_category]
    lost = places_lost(market, alternatives)
    if lost is not None:
        alternatives[lost] = -1
    return without_bought(market, alternatives), np.arange(width, dtype=np.int16)


def _shoppers(market: Marketplace, alternatives: NDArray[np.int32]) -> Shoppers:
    today, crowd = market.today, market.crowd
    consumer = today.session_consumer
    sensitivity = crowd.price_sensitivity[consumer].astype(np.float64)
    rival = np.where(crowd.home[consumer] == OURS, -np.inf, rival_utility(market, sensitivity))
    reference = market.reference_price[today.session_category]
    trust = market.settings.consumers.choice.trust_weight * (crowd.trust[consumer] - 0.5)
    outside = np.full(len(consumer), market.settings.consumers.choice.outside_utility)
    personal = today.personal.markup.astype(np.float64)
    return Shoppers(
        consumer=consumer,
        line=today.session_line,
        alternatives=alternatives,
        slope=sensitivity / reference,
        outside=outside,
        rival=(rival - trust).astype(np.float64),
        taste=crowd.taste,
        trust=crowd.trust,
        memory=crowd.memory[:, :MEMORY],
        markup=personal if personal.any() else NO_MARKUP,
    )


def _fill_purses(market: Marketplace) -> None:
    """Top up the purses of those whose turn it is: income for `budget_days`, from outside."""
    period = market.settings.consumers.budget_days
    everyone = np.arange(len(market.crowd))
    due = everyone if market.day == 0 else everyone[market.day % period :: period]
    accounts = market.ledger.account(Owner.CONSUMER, due)
    budget = market.crowd.income[due] * period
    missing = np.maximum(budget - market.ledger.balance[accounts], 0)
    outside = market.ledger.account(Owner.OUTSIDE)
    market.ledger.transfer(market.day, outside, accounts, missing, Purpose.INCOME)


def _campaigns(market: Marketplace) -> Campaigns:
    """Today's campaigns; none where the platform has not opened today."""
    campaigns = market.today.campaigns
    if campaigns is None:
        return no_campaigns(len(market.listings), len(market.today.session_consumer))
    return campaigns


def _buy_in_turn(
    market: Marketplace,
    shoppers: Shoppers,
    offers: Offers,
    weights: Weights,
    value: NDArray[np.float64],
) -> None:
    today, listings, campaigns = market.today, market.listings, _campaigns(market)
    budgets = campaigns.left.copy()
    purse = market.ledger.balance_of(Owner.CONSUMER)
    chosen = choose_in_turn(
        shoppers,
        offers,
        weights,
        value,
        listings.stock,
        purse,
        campaigns,
        market.fees.delivery_fee,
        market.streams.key("taste", market.day),
        LINES,
        market.settings.consumers.choice.once,
    )
    today.session_choice = chosen.listing
    today.session_surplus = chosen.surplus / shoppers.slope
    today.session_lost = chosen.lost
    today.bait_abandoned = chosen.abandoned
    today.campaign_paid = budgets - campaigns.left
    count_purchases(market, (chosen.listing == RIVAL).astype(np.float64))
    buying = np.flatnonzero(chosen.listing > NOTHING)
    bought, one_each = chosen.listing[buying].astype(np.int64), np.ones(len(buying), np.int64)
    markup = _markup(market, buying, bought)
    today.campaign_served = share_served(
        campaigns,
        today.campaign_paid,
        buying,
        bought,
        listings.price[bought] + markup,
        chosen.fee[buying],
        one_each,
    )
    k2 = today.results.shape[1]
    column = chosen.column[buying]
    source = np.select([column == 0, column <= k2], [Source.REPEAT, Source.SEARCH], Source.SLATE)
    if market.settings.consumers.choice.show_all:
        source = np.full(len(buying), Source.DIRECT)
    _place(
        market,
        markup=markup,
        consumer=today.session_consumer[buying],
        minute=today.session_minute[buying],
        listing=chosen.listing[buying],
        quantity=one_each.astype(np.int32),
        unit_subsidy=chosen.subsidy[buying],
        seller_subsidy=chosen.seller_subsidy[buying],
        fee=chosen.fee[buying],
        fee_subsidy=chosen.fee_subsidy[buying],
        merchant_funded=chosen.by_merchant[buying],
        merchant_funded_fee=chosen.fee_by_merchant[buying],
        source=source,
        position=today.position[column],
    )


def _markup(market: Marketplace, session: IntArray, listing: IntArray) -> IntArray:
    """(n,) cents a unit that sessions are asked beyond the posted prices."""
    markup = market.today.personal.markup
    if len(markup) == 0:
        return np.zeros(len(session), dtype=np.int64)
    return extra_cents(market.listings.price[listing], markup[session])


def _buy_expected(
    market: Marketplace,
    shoppers: Shoppers,
    offers: Offers,
    weights: Weights,
    value: NDArray[np.float64],
) -> None:
    today, choice, campaigns = market.today, market.settings.consumers.choice, _campaigns(market)
    fee = market.fees.delivery_fee
    bought, surplus, stay = expected_orders(
        shoppers, offers, weights, value, campaigns, fee, choice.buyers_per_consumer
    )
    today.session_surplus = surplus / shoppers.slope
    at_rival = np.exp(shoppers.rival) / (np.exp(shoppers.outside) + np.exp(shoppers.rival))
    at_rival *= 1.0 - stay
    count_purchases(market, at_rival * choice.buyers_per_consumer)
    today.session_choice = np.full(len(surplus), NOTHING, dtype=np.int32)
    today.session_lost = np.zeros(len(surplus), dtype=np.bool_)
    today.bait_abandoned = np.zeros(len(surplus), dtype=np.bool_)
    session, column, units = bought.session, bought.column, bought.units
    listing = shoppers.alternatives[session, column].astype(np.int64)
    if not market.settings.merchants.unlimited_stock:
        before = np.zeros(len(units), dtype=np.int64)
        for j in np.unique(listing):
            own = np.flatnonzero(listing == j)
            before[own] = np.cumsum(units[own]) - units[own]
        units = np.clip(market.listings.stock[listing] - before, 0, units)
    today.campaign_paid = ((bought.goods + bought.off) * units).sum(axis=1)
    bill = funding(campaigns, bought.goods, bought.off)
    consumer = today.session_consumer[session]
    markup = _markup(market, session, listing)
    price = market.listings.price[listing] + markup
    today.campaign_served = share_served(
        campaigns, today.campaign_paid, session, listing, price, np.full(len(units), fee), units
    )
    buyer_pays = price - bill.to_buyer + fee - bill.off_fee
    market.ledger.transfer(
        market.day,
        market.ledger.account(Owner.OUTSIDE),
        market.ledger.account(Owner.CONSUMER, consumer),
        buyer_pays * units,
        Purpose.INCOME,
    )
    np.subtract.at(market.listings.stock, listing, units)
    _place(
        market,
        markup=markup,
        consumer=consumer,
        minute=today.session_minute[session],
        listing=listing,
        quantity=units.astype(np.int32),
        unit_subsidy=bill.to_buyer,
        seller_subsidy=bill.to_seller,
        fee=fee * units,
        fee_subsidy=bill.off_fee * units,
        merchant_funded=bill.by_merchant * units,
        merchant_funded_fee=bill.fee_by_merchant * units,
        source=np.full(len(units), Source.DIRECT if choice.show_all else Source.SLATE),
        position=column,
    )


def _place(market: Marketplace, **line: NDArray[Any]) -> None:
    """Write the orders down and take payment; the sold units have left the shelf already."""
    today, listings, crowd = market.today, market.listings, market.crowd
    listing, consumer, quantity = line["listing"], line["consumer"], line["quantity"]
    category = listings.category[listing]
    price = listings.price[listing]
    commission = np.rint(price * quantity * market.fees.commission[listing]).astype(np.int64)
    expected = believed_quality(listings, market.settings.consumers.response)[listing]
    match = np.einsum("nd,nd->n", crowd.taste[consumer], listings.attributes[listing])
    today.orders = market.orders.append(
        day=market.day,
        minute=line["minute"],
        consumer=consumer,
        group=crowd.group[consumer],
        listing=listing,
        merchant=listings.merchant[listing],
        category=category,
        quantity=quantity,
        unit_price=price,
        advertised=listings.advertised[listing],
        list_price=listings.list_price[listing],
        unit_subsidy=line["unit_subsidy"],
        seller_subsidy=line["seller_subsidy"],
        markup=line["markup"],
        delivery_fee=line["fee"],
        fee_subsidy=line["fee_subsidy"],
        merchant_funded=line["merchant_funded"],
        merchant_funded_fee=line["merchant_funded_fee"],
        commission=commission,
        reference_price=np.rint(listings.reference_price[listing]).astype(np.int64),
        unit_cost=listings.unit_cost[listing],
        source=line["source"],
        position=line["position"],
        repeat=(crowd.memory[consumer] == listing[:, None]).any(axis=1),
        job=-1,
        due=np.nan,
        closed=np.nan,
        status=OrderStatus.OPEN,
        refunded=0,
        spoiled=False,
        expected_quality=expected,
        true_quality=listings.quality[listing],
        match=match,
        counterfeit=listings.counterfeit[listing],
    )
    take_payment(market, today.orders)
    goods, delivery = borne_by_platform(market, today.orders)
    today.subsidy_paid = int(goods.sum() + delivery.sum())


def _remember_sales(market: Marketplace) -> None:
    orders, crowd, listings = market.orders, market.crowd, market.listings
    today = market.today.orders
    consumer, listing = orders["consumer"][today], orders["listing"][today]
    quantity = orders["quantity"][today]
    remember(crowd.memory, consumer, listing)
    remember_bought(market, consumer, listing)
    crowd.last_order[consumer] = market.day
    # In the columns' own types: NumPy's `add.at` is fifty times slower where it has to convert.
    np.add.at(crowd.orders, consumer, np.ones(len(consumer), crowd.orders.dtype))
    np.add.at(listings.units_sold, listing, quantity.astype(listings.units_sold.dtype))
    np.add.at(listings.sold_recently, listing, quantity.astype(listings.sold_recently.dtype))
