"""Search that learns in a market, and items that nobody has taken yet, measured.

python -m benchmarks.search_ranking market        # searches in half of `baseline`, by post
python -m benchmarks.search_ranking recommenders  # two towers in the same market
python -m benchmarks.search_ranking cold_items    # MovieLens-100k, a fifth of the items held out

Markets with other policies live through the same luck: differences from the first are paired.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.measuring import report_tables
from benchmarks.movielens import WHERE, Movies, find_movielens, read_movielens, read_movies
from experiments.running import resolve
from experiments.statistics.intervals import paired
from models.interactions import Interactions
from models.ranking_metrics import ranking_quality
from models.retrieval.two_tower import TwoTower, item_features
from models.text_vectors import TextVectors
from scenarios.build import build

HALF = (
    "couriers.count=0",
    "consumers.count=5000",
    "commerce.generated.listings=2500",
    "commerce.generated.merchants=250",
    "policies.recommendation.name=popularity",
)
SHOWN = 'platform.logs="shown"'
SEARCHES = {
    "bm25": ("policies.search.name=bm25",),
    "learned": ("policies.search.name=learned",),
    "lambdarank": ('policies.search={name = "learned", loss = "lambdarank"}',),
    "boosted": ('policies.search={name = "learned", ranker = "boosted"}',),
    "impersonal": ('policies.search={name = "learned", personal = false}',),
    "without_pictures": (
        "policies.search.name=learned",
        "commerce.generated.image_dimensions=0",
    ),
    "bias_ignored": ('policies.search={name = "learned", position_bias = "ignored"}',),
    "learned_all_logged": (SHOWN, "policies.search.name=learned"),
    "bias_ignored_all_logged": (
        SHOWN,
        'policies.search={name = "learned", position_bias = "ignored"}',
    ),
}
RECOMMENDERS = {
    "popularity": ("policies.recommendation.name=popularity",),
    "random": ("policies.recommendation.name=random",),
    "two_tower": ("policies.recommendation.name=two_tower",),
    "two_tower_without_pictures": (
        'policies.recommendation={name = "two_tower", pictures = false}',
    ),
}
COMPARED = {
    "market": (SEARCHES, ("search_ndcg", "surplus_per_visit")),
    "recommenders": (RECOMMENDERS, ("ndcg", "surplus_per_visit")),
}
"""Policies, the first of which the others are held against, and outcomes."""

COLD_SHARE = 0.2
PLACES = 10
TEXT_DIMENSIONS = 32
YEARS = np.array(
    [1930, 1940, 1950, 1960, 1970, 1980, 1985, 1990, 1992, 1994, 1995, 1996, 1997, 1998]
)
WIDTHS = np.array([8, 8, 8, 8, 8, 5, 4, 2, 1, 1, 1, 1, 1, 1])
"""Centres and widths, years, of the bumps by which a year of release is told."""


def lived(policy: tuple[str, ...], seed: int, chosen: argparse.Namespace) -> dict[str, float]:
    """Mean outcomes of a market from a day on, and the processor's seconds."""
    outcomes = COMPARED[chosen.what][1]
    overrides = (*HALF, f"seed={seed}", *policy, *chosen.set)
    scenario, folder = resolve("baseline", overrides=overrides)
    market = build(scenario, folder=folder)
    began, told = time.process_time(), []
    for _ in range(chosen.days):
        market.step()
        latest = market.health.latest()
        told.append([latest[name] for name in outcomes])
    mean = np.nanmean(np.array(told)[chosen.from_day :], axis=0)
    return {
        **dict(zip(outcomes, mean.tolist(), strict=True)),
        "seconds": time.process_time() - began,
    }


def markets(chosen: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """A row a policy: mean outcomes, and paired differences from the first with 95 % intervals."""
    policies, outcomes = COMPARED[chosen.what]
    first, *others = policies
    base: list[dict[str, float]] = []
    for name in [first, *(one for one in others if one in (chosen.policies or others))]:
        runs = [lived(policies[name], seed, chosen) for seed in range(1, chosen.seeds + 1)]
        base = base or runs
        row: dict[str, Any] = {"policy": name}
        for outcome in outcomes:
            own, other = (np.array([run[outcome] for run in rows]) for rows in (runs, base))
            row[outcome] = round(float(own.mean()), 4)
            if name != first:
                gain = paired(other, own)
                row[f"{outcome}_gain"] = f"{gain.mean:.4f} [{gain.low:.4f}, {gain.high:.4f}]"
        row["seconds_a_run"] = round(float(np.mean([run["seconds"] for run in runs])), 1)
        yield row


def movie_features(movies: Movies) -> npt.NDArray[np.float32]:
    """(1682, F) title and genres as text, genres, and the year of release."""
    text = TextVectors.of(movies.text, TEXT_DIMENSIONS).vectors(movies.text)
    year = np.exp(-(((movies.year[:, None] - YEARS) / WIDTHS) ** 2))
    return np.concatenate([item_features(vectors=(text, movies.genres)), year], axis=1).astype(
        np.float32
    )


def cold_split(log: Interactions, seed: int) -> tuple[Interactions, Interactions, Any]:
    """Hold out all events of a fifth of the items: (training, held out, (m,) these items)."""
    drawn = np.random.default_rng(seed).permutation(log.n_items)
    cold = np.sort(drawn[: round(COLD_SHARE * log.n_items)])
    of_cold = np.isin(log.items, cold)
    return log.rows(~of_cold), log.rows(of_cold), cold


def cold_items(log: Interactions, movies: Movies, seed: int = 42) -> Iterator[dict[str, Any]]:
    """A row a way to rank items that are in nobody's history for all users."""
    training, held_out, cold = cold_split(log, seed)
    features, users = movie_features(movies), np.arange(log.n_users)
    rng = np.random.default_rng(seed)
    yield _row("random", np.array([rng.permutation(cold)[:PLACES] for _ in users]), held_out)
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    likeness = (training.matrix() @ unit) @ unit[cold].T
    best = np.argsort(-likeness, axis=1, kind="stable")[:, :PLACES]
    yield _row("likeness of features to what was taken", cold[best], held_out)
    began = time.process_time()
    model = TwoTower(features=features)
    model.fit(training, seed=1)
    seconds = time.process_time() - began
    ranked = model.top_k(users, PLACES, candidates=cold)
    yield _row("two towers", ranked, held_out) | {"fit_seconds": round(seconds, 1)}
    known = np.argsort(-held_out.popularity(), kind="stable")[:PLACES]
    yield _row("most popular later on, for all", np.tile(known, (len(users), 1)), held_out)


def _row(name: str, ranked: npt.NDArray[Any], held_out: Interactions) -> dict[str, Any]:
    quality = ranking_quality(ranked, held_out)
    return {
        "ranked_by": name,
        "ndcg": round(quality.ndcg, 4),
        "recall": round(quality.recall, 4),
        "items_shown": round(quality.coverage * held_out.n_items),
    }


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=(*COMPARED, "cold_items"))
    parser.add_argument("--policies", nargs="+", choices=[*SEARCHES, *RECOMMENDERS])
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--from-day", type=int, default=14, help="first day that is measured")
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="of the market")
    parser.add_argument("--json", type=Path, help="file for the result")
    chosen = parser.parse_args()
    if chosen.what in COMPARED:
        told = list(markets(chosen))
    else:
        path = find_movielens()
        if path is None:
            raise SystemExit(WHERE)
        movies = read_movies(path)
        if movies is None:
            raise SystemExit(f"no file of items beside {path}")
        told = list(cold_items(read_movielens(path), movies))
    report_tables({"benchmark": "search_ranking", chosen.what: told}, chosen.json)


if __name__ == "__main__":
    main()
