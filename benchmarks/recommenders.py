"""Retrieval models on MovieLens-100k: how well they rank, and how long they take.

python -m benchmarks.recommenders
python -m benchmarks.recommenders --models ease als

Every rating is a positive. "random": a fifth of all ratings held out; "newest": the newest of each
user. All items but those of the user's training are ranked. Seconds are the processor's, on one
thread. Beside our models stand those of the library implicit, where it is installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from scipy import sparse

from benchmarks.measuring import report_tables
from benchmarks.movielens import WHERE, find_movielens, read_movielens
from models.interactions import Interactions, leave_last_out, random_split
from models.ranking_metrics import ranking_quality
from models.recommender import NeuralRecommender, RecommenderConfig
from models.retrieval.kinds import KINDS, kind_named

PLACES = 10


class Ranker(Protocol):
    """What is measured: our models, and those of a peer."""

    def fit(self, log: Interactions, *, seed: int) -> object:
        """Train."""

    def top_k(self, users: np.ndarray, k: int) -> np.ndarray:
        """Rank."""


class Peer:
    """A model of the library implicit, on one thread."""

    def __init__(self, name: str) -> None:
        self.name = name

    def fit(self, log: Interactions, *, seed: int) -> None:
        """Train with settings tuned on the random split's training part."""
        if self.name == "als":
            from implicit.cpu.als import AlternatingLeastSquares

            self._model = AlternatingLeastSquares(
                factors=64, regularization=PEER_L2, alpha=PEER_ALPHA, iterations=16, num_threads=1,
                random_state=seed,
            )  # fmt: skip
        else:
            from implicit.cpu.bpr import BayesianPersonalizedRanking

            self._model = BayesianPersonalizedRanking(
                factors=64, learning_rate=0.005, regularization=0.01, iterations=100, num_threads=1,
                random_state=seed,
            )  # fmt: skip
        self._taken = sparse.csr_matrix(log.matrix())
        self._model.fit(self._taken, show_progress=False)

    def top_k(self, users: np.ndarray, k: int) -> np.ndarray:
        """Rank what a user has not taken."""
        ranked, _ = self._model.recommend(users, self._taken[users], N=k)
        return ranked


class RatingHead:
    """The recommender's network as the rating head: trained on the stars of what was rated."""

    def fit(self, log: Interactions, *, seed: int) -> None:
        """Train on stars from 0 to 1."""
        self._model = NeuralRecommender(RecommenderConfig())
        stars = (log.weights - 1.0) / 4.0
        sizes = {"n_users": log.n_users, "n_items": log.n_items}
        self._model.fit(log.users, log.items, stars, **sizes, seed=seed)
        self._known = log.matrix().toarray() > 0

    def top_k(self, users: np.ndarray, k: int) -> np.ndarray:
        """Rank by the stars expected, without what a user has rated."""
        items = self._known.shape[1]
        pair = np.repeat(users, items), np.tile(np.arange(items), len(users))
        stars = self._model.predict(*pair).reshape(len(users), items)
        return np.argsort(-np.where(self._known[users], -1.0, stars), axis=1)[:, :k]


TUNED = {"als": {"unobserved_weight": 0.3, "l2": 8.0, "frequency_exponent": 0.0}}
"""Settings that differ from a model's own: chosen on a tenth of the random split's training part,
as the peer's were."""

PEER_L2, PEER_ALPHA = 30.0, 3.0


def makers(peers: bool) -> dict[str, Callable[[], Ranker]]:
    """All that can be measured, by name."""
    ours: dict[str, Callable[[], Ranker]] = {
        name: lambda name=name: kind_named(name)(kind_named(name).Config(**TUNED.get(name, {})))
        for name in KINDS
    }
    ours["rating head"] = RatingHead
    theirs = {f"implicit {one}": lambda one=one: Peer(one) for one in ("als", "bpr")}
    return {**ours, **theirs} if peers else ours


def measured(
    make: Callable[[], Ranker], training: Interactions, held_out: Interactions
) -> dict[str, Any]:
    """How well a model ranks what was held out, and its seconds."""
    model = make()
    began = time.process_time()
    model.fit(training, seed=1)
    fitted = time.process_time()
    ranked = model.top_k(np.arange(training.n_users), PLACES)
    ended = time.process_time()
    quality = ranking_quality(ranked, held_out)
    return {
        "ndcg": round(quality.ndcg, 4),
        "recall": round(quality.recall, 4),
        "hit_rate": round(quality.hit_rate, 4),
        "coverage": round(quality.coverage, 3),
        "gini": round(quality.gini, 3),
        "fit_seconds": round(fitted - began, 2),
        "rank_seconds": round(ended - fitted, 2),
    }


def rows(log: Interactions, names: list[str]) -> Iterator[dict[str, Any]]:
    """A row a model and split."""
    made = makers(peers=True)
    splits = {"random": random_split(log, 0.2, 42), "newest": leave_last_out(log)}
    for name in names:
        for split, (training, held_out) in splits.items():
            yield {"model": name, "split": split, **measured(made[name], training, held_out)}


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", nargs="+", choices=list(makers(peers=True)))
    parser.add_argument("--json", type=Path, help="file for the result")
    arguments = parser.parse_args()
    path = find_movielens()
    if path is None:
        raise SystemExit(WHERE)
    peers = importlib.util.find_spec("implicit") is not None
    if not peers:
        print("no peer beside: implicit is not installed (pip install implicit)")
    names = arguments.models or list(makers(peers))
    result = list(rows(read_movielens(path), names))
    report_tables({"benchmark": "recommenders", "movielens": result}, arguments.json)


if __name__ == "__main__":
    main()
