"""What the slate bandit keeps of the slates it showed: what there was to choose, and the chances.

Beside the slates themselves these are the day's catalogue as numbers and each session's context, so
that another policy's chances of the same slates can be worked out later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.bandits.plackett_luce import draw_rankings, log_probabilities
from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations import ListingsView, SessionsView
from policies.recommendation.weighted import posted_ratings

NEW_DAYS = 14.0
"""Days after which a listing counts half as new."""

SOLD = 5
"""Column of the features that tells what sold; before anything is learned it ranks the slates."""

LISTING_FEATURES = 12
CONTEXT_FEATURES = 3


@dataclass(frozen=True, slots=True)
class SlatesOfDay:
    """One day's S sessions and what L listings were to choose from."""

    day: int
    features: NDArray[np.float32]  # (L, 12) `listing_features`
    on_sale: BoolArray  # (L,)
    category_of_listing: IntArray  # (L,)
    contexts: NDArray[np.float32]  # (S, 3) `session_contexts`
    category: IntArray  # (S,)
    slate: NDArray[np.int32]  # (S, K) -1 padded
    log_probability: NDArray[np.float32]  # (S, K) of each place given those above

    def pools(self) -> Iterator[tuple[IntArray, IntArray]]:
        """Sessions of a category and the listings that they could be shown, both ascending."""
        for category in np.unique(self.category):
            pool = np.flatnonzero(self.on_sale & (self.category_of_listing == category))
            if len(pool):
                yield np.flatnonzero(self.category == category), pool


Logits = Callable[[FloatArray, FloatArray], FloatArray]
"""(P, 12) listings and (n, 3) contexts to (n, P) logits of being shown next."""


def draw_slates(
    day: SlatesOfDay, logits: Logits, generator: np.random.Generator
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Fill the slates of a day.

    Args:
        day: its sessions and listings; the shape of its `slate` is filled.
        logits: of the policy.
        generator: the stream that is drawn from.

    Returns:
        (S, K) slates, and the log probability of each place given those above.
    """
    shape = (len(day.category), day.slate.shape[1])
    slate = np.full(shape, -1, dtype=np.int32)
    chance = np.zeros(shape, dtype=np.float32)
    for rows, pool in day.pools():
        utility = logits(day.features[pool], day.contexts[rows])
        places = draw_rankings(utility, shape[1], generator)
        slate[rows] = np.where(places >= 0, pool[places], -1)
        chance[rows] = log_probabilities(utility, places)
    return slate, chance


def listing_features(listings: ListingsView) -> NDArray[np.float32]:
    """(L, 12) what the platform knows of each listing, in units of its category's spread.

    The first is 1; the others have mean 0 and standard deviation 1 among what is on sale in the
    category, so that one weight means the same in all of them.
    """
    reference = listings.category_reference_price[listings.category].astype(np.float64)
    sold = np.maximum(listings.sold_recently.astype(np.float64), 1.0)
    columns = [
        np.log(np.maximum(listings.price, 1) / np.maximum(reference, 1.0)),
        1.0 - listings.price / np.maximum(listings.list_price, 1),
        posted_ratings(listings),
        np.log1p(listings.rating_count),
        np.log1p(listings.sold_recently),
        np.log1p(listings.complaints_recently),
        listings.complaints_recently / sold,
        listings.returns_recently / sold,
        1.0 / (1.0 + listings.age_days / NEW_DAYS),
        (listings.merchant_size == 0).astype(np.float64),
        (listings.merchant_size == 2).astype(np.float64),
    ]
    raw = np.column_stack(columns)
    count = len(listings.category_names)
    category = listings.category[listings.on_sale]
    size = np.maximum(np.bincount(category, minlength=count), 1)[:, None]
    there = raw[listings.on_sale]
    mean = _summed(there, category, count) / size
    spread = np.sqrt(_summed((there - mean[category]) ** 2, category, count) / size)
    scaled = (raw - mean[listings.category]) / np.where(spread > 1e-9, spread, 1.0)[
        listings.category
    ]
    one = np.ones((len(raw), 1))
    return np.concatenate([one, np.clip(scaled, -5.0, 5.0)], axis=1).astype(np.float32)


def session_contexts(
    sessions: SessionsView, known: IntArray, level: FloatArray
) -> NDArray[np.float32]:
    """(S, 3) what the platform knows of each session.

    Args:
        sessions: today's.
        known: (V,) keys of visitors who have bought, ascending.
        level: (V,) mean log price, over the category's reference, of what each has bought.

    Returns:
        1; the visitor's price level, 0 if unknown; 1 for a newcomer.
    """
    price = np.zeros(len(sessions.visitor))
    if len(known):
        at = np.minimum(np.searchsorted(known, sessions.visitor), len(known) - 1)
        price = np.where(known[at] == sessions.visitor, level[at], 0.0)
    newcomer = sessions.orders_before == 0
    return np.column_stack([np.ones(len(price)), price, newcomer]).astype(np.float32)


def _summed(values: FloatArray, group: IntArray, count: int) -> FloatArray:
    columns = [np.bincount(group, weights=column, minlength=count) for column in values.T]
    return np.column_stack(columns)
