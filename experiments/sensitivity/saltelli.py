"""Saltelli's estimators without the bias that luck of replication gives them.

Each is a mean over blocks of products of outcomes. The product of two means over replications is
off by the covariance of their luck; leaving out the products of a replication with itself takes
that out (a U-statistic). Both outcomes have the same seeds, so luck that they share goes as well.

Source: Saltelli et al. (2010), Computer Physics Communications 181(2), table 2 (b) and (f);
Saltelli (2002), Computer Physics Communications 145(2) (second order); Hoeffding (1948), Annals of
Mathematical Statistics 19(3) (U-statistics).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.sensitivity.blocks import Blocks
from experiments.sensitivity.noise import luck_effects
from policies.arrays import FloatArray, IntArray


def centred(blocks: Blocks) -> FloatArray:
    """(N, S, R) outcomes less the grand mean and less what luck does to all points alike."""
    values = blocks.values
    effects, _ = luck_effects(blocks.points)
    moved: FloatArray = values - effects
    return moved - float(np.nanmean(moved))


def indices(
    blocks: Blocks, shares: FloatArray, k: int, pairs: Sequence[tuple[int, int]] = ()
) -> FloatArray:
    """Sobol indices of the expected outcome.

    Args:
        blocks: N Saltelli blocks: A, k times AB, with second order k times BA, B.
        shares: (B, N) share of each block in each of B resamples; a row adds up to 1.
        k: factors.
        pairs: of which factors second-order indices are wanted.

    Returns:
        (B, 2 k + pairs) first-order, total and second-order indices.
    """
    run = np.nan_to_num(centred(blocks))
    count = blocks.count
    a, b = run[:, :1], run[:, -1:]
    ab, ba = run[:, 1 : k + 1], run[:, k + 1 : 2 * k + 1]
    first = product(b, ab - a, count)
    total = 0.5 * product(a - ab, a - ab, count)
    square = 0.5 * (product(a, a, count) + product(b, b, count))
    middle = 0.5 * (a + b)
    mean = middle.sum(axis=-1) / count[:, None]
    luck = mean**2 - product(middle, middle, count)
    variance = shares @ square - (shares @ mean) ** 2 + shares**2 @ luck
    found: FloatArray = shares @ np.concatenate([first, total], axis=1) / variance
    if not pairs:
        return found
    cross = product(a, b, count)[:, 0]
    both = [product(ba[:, j], ab[:, i], count) - cross for i, j in pairs]
    joint = shares @ np.stack(both, axis=1) / variance
    alone = np.stack([found[:, i] + found[:, j] for i, j in pairs], axis=1)
    return np.concatenate([found, joint - alone], axis=1)


def product(left: FloatArray, right: FloatArray, count: IntArray) -> FloatArray:
    """Estimates of the product of two expectations, without bias.

    Args:
        left: (N, ..., R) outcomes; 0 where a block lacks the replication.
        right: likewise, of the same seeds; shapes broadcast.
        count: (N,) replications of each block; with one there is nothing to take out.

    Returns:
        (N, ...) estimates.
    """
    n = count.reshape(-1, *(1,) * (left.ndim - 2)).astype(float)
    whole = left.sum(axis=-1) * right.sum(axis=-1)
    own = np.where(n > 1, (left * right).sum(axis=-1), 0.0)
    found: FloatArray = (whole - own) / np.where(n > 1, n * (n - 1.0), 1.0)
    return found
