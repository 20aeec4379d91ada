"""Pages of search results: what was on them, where, and what was done with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from models.array_checks import (
    PADDING_ID,
    FloatArray,
    IdArray,
    check_same_length,
    checked_floats,
    checked_ids,
)

LEAST_EXAMINED = 0.05
"""Chances of a look below this count as this: a few rare clicks must not outweigh all others."""


@dataclass(frozen=True, slots=True)
class SearchPages:
    """E results on G pages, page by page. F features."""

    features: npt.NDArray[np.float32]  # (E, F)
    starts: IdArray  # (G + 1,) where each page begins; the last: E
    position: IdArray  # (E,) place on the page, from 0
    gain: FloatArray  # (E,) >= 0; 0: passed over, more: clicked, bought

    @classmethod
    def of(
        cls,
        features: npt.ArrayLike,
        page: npt.ArrayLike,
        position: npt.ArrayLike,
        gain: npt.ArrayLike,
    ) -> Self:
        """Check the columns, and put what is on one page beside each other.

        Args:
            features: (E, F).
            page: (E,) number of the page; any whole numbers.
            position: (E,) place on the page, from 0.
            gain: (E,) what a result was worth to who saw it; 0: passed over.

        Raises:
            ValueError: if columns differ in length or hold what is not allowed.
        """
        told = checked_floats("features", features, ndim=2)
        pages, places = checked_ids("page", page), checked_ids("position", position)
        worth = checked_floats("gain", gain, lower=0.0)
        check_same_length(features=told, page=pages, position=places, gain=worth)
        order = np.lexsort((places, pages))
        count = np.unique(pages, return_counts=True)[1]
        return cls(
            told[order].astype(np.float32),
            np.append(0, np.cumsum(count)).astype(np.int64),
            places[order],
            worth[order],
        )

    def __len__(self) -> int:
        """Return the number of pages."""
        return len(self.starts) - 1

    @property
    def page(self) -> IdArray:
        """(E,) page of each result, from 0."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def pages(self, chosen: npt.NDArray[np.bool_]) -> SearchPages:
        """Return some of the pages, by a mask of (G,)."""
        rows = chosen[self.page]
        count = np.diff(self.starts)[chosen]
        return SearchPages(
            self.features[rows],
            np.append(0, np.cumsum(count)).astype(np.int64),
            self.position[rows],
            self.gain[rows],
        )

    def table(self) -> IdArray:
        """(G, W) results of each page in their order, -1 padded; W: of the longest page."""
        count = np.diff(self.starts)
        column = np.arange(count.max(initial=0))
        return np.where(column < count[:, None], self.starts[:-1, None] + column, PADDING_ID)


@dataclass(frozen=True, slots=True)
class ChoiceLists:
    """N choices: a result that somebody took, and what of the page was worth less to her."""

    row: IdArray  # (N, W) results: first the one taken, then the others, -1 padded
    weight: FloatArray  # (N,) mean 1


def choice_lists(pages: SearchPages, examination: FloatArray | None = None) -> ChoiceLists:
    """One choice a result with a gain, weighted by its gain over its chance to be looked at.

    Args:
        pages: what was seen and done.
        examination: (P,) chance that a place is looked at; places beyond count as the last.
            None: all places are looked at.

    Returns:
        The choices that tell something: those with another result that was worth less.

    Source: Joachims, Swaminathan & Schnabel (2017), "Unbiased Learning-to-Rank with Biased
    Feedback", WSDM (inverse propensities, one query instance a click).
    """
    table = pages.table()
    page, column = np.nonzero(
        (table != PADDING_ID) & (pages.gain[np.maximum(table, 0)] > 0)
        if len(pages.gain)
        else np.zeros(table.shape, dtype=np.bool_)
    )
    others = table[page]
    taken = others[np.arange(len(page)), column]
    less = (others != PADDING_ID) & (pages.gain[others] < pages.gain[taken][:, None])
    order = np.argsort(~less, axis=1, kind="stable")
    rest = np.take_along_axis(np.where(less, others, PADDING_ID), order, axis=1)
    row = np.concatenate([taken[:, None], rest], axis=1)[:, : table.shape[1]]
    weight = pages.gain[taken] / chance_of_a_look(examination, pages.position[taken])
    telling = less.any(axis=1)
    row, weight = row[telling], weight[telling]
    return ChoiceLists(row, weight / weight.mean() if len(weight) else weight)


def chance_of_a_look(
    examination: npt.NDArray[np.floating[Any]] | None, position: IdArray
) -> FloatArray:
    """(E,) chance that each place is looked at, at least `LEAST_EXAMINED`."""
    if examination is None:
        return np.ones(len(position))
    chance: FloatArray = examination[np.minimum(position, len(examination) - 1)].astype(np.float64)
    return np.maximum(chance, LEAST_EXAMINED)
