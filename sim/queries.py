"""The queries that consumers type: words from the titles of what is on sale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from policies.arrays import IntArray
from sim.streams import Streams

QUERIES_PER_CATEGORY = 12


@dataclass(frozen=True, slots=True)
class Queries:
    """Distinct query texts, those of a category beside each other. C categories."""

    text: tuple[str, ...]
    first: IntArray  # (C,) index of the category's first query
    count: IntArray  # (C,) number of the category's queries


def draw_queries(
    titles: Sequence[str], category: IntArray, categories: int, streams: Streams
) -> Queries:
    """Make each category's queries: one or two words of the titles of some of its listings.

    Args:
        titles: (L,) titles.
        category: (L,) their categories.
        categories: number of categories.
        streams: chance.

    Returns:
        At most `QUERIES_PER_CATEGORY` distinct queries a category; none where it is empty.
    """
    texts: list[str] = []
    first, count = [], []
    for c in range(categories):
        rows = np.flatnonzero(category == c)
        rng = streams.generator(f"queries/{c}")
        chosen = rng.permutation(rows)[: 4 * QUERIES_PER_CATEGORY]
        found: dict[str, None] = {}
        for row in chosen:
            words = titles[row].split()
            length = min(len(words), 1 + int(rng.random() < 0.5))
            if length:
                found[" ".join(words[:length]).lower()] = None
        own = list(found)[:QUERIES_PER_CATEGORY]
        first.append(len(texts))
        count.append(len(own))
        texts.extend(own)
    return Queries(tuple(texts), np.array(first, np.int64), np.array(count, np.int64))
