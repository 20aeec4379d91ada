"""Who reviews, with how many stars, about what.

The chance of a review is U-shaped in satisfaction s: indifferent buyers seldom write.

    P(review | s) = review_rate * (0.4 + (h - 0.4) s^2),  h = 1 for s >= 0, 1.5 for s < 0

so a wholly satisfied buyer reviews with `review_rate`. Stars are the experience plus normal noise,
rounded to 1..5.

Source: Anderson (1998), "Customer satisfaction and word of mouth", Journal of Service Research 1(1)
(a U with the higher arm on the dissatisfied side); Hu, Zhang & Pavlou (2009), "Overcoming the
J-shaped distribution of product reviews", CACM 52(10).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import FloatArray
from sim.response.deliveries import Deliveries
from sim.response.review_texts import Aspect, review_text
from sim.response.satisfaction import Experience

if TYPE_CHECKING:
    from sim.market import Marketplace

INDIFFERENT = 0.4
"""Chance to review of an indifferent buyer, as a share of a wholly satisfied one's."""

OUTRAGED = 1.5
"""Chance to review of a wholly dissatisfied buyer, as a share of a wholly satisfied one's."""

_PRAISE = np.cumsum([0.55, 0.25, 0.15, 0.05])
"""Cumulative shares of the aspects that content buyers write about."""


def review_chance(satisfaction: FloatArray, review_rate: float) -> FloatArray:
    """(n,) chance that a buyer of that satisfaction reviews."""
    height = np.where(satisfaction < 0, OUTRAGED, 1.0)
    shape = INDIFFERENT + (height - INDIFFERENT) * satisfaction**2
    return np.minimum(review_rate * shape, 1.0)


def stars_given(stars: FloatArray, noise: FloatArray) -> NDArray[np.int8]:
    """Stars of a review.

    Args:
        stars: (n,) stars that the experience deserves, not rounded.
        noise: (n,) stars to add.

    Returns:
        (n,) 1 to 5.
    """
    given: NDArray[np.int8] = np.clip(np.rint(stars + noise), 1, 5).astype(np.int8)
    return given


def aspect_of(
    experience: Experience, stars: NDArray[np.int8], draw: FloatArray
) -> NDArray[np.int8]:
    """(n,) what each buyer writes about: what spoiled the experience, or any side of a good one."""
    praised = np.searchsorted(_PRAISE, draw, side="right")
    lost = np.stack(
        [experience.lost_to_quality, experience.lost_to_lateness, experience.lost_to_deception]
    )
    spoiled = np.where(experience.recognised, Aspect.GENUINENESS, np.argmax(lost, axis=0))
    aspect: NDArray[np.int8] = np.where(
        stars >= 4, np.minimum(praised, len(Aspect) - 1), spoiled
    ).astype(np.int8)
    return aspect


def post_reviews(market: Marketplace, deliveries: Deliveries, experience: Experience) -> None:
    """Let some buyers of today's deliveries review them."""
    settings, streams, day = market.settings.consumers.response, market.streams, market.day
    chance = review_chance(experience.satisfaction, settings.review_rate)
    draw = streams.uniform("review", day, deliveries.consumer, deliveries.line)
    writing = np.flatnonzero(draw < chance)
    consumer, line = deliveries.consumer[writing], deliveries.line[writing]
    noise = settings.rating_noise * streams.normal("rating", day, consumer, line)
    written = experience.take(writing)
    stars = stars_given(written.stars, noise)
    about = aspect_of(written, stars, streams.uniform("review_aspect", day, consumer, line))
    listing = deliveries.listing[writing]
    market.reviews.append(
        day=day,
        consumer=consumer,
        listing=listing,
        order=deliveries.order[writing],
        stars=stars,
        text=review_text(stars, about, streams.uniform("review_text", day, consumer, line)),
        bought=False,
    )
    np.add.at(market.listings.rating_sum, listing, stars)
    np.add.at(market.listings.rating_count, listing, 1)
