"""What was bought after which query, in a market that searches by BM25."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmarks.labelled_texts import Together
from experiments.running import resolve
from scenarios.build import build
from sim.views import listings_view

OVERRIDES = (
    "days=30",
    "couriers.count=0",
    'roads.network="grid"',
    "commerce.generated.listings=1200",
    "commerce.generated.merchants=150",
    "commerce.population.visits_per_day=0.3",
    'policies.recommendation={name = "popularity"}',
)
"""Of `baseline`: few listings and many visits, so that there are purchases after every query."""


def market_searches() -> tuple[Together, npt.NDArray[np.int64]]:
    """A month's purchases after searches, and (Q,) each query's category.

    Returns:
        Queries, titles of listings, a pair a purchase; and the category most bought after a query.
    """
    scenario, folder = resolve("baseline", overrides=OVERRIDES)
    market = build(scenario, folder=folder)
    for _ in range(scenario.days):
        market.step()
    log, listings = market.log.view(market.queries.text), listings_view(market)
    rows = np.flatnonzero(log.bought & (log.query >= 0))
    query, item = log.query[rows].astype(np.int64), log.listing[rows].astype(np.int64)
    bought = np.zeros((len(log.queries), len(listings.category_names)))
    np.add.at(bought, (query, listings.category[item]), 1.0)
    return Together(list(log.queries), list(listings.title), query, item), bought.argmax(axis=1)
