"""How long recommenders take at size: a pass over a long log, and slates for everybody.

python -m benchmarks.recommender_speed
python -m benchmarks.recommender_speed --threads 2 --rows 1000000 --users 50000 --items 50000
python -m benchmarks.recommender_speed --only nearest --items 300000 --users 2000

"seconds" is the wall clock, "cpu_seconds" the processor's time over all threads: on a machine that
is busy with other work the first says more about that work.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.measuring import peak_megabytes, report_tables
from models.interactions import Interactions
from models.nearest import NearestError, NearestItems
from models.product_top_k import top_k_by_product
from models.recommender import NeuralRecommender, RecommenderConfig
from models.retrieval.bpr import Bpr, BprConfig

PLACES = 20
SIZE = 64


def timed(what: str, do: Callable[[], object]) -> dict[str, Any]:
    """Seconds of something, by the clock and by the processor."""
    began, used = time.perf_counter(), time.process_time()
    do()
    return {
        "what": what,
        "seconds": round(time.perf_counter() - began, 2),
        "cpu_seconds": round(time.process_time() - used, 2),
    }


def long_log(rows: int, users: int, items: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Users, items and labels of impressions, items with the popularity that catalogues have."""
    rng = np.random.default_rng(0)
    item = np.minimum((items * rng.beta(0.6, 3.0, rows)).astype(np.int64), items - 1)
    return rng.integers(0, users, rows), item, (rng.random(rows) < 0.2).astype(float)


def training(rows: int, users: int, items: int) -> Iterator[dict[str, Any]]:
    """One pass over a long log."""
    user, item, label = long_log(rows, users, items)
    network = NeuralRecommender(RecommenderConfig())
    yield timed(
        f"network, one pass over {rows:,} rows",
        lambda: network.fit(user, item, label, n_users=users, n_items=items, passes=1),
    )
    log = Interactions.of(user, item, n_users=users, n_items=items)
    bpr = Bpr(BprConfig(factors=SIZE))
    yield timed(f"bpr, one pass over {rows:,} rows", lambda: bpr.fit(log, passes=1))
    some = np.arange(min(users, 1000))
    yield timed(f"network, slates for {len(some):,} users", lambda: network.top_k(some, PLACES))


def slates(users: int, items: int, threads: int) -> Iterator[dict[str, Any]]:
    """Slates of dot products for everybody."""
    draw = torch.Generator().manual_seed(0)
    tastes, traits = (torch.randn(n, SIZE, generator=draw) for n in (users, items))
    bias = torch.randn(items, generator=draw)
    torch.set_num_threads(1)
    top_k_by_product(tastes[:512], traits, PLACES, bias=bias)
    yield timed(
        f"exact slates of {PLACES} for {users:,} users out of {items:,} items, {threads} threads",
        lambda: top_k_by_product(tastes, traits, PLACES, bias=bias, threads=threads),
    )


def nearest(users: int, items: int, threads: int) -> Iterator[dict[str, Any]]:
    """Indices against the exact ranking, on vectors that lie in clusters as items do."""
    draw = torch.Generator().manual_seed(0)
    centres = torch.randn(max(items // 500, 1), SIZE, generator=draw)
    traits = centres[torch.arange(items) % len(centres)]
    traits = traits + 0.5 * torch.randn(items, SIZE, generator=draw)
    tastes = centres[torch.arange(users) % len(centres)]
    tastes = tastes + 0.5 * torch.randn(users, SIZE, generator=draw)
    some = tastes[: min(users, 300)]
    for method, visited in (("exact", 1), ("ivf", 8), ("ivf", 32), ("hnsw", 64)):
        built: list[NearestItems] = []
        try:
            building = timed(
                "",
                lambda method=method, visited=visited, built=built: built.append(
                    NearestItems(traits, method=method, visited=visited)
                ),
            )
        except NearestError as error:
            yield {"method": method, "note": str(error)}
            continue
        index = built[0]
        asking = timed("", lambda index=index: index.top_k(tastes, PLACES, threads=threads))
        yield {
            "method": method,
            "visited": visited,
            "build_cpu_seconds": building["cpu_seconds"],
            "cpu_seconds": asking["cpu_seconds"],
            "seconds": asking["seconds"],
            "recall": round(index.recall_of(some, PLACES), 4),
        }


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, default=50_000)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", choices=["training", "slates", "nearest"])
    parser.add_argument("--json", type=Path, help="file for the result")
    asked = parser.parse_args()
    result: dict[str, Any] = {"benchmark": "recommender_speed"}
    if asked.only in (None, "training"):
        result["training"] = list(training(asked.rows, asked.users, asked.items))
    if asked.only in (None, "slates"):
        result["slates"] = list(slates(asked.users, asked.items, asked.threads))
    if asked.only == "nearest":
        result["nearest"] = list(nearest(asked.users, asked.items, asked.threads))
    result["peak_megabytes"] = round(peak_megabytes())
    report_tables(result, asked.json)


if __name__ == "__main__":
    main()
