"""The consumers: one population agent that owns the columns, and views of single rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
from mesa import Agent
from numpy.typing import NDArray

from policies.arrays import FloatArray, IntArray
from sim.catalogue import Population
from sim.columns import MEMORY, Consumers, Listings
from sim.homing import draw_homes
from sim.settings.consumers import ConsumerSettings, ResponseSettings
from sim.streams import Streams

if TYPE_CHECKING:
    from sim.market import Marketplace

_COLUMNS = frozenset(column.name for column in fields(Consumers))


class Consumer:
    """One consumer: a view of a row, made on demand."""

    __slots__ = ("_columns", "row")

    def __init__(self, columns: Consumers, row: int) -> None:
        self._columns = columns
        self.row = row

    def __getattr__(self, name: str) -> Any:
        """The consumer's value of a column of `sim.columns.Consumers`."""
        if name in _COLUMNS:
            return getattr(self._columns, name)[self.row]
        raise AttributeError(f"a consumer has no {name!r}; it has {', '.join(sorted(_COLUMNS))}")

    def __repr__(self) -> str:
        return f"Consumer({self.row})"


class ConsumerPopulation(Agent):
    """All consumers as one agent; row i of the columns is consumer i."""

    def __init__(self, market: Marketplace, columns: Consumers) -> None:
        super().__init__(market)
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns)

    def __getitem__(self, row: int) -> Consumer:
        """Consumer `row`; negative rows count from the end.

        Raises:
            IndexError: if there is no such row.
        """
        count = len(self)
        if not -count <= row < count:
            raise IndexError(f"consumer {row}: there are {count}")
        return Consumer(self.columns, row % count)

    def __iter__(self) -> Iterator[Consumer]:
        return (Consumer(self.columns, row) for row in range(len(self)))


def found_consumers(
    population: Population, settings: ConsumerSettings, places: int, streams: Streams
) -> Consumers:
    """Lay out the columns of a market's consumers.

    Args:
        population: rates and preferences of N consumers.
        settings: initial trust, and where consumers shop.
        places: number of places that are addresses; each consumer lives at one of them.
        streams: chance; addresses are drawn by consumer.

    Returns:
        Columns of N rows.
    """
    n = len(population.visits_per_day)
    rows = np.arange(n)
    cumulative = np.cumsum(population.category_share, axis=1, dtype=np.float64)
    cumulative /= cumulative[:, -1:]
    address = (streams.uniform("address", 0, rows) * places).astype(np.int32)
    return Consumers(
        address=address,
        group=population.group.astype(np.int8),
        visits_per_day=population.visits_per_day.astype(np.float64),
        category_cumulative=cumulative.astype(np.float32),
        taste=population.taste.astype(np.float32),
        lines_per_visit=population.lines_per_visit.astype(np.float32),
        repeat_share=population.repeat_share.astype(np.float32),
        income=population.income.astype(np.int64),
        price_sensitivity=population.price_sensitivity.astype(np.float32),
        trust=np.full(n, settings.response.trust_initial, dtype=np.float32),
        satisfaction=np.zeros(n, dtype=np.float32),
        active=np.ones(n, dtype=np.bool_),
        orders=np.zeros(n, dtype=np.int32),
        complaints=np.zeros(n, dtype=np.int32),
        last_order=np.full(n, -1, dtype=np.int32),
        evidence=np.full(n, settings.response.trust_prior),
        aspiration=np.full(n, np.nan),
        memory=_memory(population, n),
        home=draw_homes(settings, n, streams),
    )


def _memory(population: Population, n: int) -> IntArray:
    memory = np.full((n, MEMORY), -1, dtype=np.int32)
    if population.history is None:
        return memory
    start = population.history.indptr[:-1]
    count = np.diff(population.history.indptr)
    for slot in range(MEMORY):
        has = count > slot
        memory[has, slot] = population.history.listing[start[has] + slot]
    return memory


def remember(memory: NDArray[np.int32], consumer: IntArray, listing: IntArray) -> None:
    """Put listings at the front of their buyers' memories, in the order given.

    Args:
        memory: (N, MEMORY) listings, most recent first; changed in place.
        consumer: (n,) buyers; one may stand several times.
        listing: (n,) what each bought.
    """
    order = np.argsort(consumer, kind="stable")
    occurrence = _occurrence(consumer[order])
    for turn in range(int(occurrence.max()) + 1 if len(order) else 0):
        chosen = order[occurrence == turn]
        who, what = consumer[chosen], listing[chosen].astype(np.int32)
        old = memory[who]
        kept = old != what[:, None]
        rank = np.argsort(~kept, axis=1, kind="stable")
        pushed = np.take_along_axis(np.where(kept, old, -1), rank, axis=1)
        memory[who] = np.concatenate([what[:, None], pushed[:, :-1]], axis=1)


def forget(memory: NDArray[np.int32], consumer: IntArray, listing: IntArray) -> None:
    """Take listings out of their buyers' memories; later ones move up.

    Args:
        memory: (N, MEMORY) listings, most recent first, -1 padded; changed in place.
        consumer: (n,) buyers; one may stand several times.
        listing: (n,) what each does not want again; who does not remember it loses nothing.
    """
    for slot in range(memory.shape[1]):
        hit = memory[consumer, slot] == listing
        memory[consumer[hit], slot] = -1
    who = np.unique(consumer)
    left = memory[who]
    rank = np.argsort(left < 0, axis=1, kind="stable")
    memory[who] = np.take_along_axis(left, rank, axis=1)


def _occurrence(ordered: IntArray) -> IntArray:
    """How many equal values precede each value of a sorted array."""
    position = np.arange(len(ordered))
    starts = np.r_[True, ordered[1:] != ordered[:-1]] if len(ordered) else np.empty(0, np.bool_)
    return position - np.maximum.accumulate(np.where(starts, position, 0))


def expected_quality(
    rating_sum: FloatArray, rating_count: IntArray, prior_rating: float, prior_weight: float
) -> FloatArray:
    """Quality that buyers expect from posted ratings, in [0, 1].

    The mean of the ratings shrunk to the prior, stars 1..5 scaled to 0..1.

    Args:
        rating_sum: (L,) stars.
        rating_count: (L,).
        prior_rating: stars that an unrated listing is expected to deserve.
        prior_weight: ratings that the prior is worth.

    Returns:
        (L,) expected quality.

    Source: the conjugate normal mean; Dellarocas (2003), Management Science 49(10), on reputation
    as a shrunk mean.
    """
    mean = (rating_sum + prior_rating * prior_weight) / (rating_count + prior_weight)
    quality: FloatArray = (mean - 1.0) / 4.0
    return quality


def believed_quality(listings: Listings, settings: ResponseSettings) -> FloatArray:
    """(L,) quality that buyers expect of every listing, by its ratings and the scenario's prior."""
    return expected_quality(
        listings.rating_sum, listings.rating_count, settings.prior_rating, settings.prior_weight
    )
