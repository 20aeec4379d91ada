"""Retrieval models on MovieLens-100k: how well they rank, and how long they take.

python -m benchmarks.recommenders
python -m benchmarks.recommenders --models ease als

Every rating is a positive. "random": a fifth of all ratings held out; "newest": the newest of each
user. All items but those of the user's training are ranked. Seconds are the processor's.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import report_tables
from benchmarks.movielens import WHERE, find_movielens, read_movielens
from models.interactions import Interactions, leave_last_out, random_split
from models.ranking_metrics import ranking_quality
from models.retrieval.als import Als
from models.retrieval.bpr import Bpr
from models.retrieval.ease import Ease
from models.retrieval.popularity import Popularity
from models.retrieval.ranking_net import RankingNet
from models.retrieval.retriever import Retriever
from models.retrieval.sasrec import Sasrec
from models.retrieval.softmax_dot import SoftmaxDot

MODELS: dict[str, Callable[[], Retriever]] = {
    model.name: model for model in (Popularity, Ease, Als, Bpr, SoftmaxDot, RankingNet, Sasrec)
}

PLACES = 10


def measured(
    make: Callable[[], Retriever], training: Interactions, held_out: Interactions
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
    splits = {"random": random_split(log, 0.2, 42), "newest": leave_last_out(log)}
    for name in names:
        for split, (training, held_out) in splits.items():
            yield {"model": name, "split": split, **measured(MODELS[name], training, held_out)}


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", nargs="+", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--json", type=Path, help="file for the result")
    arguments = parser.parse_args()
    path = find_movielens()
    if path is None:
        raise SystemExit(WHERE)
    result = list(rows(read_movielens(path), arguments.models))
    report_tables({"benchmark": "recommenders", "movielens": result}, arguments.json)


if __name__ == "__main__":
    main()
