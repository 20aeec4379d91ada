"""Named chance: every stochastic decision draws from a stream of its own.

A stream is keyed by (seed, purpose, day). Draws for individuals are functions of the stream's key
and the individual's row (and column), not of how many draws came before, so consumer 17 draws the
same number on day 40 whatever the policy did to the others: common random numbers.

Source: counter-based generation after Salmon, Moraes, Dror & Shaw (2011), "Parallel random
numbers: as easy as 1, 2, 3"; the mixing function is the finaliser of SplitMix64 (Steele, Lea &
Flood 2014), applied once a coordinate.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

_ROW = np.uint64(0x9E3779B97F4A7C15)
_COLUMN = np.uint64(0xD1342543DE82EF95)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_TO_UNIT = 2.0**-53


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    x = (x ^ (x >> np.uint64(30))) * _FIRST
    x = (x ^ (x >> np.uint64(27))) * _SECOND
    return x ^ (x >> np.uint64(31))


@njit(cache=True, inline="always")
def _mix_one(x):  # type: ignore[no-untyped-def]
    x = (x ^ (x >> np.uint64(30))) * _FIRST
    x = (x ^ (x >> np.uint64(27))) * _SECOND
    return x ^ (x >> np.uint64(31))


@njit(cache=True)
def uniform_at(key, row, column):  # type: ignore[no-untyped-def]
    """The draw in (0, 1) of (row, column) in the stream `key`: `Streams.uniform` for kernels."""
    h = _mix_one(key + np.uint64(row) * _ROW)
    h = _mix_one(h ^ (np.uint64(column) * _COLUMN + _ROW))
    return (np.float64(h >> np.uint64(11)) + 0.5) * _TO_UNIT


@njit(cache=True)
def gumbel_at(key, row, column):  # type: ignore[no-untyped-def]
    """A standard Gumbel draw of (row, column) in the stream `key`."""
    return -math.log(-math.log(uniform_at(key, row, column)))


@njit(cache=True)
def rows_below(key, bound):  # type: ignore[no-untyped-def]
    """Rows (int32, ascending) whose draw in the stream `key` lies below their bound (N,).

    The same as `np.flatnonzero(Streams.uniform(..., np.arange(N)) < bound)` without the columns in
    between, which for a million consumers cost more than all that the few do who come.
    """
    rows = np.empty(len(bound), dtype=np.int32)
    found = 0
    for row in range(len(bound)):
        if uniform_at(key, row, 0) < bound[row]:
            rows[found] = row
            found += 1
    return rows[:found].copy()


class Streams:
    """All random streams of one run."""

    def __init__(self, seed: int) -> None:
        """Make the streams of a run.

        Args:
            seed: the run's seed, >= 0.

        Raises:
            ValueError: if the seed is negative.
        """
        if seed < 0:
            raise ValueError(f"seed must be >= 0, not {seed}")
        self.seed = seed

    def key(self, purpose: str, day: int = 0) -> np.uint64:
        """The 64-bit key of the stream (seed, purpose, day)."""
        name = f"{self.seed}/{purpose}/{day}".encode()
        return np.uint64(int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "little"))

    def generator(self, purpose: str, day: int = 0) -> np.random.Generator:
        """A NumPy generator (Philox) for draws that belong to no individual."""
        return np.random.Generator(np.random.Philox(key=int(self.key(purpose, day))))

    def uniform(
        self, purpose: str, day: int, rows: ArrayLike, columns: ArrayLike = 0
    ) -> NDArray[np.float64]:
        """Uniform draws in (0, 1) that belong to individuals.

        Args:
            purpose: the stream's name.
            day: the stream's day.
            rows: individuals, integers >= 0, any shape.
            columns: a second coordinate (which item, which try), broadcast against `rows`.

        Returns:
            One draw for each (row, column), of the broadcast shape.
        """
        row = np.asarray(rows).astype(np.uint64)
        column = np.asarray(columns).astype(np.uint64)
        with np.errstate(over="ignore"):
            h = _mix(np.asarray(self.key(purpose, day) + row * _ROW))
            h = _mix(np.asarray(h ^ (column * _COLUMN + _ROW)))
        return ((h >> np.uint64(11)).astype(np.float64) + 0.5) * _TO_UNIT

    def normal(
        self, purpose: str, day: int, rows: ArrayLike, columns: ArrayLike = 0
    ) -> NDArray[np.float64]:
        """Standard normal draws that belong to individuals (inverse transform)."""
        from scipy.special import ndtri

        draws: NDArray[np.float64] = ndtri(self.uniform(purpose, day, rows, columns))
        return draws


def poisson_from_uniform(u: NDArray[np.float64], mean: NDArray[np.float64]) -> NDArray[np.int64]:
    """Poisson counts by inversion, so that one uniform draw makes one count.

    Args:
        u: draws in (0, 1), shape (n,).
        mean: expected counts, shape (n,), >= 0 and at most a few dozen.

    Returns:
        Counts, shape (n,).
    """
    probability = np.exp(-mean)
    cumulative = probability.copy()
    count = np.zeros(u.shape, dtype=np.int64)
    step = 0
    open_ = u > cumulative
    while open_.any() and step < 1000:
        step += 1
        probability = probability * mean / step
        cumulative = cumulative + probability
        count[open_] += 1
        open_ = open_ & (u > cumulative)
    return count
