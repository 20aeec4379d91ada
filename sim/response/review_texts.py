"""Short review texts: a limited pool of English sentences, addressed by stars, aspect and variant.

A text is an opening and a close that fit the stars, around a sentence about one aspect. The same
numbers mean the same texts in every run.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from policies.arrays import FloatArray, IntArray


class Aspect(IntEnum):
    """What a review is about."""

    QUALITY = 0
    DELIVERY = 1
    PRICE = 2
    GENUINENESS = 3


_OPENINGS = (
    ("Very disappointed.", "I regret this purchase.", "This is not acceptable."),
    ("Below what I had hoped for.", "I am not really happy with this.", "I expected more."),
    ("Fair enough.", "Neither good nor bad.", "It is all right."),
    ("A good buy.", "Happy on the whole.", "I am quite satisfied."),
    ("Excellent.", "I could not be happier.", "Perfect from start to finish."),
)

_CLOSES = (
    ("I will not buy here again.", "Stay away from it.", "I want my money back."),
    ("I would not order it again.", "I would look elsewhere.", "Think twice before you order."),
    ("It will do for now.", "I may or may not order again.", "There are better and worse offers."),
    ("I would order it again.", "I can recommend it.", "Nearly everything was right."),
    ("I recommend it to everybody.", "I will order again for sure.", "Five well-earned stars."),
)

_BAD, _MIDDLING, _GOOD = 0, 1, 2
_TONE = (_BAD, _BAD, _MIDDLING, _GOOD, _GOOD)

_SENTENCES: dict[Aspect, tuple[tuple[str, ...], ...]] = {
    Aspect.QUALITY: (
        (
            "It looks nothing like the photos.",
            "The quality is poor.",
            "It let me down the first time I used it.",
            "The description promises far more than it holds.",
            "It came with obvious flaws.",
            "Everything about it seems cheap.",
        ),
        (
            "The quality is average.",
            "It does what it should and no more.",
            "It has small flaws that I can live with.",
            "It is roughly what the description says.",
            "I have seen better, but it works.",
            "The photos flatter it a little.",
        ),
        (
            "The quality is very good.",
            "It is exactly as described.",
            "It looks even better than in the photos.",
            "It does its job very well.",
            "You can tell that it was made with care.",
            "It is better than the one I had before.",
        ),
    ),
    Aspect.DELIVERY: (
        (
            "The delivery came far too late.",
            "I waited in vain at the promised time.",
            "It arrived long after I needed it.",
            "Nobody told me that it would be late.",
            "The promised time meant nothing.",
            "The wait spoiled it for me.",
        ),
        (
            "The delivery took its time.",
            "It came a little later than promised.",
            "The delivery was neither fast nor slow.",
            "I had to wait somewhat longer than I like.",
            "It arrived in the end.",
            "The delivery could have been quicker.",
        ),
        (
            "The delivery was quick.",
            "It was at my door on time.",
            "It came sooner than I thought.",
            "The courier was friendly and punctual.",
            "It arrived well packed and on time.",
            "Ordering and delivery went smoothly.",
        ),
    ),
    Aspect.PRICE: (
        (
            "At checkout it cost more than advertised.",
            "The discount was no discount at all.",
            "The old price that they cross out was never asked.",
            "The price in the advert was only there to lure me in.",
            "It is not worth what I paid.",
            "I feel cheated about the price.",
        ),
        (
            "The price is about right.",
            "It is neither cheap nor dear.",
            "You get what you pay for.",
            "The saving was smaller than it seemed.",
            "I have seen it for a similar price elsewhere.",
            "The price is acceptable for what it is.",
        ),
        (
            "It is worth every penny.",
            "A very good price for what you get.",
            "I found nothing better at this price.",
            "It was a real bargain.",
            "The price is more than fair.",
            "I compared for a long time, and this was the best offer.",
        ),
    ),
    Aspect.GENUINENESS: (
        (
            "It is a fake.",
            "The logo is wrong, so this is clearly a copy.",
            "The maker told me that it is not one of theirs.",
            "This is a counterfeit and should not be on sale.",
            "The packaging gives it away as an imitation.",
            "I paid for the original and got a copy.",
        ),
        (
            "I am not sure whether it is genuine.",
            "The packaging differs from the one I know.",
            "It may well be an imitation, but a usable one.",
            "There was no proof of where it came from.",
            "It seems genuine, though I cannot tell for certain.",
            "The label made me wonder whether it is an original.",
        ),
        (
            "It is the genuine article.",
            "The maker confirmed that it is an original.",
            "It came sealed and with all its papers.",
            "I had doubts at first, but it is the real thing.",
            "It is no imitation, as I was able to check.",
            "It came in the original packaging.",
        ),
    ),
}

_CORES = 6
_FRAMES = 3
VARIANTS = _FRAMES * _CORES * _FRAMES
"""Texts for one number of stars and one aspect."""

BOUGHT_VARIANTS = 12
"""Different texts that sellers of reviews use: they write many reviews from few templates."""


@cache
def review_texts() -> tuple[str, ...]:
    """The whole pool, by number."""
    pool: list[str] = []
    for star, aspect in product(range(5), Aspect):
        sentences = _SENTENCES[aspect][_TONE[star]]
        pool.extend(
            f"{opening} {sentence} {close}"
            for opening, sentence, close in product(_OPENINGS[star], sentences, _CLOSES[star])
        )
    return tuple(pool)


def review_text(stars: IntArray, aspect: IntArray, draw: FloatArray) -> NDArray[np.int32]:
    """Numbers of texts for reviews.

    Args:
        stars: (n,) 1 to 5.
        aspect: (n,) of `Aspect`.
        draw: (n,) in [0, 1); picks the variant.

    Returns:
        (n,) numbers in `review_texts()`.
    """
    return _number(stars, aspect, draw, VARIANTS)


def bought_review_text(draw: FloatArray) -> NDArray[np.int32]:
    """Numbers of texts for bought reviews: five stars, praising the quality, from few templates.

    Args:
        draw: (n,) in [0, 1); picks the variant.

    Returns:
        (n,) numbers in `review_texts()`.

    Source: near-duplicate texts as a mark of bought reviews: Jindal & Liu (2008), "Opinion spam and
    analysis", WSDM.
    """
    five, quality = np.full(len(draw), 5), np.full(len(draw), Aspect.QUALITY)
    return _number(five, quality, draw, BOUGHT_VARIANTS)


def _number(
    stars: IntArray, aspect: IntArray, draw: FloatArray, variants: int
) -> NDArray[np.int32]:
    cell = (stars.astype(np.int64) - 1) * len(Aspect) + aspect
    number: NDArray[np.int32] = (cell * VARIANTS + (draw * variants).astype(np.int64)).astype(
        np.int32
    )
    return number
