"""What poor data does to recommenders: NDCG against the share of bad rows, and attacks by shilling.

python -m benchmarks.poor_data
python -m benchmarks.poor_data --models ease als --kinds duplicated noise --shares 0 0.2
python -m benchmarks.poor_data --attacks --shares 0 0.05

MovieLens-100k, every rating a positive, a fifth held out; what is held out stays clean, and what is
ranked are all items but those of a user's clean training rows. Bad rows are added to the training
rows, or taken from them:

missing      the row is not there
duplicated   the row is there once more, of rows drawn with replacement
imbalance    bad rows are all of one tenth of the users, drawn from their own rows
noise        bad rows are pairs of a user and an item drawn at random

An attack adds profiles of users who do not exist, as many as a share of the real ones. Each takes
the target, an item that hardly anybody took, and fillers: any items (random), items as often as
they are taken (average), or the most popular ones and any others (bandwagon). Told is in how many
real users' ten best the target comes ("hits"), and NDCG@10 beside it.

Source: Mobasher, Burke, Bhaumik & Williams (2007), "Toward Trustworthy Recommender Systems: An
Analysis of Attack Models and Algorithm Robustness", ACM TOIT 7(4).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import report_tables
from benchmarks.movielens import WHERE, find_movielens, read_movielens
from models.interactions import Interactions, random_split
from models.ranking_metrics import ranking_quality
from models.retrieval.kinds import KINDS, kind_named
from models.retrieval.retriever import Retriever
from models.top_k import top_k_by_score

KINDS_OF_POOR_DATA = ("missing", "duplicated", "imbalance", "noise")
ATTACKS = ("random", "average", "bandwagon")
PLACES = 10
FILLERS = 40
POPULAR = 10
"""Items of a bandwagon's profile that are the most popular ones."""


def spoiled(log: Interactions, kind: str, share: float, seed: int = 0) -> Interactions:
    """A log with bad rows.

    Args:
        log: E clean rows.
        kind: of `KINDS_OF_POOR_DATA`.
        share: of all rows that are bad afterwards; of the clean ones that go, where they go.
        seed: of what is drawn.
    """
    rng = np.random.default_rng(seed)
    if kind == "missing":
        return log.rows(rng.permutation(len(log))[round(share * len(log)) :])
    bad = round(share / (1.0 - share) * len(log))
    if kind == "noise":
        users, items = rng.integers(0, log.n_users, bad), rng.integers(0, log.n_items, bad)
    else:
        from_rows = np.arange(len(log))
        if kind == "imbalance":
            loud = rng.permutation(log.n_users)[: max(log.n_users // 10, 1)]
            from_rows = np.flatnonzero(np.isin(log.users, loud))
        rows = rng.choice(from_rows, bad)
        users, items = log.users[rows], log.items[rows]
    return with_rows(log, users, items, log.n_users, rng)


def attacked(
    log: Interactions, attack: str, share: float, target: int, seed: int = 0
) -> Interactions:
    """A log with shilling profiles, as many as a share of the real users."""
    rng = np.random.default_rng(seed)
    profiles = round(share * log.n_users)
    taken = log.popularity()
    likely = taken / taken.sum() if attack == "average" else np.full(log.n_items, 1 / log.n_items)
    users, items = [], []
    for profile in range(profiles):
        fillers = rng.choice(log.n_items, FILLERS, replace=False, p=likely)
        if attack == "bandwagon":
            fillers[:POPULAR] = np.argsort(-taken)[:POPULAR]
        chosen = np.unique(np.append(fillers, target))
        users.append(np.full(len(chosen), log.n_users + profile))
        items.append(chosen)
    if not profiles:
        return log
    return with_rows(log, np.concatenate(users), np.concatenate(items), log.n_users + profiles, rng)


def with_rows(
    log: Interactions, users: np.ndarray, items: np.ndarray, n_users: int, rng: np.random.Generator
) -> Interactions:
    """A log with more rows, at times drawn from its own."""
    times = np.concatenate([log.times, rng.choice(log.times, len(users))])
    return Interactions.of(
        np.concatenate([log.users, users]),
        np.concatenate([log.items, items]),
        n_users=n_users,
        n_items=log.n_items,
        times=times,
    )


def trained(name: str, log: Interactions) -> Retriever:
    """A model with its default settings."""
    kind = kind_named(name)
    model = kind(kind.Config())
    model.fit(log, seed=1)
    return model


def ranked_without(model: Retriever, known: Interactions) -> np.ndarray:
    """The ten best for real users, without what a clean log says they know."""
    scores = model.scores(np.arange(known.n_users)).copy()
    scores[known.users, known.items] = -np.inf
    return top_k_by_score(scores, PLACES)


def quality_rows(
    training: Interactions,
    held_out: Interactions,
    names: list[str],
    kinds: list[str],
    shares: list[float],
) -> Iterator[dict[str, Any]]:
    """NDCG@10 by model, kind of poor data and share of bad rows."""
    for name in names:
        clean: float | None = None
        for kind in kinds:
            row: dict[str, Any] = {"model": name, "bad rows": kind}
            for share in shares:
                if share == 0.0 and clean is not None:
                    row[f"{share:g}"] = clean
                    continue
                model = trained(name, spoiled(training, kind, share))
                ndcg = ranking_quality(ranked_without(model, training), held_out).ndcg
                row[f"{share:g}"] = round(ndcg, 4)
                clean = row[f"{share:g}"] if share == 0.0 else clean
            yield row


def attack_rows(
    training: Interactions,
    held_out: Interactions,
    names: list[str],
    shares: list[float],
    targets: int,
) -> Iterator[dict[str, Any]]:
    """Share of real users to whom the target is shown, mean over targets, and NDCG@10."""
    rng = np.random.default_rng(5)
    unknown = rng.choice(np.flatnonzero(training.popularity() <= 3), targets, replace=False)
    for name in names:
        for attack in ATTACKS:
            row: dict[str, Any] = {"model": name, "attack": attack}
            for share in shares:
                hits, quality = [], []
                for target in unknown:
                    model = trained(name, attacked(training, attack, share, int(target)))
                    ranked = ranked_without(model, training)
                    hits.append((ranked == target).any(axis=1).mean())
                    quality.append(ranking_quality(ranked, held_out).ndcg)
                row[f"hits at {share:g}"] = round(float(np.mean(hits)), 4)
                row[f"ndcg at {share:g}"] = round(float(np.mean(quality)), 4)
            yield row


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    fast = [name for name in KINDS if name != "sasrec"]
    parser.add_argument("--models", nargs="+", choices=list(KINDS), default=fast)
    parser.add_argument(
        "--kinds", nargs="+", choices=KINDS_OF_POOR_DATA, default=list(KINDS_OF_POOR_DATA)
    )
    parser.add_argument("--shares", nargs="+", type=float, default=[0.0, 0.1, 0.3])
    parser.add_argument("--targets", type=int, default=3, help="items that attacks push")
    parser.add_argument("--attacks", action="store_true", help="profiles instead of bad rows")
    parser.add_argument("--json", type=Path, help="file for the result")
    asked = parser.parse_args()
    path = find_movielens()
    if path is None:
        raise SystemExit(WHERE)
    training, held_out = random_split(read_movielens(path), 0.2, 42)
    result: dict[str, Any] = {"benchmark": "poor_data"}
    if asked.attacks:
        result["attacks"] = list(
            attack_rows(training, held_out, asked.models, asked.shares, asked.targets)
        )
    else:
        result["poor data"] = list(
            quality_rows(training, held_out, asked.models, asked.kinds, asked.shares)
        )
    report_tables(result, asked.json)


if __name__ == "__main__":
    main()
