"""The world of Chaney, Stewart & Engelhardt (2018): users who know what they like, ranked items.

Users take one item a step, the one with the largest product of its utility, as far as they know
it, and of the attention that its rank gets; nothing is taken twice. New items come every step, at
places of the ranking drawn by lot; all others stand where the recommender puts them, what a user
has taken included. During the start-up everything is in random order.

Source: Chaney, Stewart & Engelhardt (2018), RecSys; the places of new and of taken items as in the
replication by Lucherini, Sun, Winecoff & Narayanan (2021), "T-RECS", arXiv 2107.08959.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

KNOWN = 0.98
"""Mean share of an item's utility that users know before they take it."""

SPREAD = 1e-5
"""Standard deviation of utilities around the match, and of the share that is known."""

ATTENTION = -0.8
"""Power of the rank that attention falls with."""

LEAST = 1e-9
"""Least mean of a utility: a Beta law has none at 0."""


@dataclass(frozen=True, slots=True)
class World:
    """Who there is and what there will be. N users, M items in the order in which they come."""

    taste: Floats  # (N, A) of users, sums of rows 1
    attributes: Floats  # (M, A) of items, sums of rows 1
    utility: Floats  # (N, M) in [0, 1]
    known: Floats  # (N, M) what users know of it


@dataclass(frozen=True, slots=True)
class Ranked:
    """What a recommender makes of what was taken so far. N users, M items it knows, F features."""

    score: Floats  # (N, M) higher comes first; equals by lot
    users: Floats | None  # (N, F) how it sees users; None: all alike


Recommender = Callable[[Bools, World, np.random.Generator], Ranked]
"""Called with (N, M) what was taken of the M items that are not new, and told all of the world."""


@dataclass(frozen=True, slots=True)
class Consumed:
    """What users took in the end. N users, M items, T steps."""

    taken: Bools  # (N, M)
    choice: Ints  # (N, T) items in the order in which they were taken
    users: Floats | None  # (N, F) how the recommender saw users at last; None: all alike
    utility: float  # mean true utility of what was taken after the start-up


def create(users: int, items: int, attributes: int, rng: np.random.Generator) -> World:
    """Draw users, items and their utilities.

    Args:
        users: N.
        items: M.
        attributes: A.
        rng: chance.
    """
    common = rng.dirichlet(np.ones(attributes))
    taste = rng.dirichlet(10.0 * common, users)
    frequent = rng.dirichlet(np.full(attributes, 100.0))
    kind = rng.dirichlet(0.1 * frequent, items)
    utility = beta(np.clip(taste @ kind.T, LEAST, 1.0 - LEAST), rng)
    return World(taste, kind, utility, utility * beta(np.full((users, items), KNOWN), rng))


def beta(mean: Floats, rng: np.random.Generator) -> Floats:
    """Draw from Beta laws of given means and the world's standard deviation.

    Args:
        mean: in (0, 1).
        rng: chance.

    Source: footnote 3 of Chaney, Stewart & Engelhardt (2018).
    """
    alpha = ((1.0 - mean) / SPREAD**2 - 1.0 / mean) * mean**2
    drawn: Floats = rng.beta(alpha, alpha * (1.0 / mean - 1.0))
    return drawn


def live(
    world: World,
    recommender: Recommender,
    rng: np.random.Generator,
    *,
    steps: int,
    start_up: int,
) -> Consumed:
    """Let users take one item a step.

    Args:
        world: its items come in equal parts, one a step.
        recommender: trained anew every step after the start-up.
        rng: chance.
        steps: T, at most as many as there are items; what is left over by the division never comes.
        start_up: steps without a recommender, fewer than T.
    """
    users, items = world.utility.shape
    a_step = items // steps
    taken = np.zeros((users, items), dtype=np.bool_)
    choice = np.empty((users, steps), dtype=np.int64)
    seen: Floats | None = None
    for step in range(steps):
        count = (step + 1) * a_step
        if step < start_up:
            order = rng.random((users, count)).argsort(axis=1)
        else:
            ranked = recommender(taken[:, : count - a_step], world, rng)
            seen = ranked.users
            order = with_new_ones(by_score(ranked.score, rng), a_step, rng)
        left = np.where(taken[:, :count], -np.inf, world.known[:, :count])
        rank = np.arange(1, count + 1, dtype=np.float64)
        best = (np.take_along_axis(left, order, axis=1) * rank**ATTENTION).argmax(axis=1)
        everybody = np.arange(users)
        choice[:, step] = order[everybody, best]
        taken[everybody, choice[:, step]] = True
    utility = np.take_along_axis(world.utility, choice[:, start_up:], axis=1).mean()
    return Consumed(taken, choice, seen, float(utility))


def by_score(score: Floats, rng: np.random.Generator) -> Ints:
    """(N, M) items from the highest score to the lowest, equals by lot."""
    return np.lexsort((rng.random(score.shape), -score), axis=1)


def with_new_ones(order: Ints, new: int, rng: np.random.Generator) -> Ints:
    """(N, M + new) rankings of M items with the next ones at places drawn by lot."""
    users, old = order.shape
    place = rng.random((users, old + new)).argsort(axis=1)[:, :new]
    is_new = np.zeros((users, old + new), dtype=np.bool_)
    np.put_along_axis(is_new, place, values=True, axis=1)
    whole = np.empty((users, old + new), dtype=np.int64)
    whole[~is_new] = order.ravel()
    whole[is_new] = old + rng.random((users, new)).argsort(axis=1).ravel()
    return whole
