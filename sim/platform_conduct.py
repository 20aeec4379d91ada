"""The records of what the platform itself does: what it showed, asked and contracted.

They are written every evening, and rules of the regulator read them the next morning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, FloatArray, IntArray, read_only
from policies.observations import (
    ContractBook,
    ExposureBook,
    PlatformConduct,
    QuoteBook,
)
from sim.campaign_records import campaign_book
from sim.fee_notices import fee_log
from sim.health.recommendation import exposure
from sim.history import History
from sim.personal_prices import extra_cents
from sim.platform_prices import forced_price_book
from sim.rivalry import rival_price_level
from sim.steering import own_brand

if TYPE_CHECKING:
    from sim.market import Marketplace

EXPOSURE_DAYS = 28
"""Days of what was shown that are kept."""

RIVAL_DAYS = 120
"""Days of the rival's prices that are kept."""

MOST_QUOTES = 100_000
"""Quotes of a day that are kept; of a busier day, those of every n-th session."""

MOST_LISTS = 20_000
"""Slates, and as many results, of a day that are kept."""


@dataclass(frozen=True, slots=True)
class _Quotes:
    """Who was asked what yesterday. S sessions."""

    consumer: IntArray  # (S,)
    key: IntArray  # (S,) of the account
    alternatives: IntArray  # (S, K) listings that it considered, -1 padded
    markup: FloatArray  # (S,) share of the price
    disclosed: bool
    price: IntArray  # (L,) cents posted


class ConductRegister:
    """What the platform did lately, as far as no other table holds it."""

    def __init__(self, listings: int) -> None:
        """Nothing is on record yet.

        Args:
            listings: L.
        """
        self.exposure_past = History(EXPOSURE_DAYS, listings, np.float32)
        self.exposure_past.days[:] = np.nan
        self.rival_past = History(RIVAL_DAYS, 1, np.float64)
        self.rival_past.days[:] = np.nan
        self.lists: NDArray[np.int32] = np.empty((0, 0), np.int32)
        self.preferred_itself = False  # yesterday its own brand, and nothing else, came first
        self._quotes: _Quotes | None = None

    def grow(self, listings: int) -> None:
        """Make room for listings that are new; they were shown nowhere."""
        self.exposure_past.grow(listings)

    def close_day(self, market: Marketplace) -> None:
        """Write the day down, when it is over."""
        self.exposure_past.push(exposure(market))
        present = market.rival_books.present
        self.rival_past.push(rival_price_level(market) if present else np.nan)
        own, first = own_brand(market), market.today.steering.first
        self.preferred_itself = bool(first[own].any() and not first[~own].any())
        self.lists = _lists_with(market, own)
        self._quotes = _quotes_of(market)

    def quote_book(self, market: Marketplace) -> QuoteBook:
        """Yesterday's quotes, and what the accounts had spent before."""
        quotes = self._quotes
        if quotes is None:
            return QuoteBook()
        pairs = np.count_nonzero(quotes.alternatives >= 0)
        step = max(-(-int(pairs) // MOST_QUOTES), 1)
        session, column = np.nonzero(quotes.alternatives[::step] >= 0)
        session = session * step
        listing = quotes.alternatives[session, column]
        posted = quotes.price[listing]
        extra = extra_cents(posted, quotes.markup[session])
        off = np.maximum(-extra, 0) if quotes.disclosed else np.zeros_like(extra)
        table, yesterday = market.orders, market.orders["day"] == market.day - 1
        markup = table["markup"][yesterday] * table["quantity"][yesterday]
        return QuoteBook(
            listing=read_only(listing),
            account=read_only(quotes.key[session]),
            posted=read_only(posted),
            quote=read_only(posted + extra),
            disclosed=read_only(off),
            spending=read_only(_spending(market)[quotes.consumer[session]]),
            collected=int(markup[markup > 0].sum()),
        )


def platform_conduct(market: Marketplace) -> PlatformConduct:
    """What the regulator may read of the platform this morning."""
    register, prices = market.conduct_register, market.platform_prices
    return PlatformConduct(
        campaigns=campaign_book(market),
        fees=fee_log(market),
        quotes=register.quote_book(market),
        contracts=ContractBook(
            parity_clause=market.settings.platform.parity_clause,
            follows=read_only(prices.follows),
            opted_in=read_only(prices.opted_in),
            rival_level=read_only(register.rival_past.days[:, 0]),
        ),
        forced=forced_price_book(market),
        exposure=ExposureBook(
            exposure=read_only(register.exposure_past.days),
            own_brand=read_only(own_brand(market)),
            lists=read_only(register.lists),
        ),
    )


def _quotes_of(market: Marketplace) -> _Quotes | None:
    """Today's quotes, where accounts are asked different prices."""
    today = market.today
    if not today.personal.markup.any():
        return None
    return _Quotes(
        consumer=today.session_consumer,
        key=today.session_key,
        alternatives=today.alternatives,
        markup=today.personal.markup,
        disclosed=today.personal.disclosed,
        price=market.listings.price.copy(),
    )


def _lists_with(market: Marketplace, brand: BoolArray) -> NDArray[np.int32]:
    """(P, K) today's slates and results in which some of the brand's listings stand."""
    if not brand.any():
        return np.empty((0, 0), np.int32)
    tables = market.today.results, market.today.slate
    width = max(int(table.shape[1]) for table in tables)
    found = []
    for table in tables:
        rows = np.flatnonzero((brand[table] & (table >= 0)).any(axis=1))[:MOST_LISTS]
        padded = np.full((len(rows), width), -1, np.int32)
        padded[:, : table.shape[1]] = table[rows]
        found.append(padded)
    return np.concatenate(found)


def _spending(market: Marketplace) -> NDArray[np.float64]:
    """(N,) mean logarithm of the prices a consumer paid so far over its categories' usual ones."""
    table, count = market.orders, len(market.crowd)
    dearness = np.log(table["unit_price"] / market.reference_price[table["category"]])
    orders = np.bincount(table["consumer"], minlength=count)
    total = np.bincount(table["consumer"], dearness, minlength=count)
    spending: NDArray[np.float64] = np.divide(
        total, orders, out=np.full(count, np.nan), where=orders > 0
    )
    return spending
