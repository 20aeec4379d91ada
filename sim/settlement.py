"""How an order's money moves: held by the platform, paid out on delivery, or given back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, FloatArray, IntArray
from sim.event_tables import OrderStatus
from sim.ledger import Owner, Purpose

if TYPE_CHECKING:
    from sim.market import Marketplace


def paid_for_goods(market: Marketplace, orders: IntArray) -> NDArray[np.int64]:
    """(n,) cents that buyers paid for goods: price and personal markup, less their subsidy."""
    table = market.orders
    each = table["unit_price"][orders] + table["markup"][orders] - table["unit_subsidy"][orders]
    paid: NDArray[np.int64] = each * table["quantity"][orders]
    return paid


def paid_for_delivery(market: Marketplace, orders: IntArray) -> NDArray[np.int64]:
    """(n,) cents that buyers paid for delivery: the fee less its subsidy."""
    table = market.orders
    paid: NDArray[np.int64] = table["delivery_fee"][orders] - table["fee_subsidy"][orders]
    return paid


def paid_by_buyers(market: Marketplace, orders: IntArray) -> NDArray[np.int64]:
    """(n,) cents that buyers paid for orders: goods and delivery."""
    return paid_for_goods(market, orders) + paid_for_delivery(market, orders)


def seller_subsidies(market: Marketplace, orders: IntArray) -> NDArray[np.int64]:
    """(n,) cents that campaigns pay merchants for orders."""
    table = market.orders
    amount: NDArray[np.int64] = table["seller_subsidy"][orders] * table["quantity"][orders]
    return amount


def payout(market: Marketplace, orders: IntArray) -> NDArray[np.int64]:
    """(n,) cents that merchants get for orders: price and their subsidy, less commission.

    What they owe for the campaigns that they bear a part of is not taken off.
    """
    table = market.orders
    value = table["unit_price"][orders] * table["quantity"][orders]
    due: NDArray[np.int64] = value - table["commission"][orders] + seller_subsidies(market, orders)
    return due


def borne_by_platform(
    market: Marketplace, orders: IntArray
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(n,) cents of subsidies on the goods of orders that the platform bears, and (n,) on fees."""
    table = market.orders
    each = table["unit_subsidy"][orders] + table["seller_subsidy"][orders]
    goods: NDArray[np.int64] = each * table["quantity"][orders] - table["merchant_funded"][orders]
    fee: NDArray[np.int64] = table["fee_subsidy"][orders] - table["merchant_funded_fee"][orders]
    return goods, fee


def take_payment(market: Marketplace, orders: IntArray) -> None:
    """Buyers pay the platform for new orders: goods and delivery, less their subsidies."""
    table, ledger = market.orders, market.ledger
    buyer = ledger.account(Owner.CONSUMER, table["consumer"][orders])
    platform = ledger.account(Owner.PLATFORM)
    day, goods = market.day, paid_for_goods(market, orders)
    ledger.transfer(day, buyer, platform, goods, Purpose.PAYMENT, orders)
    fee = paid_for_delivery(market, orders)
    ledger.transfer(day, buyer, platform, fee, Purpose.DELIVERY_FEE, orders)


def pay_out(market: Marketplace, orders: IntArray) -> None:
    """Orders were delivered: the platform pays the merchants, who pay their part of campaigns.

    With unlimited stock the merchants now buy from their suppliers what they sold.
    """
    table, ledger, books, day = market.orders, market.ledger, market.books, market.day
    if len(orders) == 0:
        return
    merchant, quantity = table["merchant"][orders], table["quantity"][orders]
    account = ledger.account(Owner.MERCHANT, merchant)
    platform = ledger.account(Owner.PLATFORM)
    total = payout(market, orders)
    subsidy = seller_subsidies(market, orders)
    funded = table["merchant_funded"][orders] + table["merchant_funded_fee"][orders]
    ledger.transfer(day, platform, account, total - subsidy, Purpose.PAYOUT, orders)
    ledger.transfer(day, platform, account, subsidy, Purpose.SELLER_SUBSIDY, orders)
    ledger.transfer(day, account, platform, funded, Purpose.CAMPAIGN_SHARE, orders)
    cost = table["unit_cost"][orders] * quantity
    if market.settings.merchants.unlimited_stock:
        suppliers = ledger.account(Owner.SUPPLIERS)
        ledger.transfer(day, account, suppliers, cost, Purpose.STOCK, orders)
    np.add.at(books.revenue, merchant, total - funded)
    np.add.at(books.cost_of_sales, merchant, cost)
    np.add.at(books.units, merchant, quantity)
    table["status"][orders] = OrderStatus.DELIVERED


def cancel(market: Marketplace, orders: IntArray) -> None:
    """Orders cannot be delivered: buyers get everything back and the goods return to the shelf.

    What a buyer got back from the merchant already, as restitution, goes to the merchant.
    """
    table, ledger = market.orders, market.ledger
    if len(orders) == 0:
        return
    everything, already = paid_by_buyers(market, orders), table["refunded"][orders]
    buyer = ledger.account(Owner.CONSUMER, table["consumer"][orders])
    platform = ledger.account(Owner.PLATFORM)
    ledger.transfer(market.day, platform, buyer, everything - already, Purpose.REFUND, orders)
    if already.any():
        merchant = table["merchant"][orders]
        account = ledger.account(Owner.MERCHANT, merchant)
        ledger.transfer(market.day, platform, account, already, Purpose.RESTITUTION, orders)
        np.subtract.at(market.books.other_cost, merchant, already)
    np.add.at(market.listings.stock, table["listing"][orders], table["quantity"][orders])
    table["refunded"][orders] = everything
    table["status"][orders] = OrderStatus.CANCELLED
    goods, fee = borne_by_platform(market, orders)
    market.today.subsidy_returned += int(goods.sum() + fee.sum())


def spoil(market: Marketplace, orders: IntArray, at_cost_of: str) -> None:
    """Goods did not stay cold: buyers get everything back, and the goods are thrown away.

    Args:
        market: the market.
        orders: (n,) open orders.
        at_cost_of: `platform`: it pays the merchants as if the goods had arrived; `merchant`: they
            get nothing, and have bought the goods in vain.
    """
    table, ledger, day = market.orders, market.ledger, market.day
    if len(orders) == 0:
        return
    merchant = table["merchant"][orders]
    platform, account = ledger.account(Owner.PLATFORM), ledger.account(Owner.MERCHANT, merchant)
    everything, already = paid_by_buyers(market, orders), table["refunded"][orders]
    if at_cost_of == "platform":
        pay_out(market, orders)
    else:
        ledger.transfer(day, platform, account, already, Purpose.RESTITUTION, orders)
        np.subtract.at(market.books.other_cost, merchant, already)
        cost = table["unit_cost"][orders] * table["quantity"][orders]
        if market.settings.merchants.unlimited_stock:
            suppliers = ledger.account(Owner.SUPPLIERS)
            ledger.transfer(day, account, suppliers, cost, Purpose.STOCK, orders)
        np.add.at(market.books.cost_of_sales, merchant, cost)
        goods, fee = borne_by_platform(market, orders)
        market.today.subsidy_returned += int(goods.sum() + fee.sum())
    buyer = ledger.account(Owner.CONSUMER, table["consumer"][orders])
    ledger.transfer(day, platform, buyer, everything - already, Purpose.REFUND, orders)
    table["refunded"][orders] = everything
    table["spoiled"][orders] = True
    table["status"][orders] = OrderStatus.REFUNDED


def refund(
    market: Marketplace,
    orders: IntArray,
    share: FloatArray,
    restock: BoolArray | None = None,
) -> NDArray[np.int64]:
    """Give buyers of delivered orders a share of their payment; the merchant bears its part.

    With the goods' price go the subsidies on it: the merchant's own comes back from the merchant,
    and what the merchant paid for the buyer's goes back to it. Delivery was done, and its fee stays
    paid.

    Args:
        market: the market.
        orders: (n,) delivered orders, each once.
        share: (n,) in [0, 1], of what was paid for the goods.
        restock: (n,) whether the goods go back on the shelf; absent: none do.

    Returns:
        (n,) cents given back; nothing beyond what was paid is ever given back twice.
    """
    table, ledger = market.orders, market.ledger
    goods = paid_for_goods(market, orders)
    left = np.maximum(goods - table["refunded"][orders], 0)
    amount: NDArray[np.int64] = np.minimum(np.rint(share * goods).astype(np.int64), left)
    part = np.divide(amount, goods, out=np.zeros(len(orders)), where=goods > 0)
    free = (goods == 0) & (table["status"][orders] == OrderStatus.DELIVERED)
    part = np.where(free, share, part)  # a subsidy paid for all of it
    claw = np.rint(part * payout(market, orders)).astype(np.int64)
    given_back = np.rint(part * table["merchant_funded"][orders]).astype(np.int64)
    merchant = table["merchant"][orders]
    buyer = ledger.account(Owner.CONSUMER, table["consumer"][orders])
    platform = ledger.account(Owner.PLATFORM)
    account = ledger.account(Owner.MERCHANT, merchant)
    ledger.transfer(market.day, platform, buyer, amount, Purpose.REFUND, orders)
    ledger.transfer(market.day, account, platform, claw, Purpose.CLAWBACK, orders)
    ledger.transfer(market.day, platform, account, given_back, Purpose.CAMPAIGN_SHARE, orders)
    net = claw - given_back
    np.subtract.at(market.books.revenue, merchant, net)
    kept = net if restock is None else np.where(restock, 0, net)
    np.add.at(market.books.refunded, merchant, kept)
    subsidy, _ = borne_by_platform(market, orders)
    market.today.subsidy_returned += int(np.rint(part * subsidy).sum())
    table["refunded"][orders] += amount
    table["status"][orders[(amount > 0) | (claw > 0)]] = OrderStatus.REFUNDED
    if restock is not None and restock.any():
        _put_back(market, orders[restock])
    return amount


def _put_back(market: Marketplace, orders: IntArray) -> None:
    """Returned goods are the merchant's again: on the shelf, and no longer a cost of sales.

    With unlimited stock the suppliers, who are paid for what is sold, give their money back.
    """
    table, ledger, books = market.orders, market.ledger, market.books
    merchant, quantity = table["merchant"][orders], table["quantity"][orders]
    cost = table["unit_cost"][orders] * quantity
    np.add.at(market.listings.stock, table["listing"][orders], quantity)
    np.subtract.at(books.cost_of_sales, merchant, cost)
    np.subtract.at(books.units, merchant, quantity)
    if market.settings.merchants.unlimited_stock:
        suppliers = ledger.account(Owner.SUPPLIERS)
        account = ledger.account(Owner.MERCHANT, merchant)
        ledger.transfer(market.day, suppliers, account, cost, Purpose.RETURN_CREDIT, orders)
