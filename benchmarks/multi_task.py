"""Several tasks by one network, against a network for each: what sharing gains.

python -m benchmarks.multi_task
python -m benchmarks.multi_task --data synthetic

"synthetic": clicks, purchases of what was clicked and ratings of what was bought, all of one taste;
"movielens": chosen (against items drawn at random), liked (4 stars and more) and the rating;
"market": clicks, purchases, ratings and returns in the log of 90 days of a market, the newest fifth
held out. Area: chance that of two rows the one that happened has the higher probability; error:
root mean square of ratings. Both on held-out rows; seconds are the processor's.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.market_log import lived
from benchmarks.measuring import report_tables
from benchmarks.movielens import WHERE, find_movielens, read_movielens
from models.array_checks import FloatArray, IdArray
from models.multi_task import MultiTaskConfig, MultiTaskModel, Rows, Task
from models.probability_metrics import probability_quality
from models.retrieval.ranking_net import drawn_negatives


@dataclass(frozen=True, slots=True)
class Problem:
    """Rows with the labels of several tasks. E rows, nan where there is no label."""

    users: IdArray  # (E,)
    items: IdArray  # (E,)
    features: FloatArray  # (E, F)
    labels: dict[str, FloatArray]
    real: frozenset[str]  # tasks that are no probabilities
    held_out: np.ndarray  # (E,) bool

    def rows(self, chosen: np.ndarray) -> Rows:
        """Some of the rows."""
        return Rows.of(self.users[chosen], self.items[chosen], self.features[chosen])


def synthetic() -> Problem:
    """Two hundred users and 150 items of two-dimensional tastes; few buy, fewer rate."""
    rng = np.random.default_rng(1)
    users, items, rows = 200, 150, 40_000
    taste, trait = rng.normal(size=(users, 2)), rng.normal(size=(items, 2))
    u, i = rng.integers(0, users, rows), rng.integers(0, items, rows)
    liking = (taste[u] * trait[i]).sum(axis=1)
    click = (rng.random(rows) < 1.0 / (1.0 + np.exp(-1.5 * liking))).astype(float)
    buy = np.where(click > 0, rng.random(rows) < 0.2 / (1.0 + np.exp(-liking)), 0.0)
    rating = np.where(buy > 0, liking + 0.5 * rng.normal(size=rows), np.nan)
    back = np.where(buy > 0, rng.random(rows) < 1.0 / (1.0 + np.exp(2.0 + liking)), np.nan)
    labels = {"click": click, "purchase": buy, "rating": rating, "return": back}
    return Problem(u, i, np.empty((rows, 0)), labels, frozenset({"rating"}), rng.random(rows) < 0.2)


def movielens() -> Problem:
    """Ratings of MovieLens-100k, and as many items a rating that nobody rated, at random."""
    path = find_movielens()
    if path is None:
        raise SystemExit(WHERE)
    log = read_movielens(path)
    beside, negatives = drawn_negatives(log, 1, 1)
    none = np.full(len(beside), np.nan)
    stars = log.weights
    labels = {
        "chosen": np.r_[np.ones(len(log)), np.zeros(len(beside))],
        "liked": np.r_[stars >= 4, none],
        "rating": np.r_[stars, none],
    }
    users = np.r_[log.users, log.users[beside]]
    held_out = np.random.default_rng(42).random(len(users)) < 0.2
    return Problem(
        users,
        np.r_[log.items, negatives],
        np.empty((len(users), 0)),
        labels,
        frozenset({"rating"}),
        held_out,
    )


def market() -> Problem:
    """What consumers of a market were shown, and what came of it."""
    told = lived(90)
    log = told.log

    def of_purchases(visitor: IdArray, listing: IdArray, value: FloatArray) -> FloatArray:
        """(E,) the value of the pair where it was bought, nan elsewhere and without one."""
        known = dict(zip((visitor * told.listings + listing).tolist(), value.tolist(), strict=True))
        pair = log.visitor * told.listings + log.listing
        found = np.full(len(pair), np.nan)
        bought = np.flatnonzero(log.bought)
        found[bought] = [known.get(one, np.nan) for one in pair[bought].tolist()]
        return found

    back = of_purchases(log.return_visitor, log.return_listing, np.ones(len(log.return_visitor)))
    labels = {
        "click": log.clicked.astype(float),
        "purchase": log.bought.astype(float),
        "rating": of_purchases(log.rating_visitor, log.rating_listing, log.rating * 4.0 + 1.0),
        "return": np.where(log.bought, np.nan_to_num(back), np.nan),
    }
    surface = log.surface[:, None] == np.arange(3)
    features = np.column_stack([np.log(log.price), np.log1p(log.position), surface])
    return Problem(
        log.visitor.astype(np.int64),
        log.listing.astype(np.int64),
        features.astype(np.float64),
        labels,
        frozenset({"rating"}),
        log.day >= np.quantile(log.day, 0.8),
    )


DATA: dict[str, Callable[[], Problem]] = {
    "synthetic": synthetic,
    "movielens": movielens,
    "market": market,
}


def rows(problem: Problem) -> Iterator[dict[str, Any]]:
    """A row a task: all by one network, weighed two ways, and each by its own."""
    names = tuple(problem.labels)
    together = {
        weighting: trained(problem, names, weighting) for weighting in ("uncertainty", "equal")
    }
    alone = {name: trained(problem, (name,), "uncertainty") for name in names}
    for name in names:
        label = problem.labels[name]
        judged = problem.held_out & ~np.isnan(label)
        measure = error if name in problem.real else area
        found = {
            "by_uncertainty": together["uncertainty"][0],
            "equal_weights": together["equal"][0],
            "alone": alone[name][0],
        }
        pairs = problem.rows(judged)
        yield {
            "task": name,
            "measure": measure.__name__,
            **{
                how: round(measure(model.predict(pairs)[name], label[judged]), 4)
                for how, model in found.items()
            },
            "sigma": round(together["uncertainty"][0].noise[name], 3),
            "labels": int((~problem.held_out & ~np.isnan(label)).sum()),
            "seconds_together": round(together["uncertainty"][1], 1),
            "seconds_alone": round(alone[name][1], 1),
        }


def trained(
    problem: Problem, names: tuple[str, ...], weighting: str
) -> tuple[MultiTaskModel, float]:
    """A model of some of the tasks, and its seconds."""
    tasks = tuple(
        Task(name=name, kind="real" if name in problem.real else "binary") for name in names
    )
    settings: Mapping[str, Any] = {"tasks": tasks, "weighting": weighting, "max_epochs": 30}
    model = MultiTaskModel(MultiTaskConfig.model_validate(settings))
    labels = {name: problem.labels[name] for name in names}
    some = np.any([~np.isnan(one) for one in labels.values()], axis=0) & ~problem.held_out
    began = time.process_time()
    model.fit(
        problem.rows(some),
        {name: one[some] for name, one in labels.items()},
        n_users=int(problem.users.max()) + 1,
        n_items=int(problem.items.max()) + 1,
        seed=1,
    )
    return model, time.process_time() - began


def area(predicted: FloatArray, happened: FloatArray) -> float:
    """Area under the receiver operating characteristic."""
    return probability_quality(predicted, happened).area


def error(predicted: FloatArray, rating: FloatArray) -> float:
    """Root mean squared error."""
    return float(np.sqrt(((predicted - rating) ** 2).mean()))


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", nargs="+", choices=list(DATA), default=list(DATA))
    parser.add_argument("--json", type=Path, help="file for the result")
    arguments = parser.parse_args()
    result: dict[str, Any] = {"benchmark": "multi_task"}
    for name in arguments.data:
        result[name] = list(rows(DATA[name]()))
    report_tables(result, arguments.json)


if __name__ == "__main__":
    main()
