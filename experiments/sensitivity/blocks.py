"""Points of a design in the blocks that an estimator needs whole.

A Saltelli block (A, the AB's, B) or a Morris trajectory with a missing point is of no use. So a
replication counts in a block only where all its points have it: what is compared within a block
always shares its luck.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.sensitivity.asking import SensitivityError
from policies.arrays import FloatArray, IntArray

FEWEST = 4
"""Whole blocks below which no index is told: their spread could not be."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """N blocks of S points in R replications; a block has a replication at all points or none."""

    values: FloatArray  # (N, S, R) nan: the block lacks the replication
    kept: IntArray  # (N,) places of the blocks in the design
    dropped: int  # blocks of the design that are not whole

    @property
    def count(self) -> IntArray:
        """(N,) replications of each block, >= 1."""
        found: IntArray = np.isfinite(self.values[:, 0]).sum(axis=1)
        return found

    @property
    def points(self) -> FloatArray:
        """(N S, R) the values, a row a point, in the design's order."""
        return self.values.reshape(-1, self.values.shape[-1])


def whole_blocks(values: FloatArray, size: int, name: str = "blocks") -> Blocks:
    """The whole blocks of a design.

    Args:
        values: (N S, R) outcome by point and replication; nan: no such run, or no value.
        size: S, points of a block.
        name: what messages call them.

    Returns:
        The blocks that have a replication at all their points; where any has two, those that have
        two at least.

    Raises:
        SensitivityError: if fewer than `FEWEST` are left.
    """
    every = np.asarray(values, dtype=float).reshape(-1, size, values.shape[-1])
    has = np.isfinite(every).all(axis=1)
    count = has.sum(axis=1)
    kept = np.flatnonzero(count >= min(2, int(count.max(initial=1))))
    if len(kept) < FEWEST:
        raise SensitivityError(
            f"only {len(kept)} of {len(every)} {name} are whole, and {FEWEST} are needed: a point "
            "without a finished run costs its whole block; finish the sweep, or give the design "
            "more samples"
        )
    has = has[kept]
    used = has.any(axis=0)
    whole = np.where(has[:, None, :], every[kept], np.nan)[:, :, used]
    return Blocks(whole, kept, len(every) - len(kept))


def without_replication(blocks: Blocks, replication: int) -> Blocks:
    """The blocks without one of their replications; those that had no other are left out."""
    values = np.delete(blocks.values, replication, axis=2)
    left = np.isfinite(values[:, 0]).any(axis=1)
    return Blocks(values[left], blocks.kept[left], blocks.dropped)
