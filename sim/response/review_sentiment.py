"""What the platform reads in reviews: sentiment and aspects of each text of the pool, once.

Reviews hold numbers of texts, so that reading the pool reads all reviews that there will ever be.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from models.sentiment import ASPECTS, NEUTRAL, aspect_sentiment, polarity
from policies.arrays import FloatArray
from sim.response.review_texts import review_texts

if TYPE_CHECKING:
    from sim.market import Marketplace


@cache
def text_sentiment() -> FloatArray:
    """(T,) sentiment in [-1, 1] of each text of `review_texts()`."""
    return polarity(review_texts())


@cache
def aspect_of_texts(aspect: str) -> FloatArray:
    """(T,) what each text says of one of `models.sentiment.ASPECTS`; nan where it says nothing."""
    return _aspects()[:, ASPECTS.index(aspect)]


def grievances(market: Marketplace, aspect: str) -> FloatArray:
    """(L,) reviews of each listing so far that speak ill of an aspect."""
    ill = aspect_of_texts(aspect) <= -NEUTRAL  # nan: says nothing
    rows = ill[market.reviews["text"]]
    of_listing = market.reviews["listing"][rows]
    return np.bincount(of_listing, minlength=len(market.listings)).astype(np.float64)


@cache
def _aspects() -> FloatArray:
    return aspect_sentiment(review_texts()).sentiment
