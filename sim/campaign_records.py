"""The records of the platform's campaigns: what each announced, what it is funded with and paid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import read_only
from policies.observations import (
    NOT_SHOWN,
    CampaignBook,
    CampaignNotice,
    CampaignRecord,
    SubsidyOffer,
)
from sim.event_tables import OrderStatus
from sim.history import History
from sim.settlement import borne_by_platform, paid_by_buyers

if TYPE_CHECKING:
    from sim.market import Marketplace

DAYS = 60
"""Days of sales below cost by subsidy that are remembered."""

WEEK = 7


@dataclass(slots=True)
class _Entry:
    """What is known of one campaign; money in cents."""

    notice: CampaignNotice
    funded: int
    first_day: int
    last_day: int
    paid: int = 0


class CampaignRegister:
    """All campaigns that the platform has run, by name, and what its subsidies made of prices."""

    def __init__(self, listings: int) -> None:
        """No campaign yet.

        Args:
            listings: L.
        """
        self._entries: dict[str, _Entry] = {}
        self.below_cost_past = History(DAYS, listings, np.bool_)
        self.effective_price: NDArray[np.float64] = np.full(listings, np.nan)

    def paid(self, name: str) -> int:
        """Cents that a campaign has granted so far, whoever bore them; 0 if it never ran."""
        return self._entries[name].paid if name in self._entries else 0

    def close_day(self, market: Marketplace, variable_cost: NDArray[np.float64]) -> None:
        """Enter today's campaigns, and at what prices their subsidies let goods be sold.

        Args:
            market: the market, when its day is over.
            variable_cost: (L,) cents a unit that vary with sales.
        """
        today = market.today
        for offer, paid in zip(today.offers, today.campaign_paid.tolist(), strict=True):
            self._enter(offer, market.day, paid)
        self._price_after_subsidy(market, variable_cost)

    def grow(self, listings: int) -> None:
        """Make room for listings that are new."""
        self.below_cost_past.grow(listings)
        self.effective_price = np.append(self.effective_price, np.full(listings, np.nan))

    def records(self, day: int) -> tuple[CampaignRecord, ...]:
        """Every campaign as it stood last night.

        Args:
            day: today.
        """
        return tuple(
            CampaignRecord(
                name=name,
                notice=entry.notice,
                funded=entry.funded,
                paid=entry.paid,
                first_day=entry.first_day,
                last_day=entry.last_day,
                ended=entry.last_day < day - 1 or NOT_SHOWN < entry.notice.end <= day,
            )
            for name, entry in self._entries.items()
        )

    def _enter(self, offer: SubsidyOffer, day: int, paid: int) -> None:
        funded = -1 if offer.funded is None else int(offer.funded)
        entry = self._entries.setdefault(
            offer.campaign, _Entry(offer.notice, funded, first_day=day, last_day=day)
        )
        entry.notice, entry.funded, entry.last_day = offer.notice, funded, day
        entry.paid += paid

    def _price_after_subsidy(self, market: Marketplace, variable_cost: NDArray[np.float64]) -> None:
        """What a unit of each listing brought in today without the platform's subsidy on it.

        A day counts as below cost where the price covered what a unit cost its merchant, and less
        the subsidy no longer does: the platform then is who sells below cost, not the merchant.
        """
        table, orders, count = market.orders, market.today.orders, len(market.listings)
        subsidy, _ = borne_by_platform(market, orders)
        if not subsidy.any():
            self.effective_price = np.full(count, np.nan)
            self.below_cost_past.push(False)
            return
        listing, quantity = table["listing"][orders], table["quantity"][orders]
        units = np.bincount(listing, quantity, minlength=count)
        value = np.bincount(listing, table["unit_price"][orders] * quantity, minlength=count)
        borne = np.bincount(listing, subsidy, minlength=count)
        price = np.full(count, np.nan)
        np.divide(value - borne, units, out=price, where=units > 0)
        self.effective_price = price
        covers = value >= variable_cost * units
        self.below_cost_past.push(covers & (price < variable_cost))


def campaign_book(market: Marketplace) -> CampaignBook:
    """What the regulator may read of the platform's subsidies this morning."""
    table, register = market.orders, market.campaign_register
    first = table.first_since(market.day - WEEK)
    week = np.arange(first, len(table))
    week = week[table["status"][week] != OrderStatus.CANCELLED]
    yesterday = week[table["day"][week] == market.day - 1]
    goods, fee = borne_by_platform(market, week)
    borne = goods + fee
    value = table["unit_price"][week] * table["quantity"][week]
    own = len(week) - len(yesterday)

    def by_category(amount: NDArray[np.int64]) -> NDArray[np.int64]:
        kinds = len(market.category_names)
        return np.bincount(table["category"][week], amount, minlength=kinds).astype(np.int64)

    listed, category = market.listings.listed_on, market.listings.category
    never = np.iinfo(listed.dtype).max
    launched = np.full(len(market.category_names), never, dtype=listed.dtype)
    np.minimum.at(launched, category, listed)  # many times faster where both have one type
    founded = (launched == 0) | (launched == never)
    return CampaignBook(
        campaigns=register.records(market.day),
        order_listing=read_only(table["listing"][yesterday]),
        order_price=read_only(value[own:]),
        order_subsidy=read_only(borne[own:]),
        order_paid=read_only(paid_by_buyers(market, yesterday)),
        gmv_week=read_only(by_category(value)),
        subsidy_week=read_only(by_category(borne)),
        days=min(market.day, WEEK),
        subsidy_so_far=market.subsidy_so_far,
        effective_price=read_only(register.effective_price),
        was_below_cost=read_only(register.below_cost_past.days),
        launched=read_only(np.where(founded, -1, launched).astype(np.int64)),
    )
