"""What each consumer would rate each listing: the platform's prediction, and the hidden truth.

    predicted = mean + consumer_sd u_i + listing_sd v_j + match_sd sqrt(D) taste_i . attributes_j
    true = predicted + error_sd e_ij

both cut off at the ends of the scale; u, v and e are standard normal, and so nearly is the match of
tastes and attributes in D dimensions where both point in any direction. Policies see predictions
only.

Source: baseline effects of users and items beside their interaction: Koren, Bell & Volinsky (2009),
"Matrix factorization techniques for recommender systems", IEEE Computer 42(8); truth as prediction
plus normal noise: Ghanem, Leitner & Jannach (2022), Electronic Commerce Research and Applications.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import FloatArray, IntArray

if TYPE_CHECKING:
    from sim.market import Marketplace

HIGHEST = 5.0
"""Stars at the upper end of the scale."""

MOST_PAIRS = 400_000_000
"""Pairs of consumers and listings beyond which a table of them is refused."""


class Ratings:
    """Predicted ratings of all consumers and listings, extended when listings are added."""

    def __init__(self, consumers: int) -> None:
        self._predicted: NDArray[np.float32] = np.empty((consumers, 0), dtype=np.float32)

    def predicted(self, market: Marketplace) -> NDArray[np.float32]:
        """(N, L) stars; the table itself, not to be written to."""
        known, count = self._predicted.shape[1], len(market.listings)
        if known < count:
            refuse_too_large(market, "consumers.ratings.model is 'latent'")
            more = _predictions(market, np.arange(known, count))
            self._predicted = np.concatenate([self._predicted, more], axis=1)
        return self._predicted

    def true(self, market: Marketplace, consumer: IntArray, listing: IntArray) -> FloatArray:
        """(n,) stars that pairs of consumers and listings truly deserve; hidden."""
        settings = market.settings.consumers.ratings
        error = market.streams.normal("rating_error", 0, consumer, listing)
        stars = self.predicted(market)[consumer, listing] + settings.error_sd * error
        truth: FloatArray = np.clip(stars, settings.lowest, HIGHEST)
        return truth


def refuse_too_large(market: Marketplace, because: str) -> None:
    """Refuse a table of consumers and listings that no memory holds.

    Raises:
        ValueError: with what to do.
    """
    consumers, listings = len(market.crowd), len(market.listings)
    if consumers * listings > MOST_PAIRS:
        raise ValueError(
            f"{because}, which takes a table of consumers ({consumers:,}) times listings "
            f"({listings:,}); at most {MOST_PAIRS:,} pairs are allowed: take fewer of either"
        )


def _predictions(market: Marketplace, listing: IntArray) -> NDArray[np.float32]:
    settings, streams = market.settings.consumers.ratings, market.streams
    crowd, attributes = market.crowd, market.listings.attributes[listing]
    everybody = np.arange(len(crowd))
    consumer_mean = settings.consumer_sd * streams.normal("rating_consumer", 0, everybody)
    listing_mean = settings.listing_sd * streams.normal("rating_listing", 0, listing)
    stars = (
        crowd.taste @ attributes.T * np.float32(settings.match_sd * np.sqrt(attributes.shape[1]))
    )
    stars += (settings.mean + consumer_mean[:, None]).astype(np.float32)
    stars += listing_mean.astype(np.float32)
    clipped: NDArray[np.float32] = np.clip(stars, settings.lowest, HIGHEST)
    return clipped
