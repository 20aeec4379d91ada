"""Repeat purchase on The Complete Journey: what households buy in the next 30 days.

python -m benchmarks.repeat_purchase

The 2,000 products in most baskets of the first 335 days; a household's last 30 days are held out,
and all products are ranked for it, those it knows among them. Needs the extra `data`. Seconds are
the processor's.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.journey import purchases, read_journey
from benchmarks.measuring import report_tables
from models.interactions import Interactions
from models.ranking_metrics import ranking_quality
from models.retrieval.als import Als
from models.retrieval.ease import Ease
from models.retrieval.popularity import Popularity
from models.retrieval.repeat import Repeat, RepeatAndDiscovery, RepeatConfig
from models.retrieval.retriever import Retriever

MODELS: dict[str, Callable[[], Retriever]] = {
    "popularity": Popularity,
    "als": Als,
    "ease": Ease,
    "bought_most": lambda: Repeat(RepeatConfig(half_life=None)),
    "repeat": Repeat,
    "repeat_and_discovery": RepeatAndDiscovery,
}

PRODUCTS, HELD_OUT_DAYS, PLACES = 2000, 30, 10


def measured(
    make: Callable[[], Retriever], training: Interactions, held_out: Interactions
) -> dict[str, Any]:
    """How well a model ranks what was bought afterwards, known products and new ones apart."""
    model = make()
    began = time.process_time()
    model.fit(training, seed=1)
    fitted = time.process_time()
    users = np.arange(training.n_users)
    quality = ranking_quality(model.top_k(users, PLACES, exclude_known=False), held_out)
    pair = held_out.users * held_out.n_items + held_out.items
    new = ~np.isin(pair, training.users * training.n_items + training.items)
    discovered = ranking_quality(model.top_k(users, PLACES), held_out.rows(new))
    return {
        "ndcg": round(quality.ndcg, 4),
        "recall": round(quality.recall, 4),
        "precision": round(quality.precision, 4),
        "coverage": round(quality.coverage, 3),
        "ndcg_of_new": round(discovered.ndcg, 4),
        "households": quality.users,
        "fit_seconds": round(fitted - began, 2),
    }


def rows(names: list[str]) -> Iterator[dict[str, Any]]:
    """A row a model."""
    journey = read_journey()
    training, held_out = purchases(journey, PRODUCTS, journey.days - HELD_OUT_DAYS, journey.days)
    for name in names:
        yield {"model": name, **measured(MODELS[name], training, held_out)}


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", nargs="+", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--json", type=Path, help="file for the result")
    arguments = parser.parse_args()
    result = list(rows(arguments.models))
    report_tables({"benchmark": "repeat_purchase", "complete_journey": result}, arguments.json)


if __name__ == "__main__":
    main()
