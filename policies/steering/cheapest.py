"""Which offers of a category are its cheapest."""

from __future__ import annotations

import numpy as np

from policies.arrays import BoolArray, FloatArray
from policies.observations import SteeringObservation


def cheapest(observation: SteeringObservation, places: int) -> BoolArray:
    """The cheapest offers on sale in each category, chance deciding between equals.

    What checkout asks counts, so that no bait wins a place.

    Args:
        observation: the day's listings and the seed of chance.
        places: offers a category, >= 1.

    Returns:
        (L,) whether a listing is among them.
    """
    listings = observation.listings
    rows = np.flatnonzero(listings.on_sale)
    category = listings.category[rows]
    luck = _luck(observation)[rows]
    order = rows[np.lexsort((luck, listings.checkout_price[rows], category))]
    sizes = np.bincount(category, minlength=len(listings.category_names))
    begin = np.cumsum(sizes) - sizes
    place = np.arange(len(order)) - begin[listings.category[order]]
    among = np.zeros(len(listings.category), dtype=np.bool_)
    among[order[place < places]] = True
    return among


def _luck(observation: SteeringObservation) -> FloatArray:
    """(L,) draws of today; a listing's own does not depend on who else is there."""
    return np.random.default_rng(observation.seed).random(len(observation.listings.category))
