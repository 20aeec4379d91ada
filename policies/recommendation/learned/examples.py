"""The log as what models learn from: choice sets, and purchases by visitors' rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import BoolArray, FloatArray
from policies.observations import (
    AMONG_RESULTS,
    ON_SLATE,
    WANTED_AGAIN,
    InteractionLog,
    ListingsView,
)
from policies.recommendation.learned.facts import (
    SalesBefore,
    listing_facts,
    visitor_facts,
)
from policies.recommendation.learned.visitors import Events, VisitorRows
from policies.relative_prices import relative_price

if TYPE_CHECKING:
    from models.choice import ChoiceSets
    from models.interactions import Interactions

MOST_PLACES = 50
"""Places of a slate, or of search results, that are told apart."""


@dataclass(frozen=True, slots=True)
class Window:
    """The days of the log that a training looks at."""

    log: InteractionLog
    listings: ListingsView
    price: FloatArray  # (E,) over the category's reference price, of each impression
    purchases: Events

    @classmethod
    def of(cls, log: InteractionLog, listings: ListingsView, after: int) -> Window:
        """The log of all days after one."""
        recent = rows_of(log, log.day > after)
        price = relative_price(recent.price, recent.listing, listings)
        return cls(recent, listings, price, Events.of(recent, price))

    def choice_sets(self, sales: SalesBefore, rows: BoolArray | None = None) -> ChoiceSets:
        """What each page offered, with the facts as they stood then, and what was bought of it.

        Visitors' facts are of earlier days alone: who buys a listing today has not "taken it
        before". Posted ratings are today's, which a month hardly moves.

        Args:
            sales: what listings had sold before.
            rows: (E,) impressions to take; absent: all.
        """
        from models.choice import ChoiceSets

        log = self.log if rows is None else rows_of(self.log, rows)
        price = self.price if rows is None else self.price[rows]
        visitor, listing, day = (
            column.astype(np.int64) for column in (log.visitor, log.listing, log.day)
        )
        level = self.purchases.price_level(*self.purchases.before(visitor, day))
        taken = self.purchases.taken_before(visitor, listing, day)
        described = np.concatenate(
            [
                listing_facts(listing, price, self.listings, sales),
                visitor_facts(level, price, taken, log.surface == WANTED_AGAIN),
            ],
            axis=1,
        )
        return ChoiceSets.of(
            log.session,
            listing,
            described,
            log.bought,
            n_items=len(self.listings.category),
            places=places_of(log),
        )

    def taken(self, visitors: VisitorRows, rows: BoolArray | None = None) -> Interactions:
        """Who bought what, in order of time."""
        from models.interactions import Interactions

        kept = self.log.bought if rows is None else self.log.bought & rows
        return Interactions.of(
            visitors.of(self.log.visitor[kept]),
            self.log.listing[kept].astype(np.int64),
            n_users=len(visitors),
            n_items=len(self.listings.category),
        )


def places_of(log: InteractionLog) -> np.ndarray:
    """(E,) numbers of the places at which impressions stood: slates, results, and all else."""
    place = np.minimum(log.position.astype(np.int64), MOST_PLACES - 1)
    return np.select(
        [log.surface == ON_SLATE, log.surface == AMONG_RESULTS],
        [place, MOST_PLACES + place],
        2 * MOST_PLACES,
    )


def rows_of(log: InteractionLog, rows: BoolArray) -> InteractionLog:
    """Some of the impressions of a log, with all of its ratings and returns."""
    return replace(
        log,
        day=log.day[rows],
        session=log.session[rows],
        visitor=log.visitor[rows],
        listing=log.listing[rows],
        surface=log.surface[rows],
        position=log.position[rows],
        price=log.price[rows],
        query=log.query[rows],
        clicked=log.clicked[rows],
        bought=log.bought[rows],
    )


def ratings_until(log: InteractionLog, day: int) -> InteractionLog:
    """A log whose ratings are those of all days until one, that day included."""
    rows = log.rating_day <= day
    return replace(
        log,
        rating_visitor=log.rating_visitor[rows],
        rating_listing=log.rating_listing[rows],
        rating=log.rating[rows],
        rating_day=log.rating_day[rows],
    )
