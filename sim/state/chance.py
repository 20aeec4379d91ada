"""Generators of random numbers: what they are, and where in their streams they stand."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from sim.state.errors import StateError

_BIT_GENERATORS: dict[str, type[np.random.BitGenerator]] = {
    one.__name__: one
    for one in (
        np.random.MT19937,
        np.random.PCG64,
        np.random.PCG64DXSM,
        np.random.Philox,
        np.random.SFC64,
    )
}

TAGS = frozenset({"generator", "bit generator", "seed sequence", "random"})
"""First entries of the lists."""


def chance_to_list(thing: Any) -> list[Any] | None:
    """A generator as its tag and its parts; None for what is none."""
    kind = type(thing)
    if kind is np.random.Generator:
        return ["generator", thing.bit_generator]
    if _BIT_GENERATORS.get(kind.__name__) is kind:
        return ["bit generator", kind.__name__, thing.state, thing.seed_seq]
    if kind is np.random.SeedSequence:
        state = thing.state
        parts = ("entropy", "spawn_key", "pool_size", "n_children_spawned")
        return ["seed sequence", *(state[name] for name in parts)]
    if kind is random.Random:
        return ["random", thing.getstate()]
    return None


def chance_from_list(tag: str, parts: list[Any]) -> Any:
    """The generator that `chance_to_list` made a list of.

    Raises:
        StateError: if there is no such generator.
    """
    try:
        if tag == "generator":
            return np.random.Generator(parts[0])
        if tag == "bit generator":
            name, state, seed = parts
            kind = _BIT_GENERATORS[name]
            made: Any = np.random.Philox(key=0) if seed is None else kind(seed)
            made.state = state
            return made
        if tag == "seed sequence":
            entropy, spawn_key, pool_size, spawned = parts
            return np.random.SeedSequence(
                entropy, spawn_key=spawn_key, pool_size=pool_size, n_children_spawned=spawned
            )
        luck = random.Random()
        luck.setstate(parts[0])
        return luck
    except (TypeError, ValueError, KeyError) as error:
        raise StateError(f"{tag}: {error}") from None
