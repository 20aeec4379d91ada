"""Misconduct beyond prices: counterfeits and bought reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import BoolArray
from sim.ledger import Owner, Purpose
from sim.merchants.pricing import cheating_listings
from sim.response.review_texts import bought_review_text
from sim.streams import poisson_from_uniform

if TYPE_CHECKING:
    from sim.market import Marketplace


def set_costs_and_qualities(market: Marketplace) -> None:
    """What a unit costs and is worth today: genuine or counterfeit, supply shocks included.

    A counterfeiter fakes all its listings while it dares to; a counterfeit wave makes honest
    merchants turn while it lasts.
    """
    listings, settings = market.listings, market.settings.merchants.misconduct
    fakes = cheating_listings(market, "counterfeit")
    tempted = tempted_by_wave(market)
    if tempted.any():
        dares = ~market.conduct.is_deterred(market.day)
        fakes = fakes | (tempted & dares)[listings.merchant]
    listings.counterfeit = fakes
    listings.quality = np.where(fakes, settings.counterfeit_quality, listings.genuine_quality)
    factor = market.supply_factor[listings.category]
    factor = np.where(fakes, factor * settings.counterfeit_cost, factor)
    listings.unit_cost = np.rint(listings.genuine_cost * factor).astype(np.int64)


def tempted_by_wave(market: Marketplace) -> BoolArray:
    """(M,) merchants, honest ones too, that a counterfeit wave turns while it lasts."""
    share, count = market.counterfeit_wave_share, len(market.merchants)
    if share <= 0:
        return np.zeros(count, dtype=np.bool_)
    tempted: BoolArray = market.streams.uniform("wave", 0, np.arange(count)) < share
    return tempted


def buy_reviews(market: Marketplace) -> None:
    """Cheats pay for five-star reviews of their listings."""
    settings, listings = market.settings.merchants.misconduct, market.listings
    cheats = market.conduct.cheats("bought_reviews", market.day)
    rows = np.flatnonzero(cheats & market.books.is_open)
    if len(rows) == 0:
        return
    draw = market.streams.uniform("bought_reviews", market.day, rows)
    mean = np.full(len(rows), settings.bought_reviews_per_day)
    count = poisson_from_uniform(draw, mean)
    price = market.cents(settings.bought_review_price)
    offered = np.bincount(listings.merchant, minlength=len(market.merchants))[rows]
    count = np.where(offered > 0, count, 0)
    merchant = np.repeat(rows, count)
    if len(merchant) == 0:
        return
    number = np.arange(len(merchant)) - np.repeat(np.cumsum(count) - count, count)
    pick = market.streams.uniform("bought_review_of", market.day, merchant, number)
    order = np.argsort(listings.merchant, kind="stable")
    first = np.searchsorted(listings.merchant[order], merchant)
    end = np.searchsorted(listings.merchant[order], merchant, side="right")
    listing = order[first + (pick * (end - first)).astype(np.int64)]
    market.ledger.transfer(
        market.day,
        market.ledger.account(Owner.MERCHANT, merchant),
        market.ledger.account(Owner.OUTSIDE),
        price,
        Purpose.BOUGHT_REVIEW,
    )
    np.add.at(market.books.other_cost, merchant, price)
    stars = np.full(len(listing), 5, dtype=np.int8)
    market.reviews.append(
        day=market.day,
        consumer=-1,
        listing=listing,
        order=-1,
        stars=stars,
        text=bought_review_text(pick),
        bought=True,
    )
    np.add.at(listings.rating_sum, listing, 5.0)
    np.add.at(listings.rating_count, listing, 1)
