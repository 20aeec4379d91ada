"""The recommenders of Chaney, Stewart & Engelhardt (2018); the learned ones are the product's own.

Popularity and matrix factorisation are `models.retrieval`, trained anew on what was taken. Content
and social filtering, which the product has no use for, are as the paper has them.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

from experiments.replications.homogenisation_world import Bools, Floats, Ranked, World
from models.interactions import Interactions
from models.retrieval.als import Als, AlsConfig
from models.retrieval.popularity import Popularity
from models.retrieval.retriever import Retriever


def ideal(taken: Bools, world: World, _rng: np.random.Generator) -> Ranked:
    """Ranks by true utility."""
    return Ranked(world.utility[:, : taken.shape[1]], None)


def at_random(taken: Bools, _world: World, rng: np.random.Generator) -> Ranked:
    """Ranks by lot."""
    return Ranked(rng.random(taken.shape), None)


def popularity(taken: Bools, _world: World, _rng: np.random.Generator) -> Ranked:
    """Ranks by how many took an item."""
    return Ranked(_scores(_trained(Popularity(), taken)), None)


def matrix_factorisation(taken: Bools, world: World, rng: np.random.Generator) -> Ranked:
    """Ranks by factors of users and items, as many as the world has attributes."""
    config = AlsConfig(factors=world.taste.shape[1])
    model = Als(config)
    score = _scores(_trained(model, taken, seed=int(rng.integers(1 << 31))))
    items = model.item_factors.numpy().astype(np.float64)
    users = np.linalg.lstsq(items, score.T, rcond=None)[0].T  # score = users @ items.T
    return Ranked(score, users.astype(np.float64))


def content(taken: Bools, world: World, _rng: np.random.Generator) -> Ranked:
    """Ranks by items' attributes, weighed as explains best what a user took, no weight below 0."""
    items = world.attributes[: taken.shape[1]]
    users = np.array([nnls(items, one)[0] for one in taken.astype(np.float64)])
    return Ranked(users @ items.T, users)


def social(taken: Bools, world: World, _rng: np.random.Generator) -> Ranked:
    """Ranks by how many of a user's friends took an item."""
    friends = friendships(world.taste)
    return Ranked(friends @ taken, friends)


def friendships(taste: Floats) -> Floats:
    """Ties between users of alike tastes.

    Args:
        taste: (N, A).

    Returns:
        (N, N) 1 where the covariance of two tastes reaches the largest threshold at which everybody
        has a tie, a user's own included; symmetric.

    Source: Chaney, Stewart & Engelhardt (2018); as in Lucherini et al. (2021).
    """
    alike = np.cov(taste)
    thresholds = np.sort(alike, axis=None)[::-1][len(taste) :]
    largest = alike.max(axis=1)
    reached = thresholds[thresholds <= largest.min()]
    friends: Floats = (alike >= reached[0]).astype(np.float64)
    return friends


def _trained(model: Retriever, taken: Bools, seed: int = 0) -> Retriever:
    users, items = np.nonzero(taken)
    log = Interactions.of(users, items, n_users=taken.shape[0], n_items=taken.shape[1])
    model.fit(log, seed=seed)
    return model


def _scores(model: Retriever) -> Floats:
    scores: Floats = model.scores(np.arange(model.n_users)).astype(np.float64)
    return scores
