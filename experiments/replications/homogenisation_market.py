"""Homogenisation in the market itself: what consumers of like taste bought, by recommender."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.replications.homogenisation_pairs import nearest
from experiments.replications.protocol import Row
from experiments.replications.study import Study
from sim.health.formulas import jaccard_of_pairs, mean
from sim.streams import Streams

POLICIES = {
    "best-sellers": '{name = "popularity", exploration = 0.0}',
    "collaborative filtering": '{name = "neighbours"}',
    "random": '{name = "random"}',
}
"""Recommenders by what rows call them; the last one is the control."""


@dataclass(frozen=True, slots=True)
class MarketTask:
    """One market to run."""

    study: Study
    policy: str
    replication: int


def settings_of(policy: str) -> tuple[str, ...]:
    """`KEY=VALUE` for a recommender."""
    return (f"policies.recommendation={POLICIES[policy]}",)


def bought_alike(task: MarketTask) -> float:
    """Run a market; the mean Jaccard index of what consumers nearest in true taste bought."""
    market = task.study.lived(*settings_of(task.policy), seed=task.replication)
    bought = np.zeros((len(market.crowd), len(market.listings)), dtype=np.bool_)
    bought[market.orders["consumer"], market.orders["listing"]] = True
    taste = market.crowd.taste.astype(np.float64)
    rng = Streams(task.replication).generator("homogenisation/pairs")
    alike = mean(jaccard_of_pairs(bought, nearest(taste, len(taste), rng)))
    market.end()
    return alike


def comparisons(alike: dict[str, NDArray[np.float64]], source: str) -> list[Row]:
    """Paired differences against random slates.

    Args:
        alike: (R,) mean Jaccard index of each market, by recommender.
        source: of the sign.
    """
    control = alike["random"]
    rows = []
    for policy in POLICIES:
        if policy == "random":
            continue
        difference = alike[policy] - control
        error = float("nan")
        if len(difference) > 1:
            error = float(difference.std(ddof=1) / np.sqrt(len(difference)))
        rows.append(
            Row.above_zero(
                f"in the market, Jaccard index of what was bought: {policy} less random",
                "above 0",
                float(difference.mean()),
                source=f"{source}: sign",
                error=error,
                settings=settings_of(policy),
            )
        )
    return rows
