"""The merchants' part of the day. Activation: synchronous; all price on yesterday's market."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.merchants.deterrence import weigh
from sim.merchants.misconduct import buy_reviews, set_costs_and_qualities
from sim.merchants.pricing import set_prices
from sim.merchants.stocking import order_stock, receive_stock
from sim.merchants.turnover import close_books, enter, give_up, settle_closed

if TYPE_CHECKING:
    from sim.market import Marketplace


def act(market: Marketplace) -> None:
    """Close yesterday's books; exit and entry; who cheats; costs, prices, reviews and stock."""
    close_books(market)
    give_up(market)
    settle_closed(market)
    enter(market)
    weigh(market)
    set_costs_and_qualities(market)
    market.cost_index.update(market.listings)
    set_prices(market)
    market.deeds.note(market)
    buy_reviews(market)
    receive_stock(market)
    order_stock(market)
