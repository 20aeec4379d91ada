"""Independent generators from one, so that each trait that is drawn has chance of its own.

A generator that draws prices from its own substream gives the same titles whether prices spread
little or much, and its first thousand consumers are the same whether a million follow.
"""

from __future__ import annotations

import numpy as np


def substreams(rng: np.random.Generator, *names: str) -> dict[str, np.random.Generator]:
    """Make one generator for each name.

    Their seeds are drawn from `rng`, not spawned: a Philox generator made from a key (as
    `sim.streams` makes them) cannot spawn.

    Args:
        rng: source of the seeds; four 32-bit words are drawn a name, in the order given.
        names: what each generator is for.

    Returns:
        Name to generator.
    """
    words = rng.integers(0, 2**32, size=(len(names), 4), dtype=np.uint64)
    return {
        name: np.random.default_rng([int(word) for word in row])
        for name, row in zip(names, words, strict=True)
    }
