"""MovieLens-100k, where it is to be found: its licence does not let us ship it.

Source: Harper & Konstan (2015), "The MovieLens Datasets: History and Context", ACM TiiS 5(4).
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pandas as pd

from models.interactions import Interactions

COLUMNS = ["user", "item", "rating", "time"]

WHERE = (
    "no MovieLens-100k: set WEAL_MOVIELENS to a folder with its u.data, or take the copy in the "
    "package recbole: pip install --no-deps recbole"
)


def find_movielens() -> Path | None:
    """The file of ratings: in the folder that WEAL_MOVIELENS names, or in the package recbole."""
    named = os.environ.get("WEAL_MOVIELENS")
    if named:
        path = Path(named) / "u.data"
        return path if path.is_file() else None
    package = importlib.util.find_spec("recbole")
    if package is None or package.origin is None:
        return None
    path = Path(package.origin).parent / "dataset_example" / "ml-100k" / "ml-100k.inter"
    return path if path.is_file() else None


def read_movielens(path: Path) -> Interactions:
    """All 100,000 ratings as events, weighted by their stars, users and items counted from 0.

    Args:
        path: as `find_movielens` returns it.

    Raises:
        ValueError: if the file does not hold 100,000 ratings of 943 users and 1,682 items.
    """
    table = pd.read_csv(path, sep="\t", names=COLUMNS, header=None if path.name == "u.data" else 0)
    user, _ = pd.factorize(table["user"], sort=True)
    item, _ = pd.factorize(table["item"], sort=True)
    log = Interactions.of(
        user, item, weights=table["rating"].to_numpy(), times=table["time"].to_numpy()
    )
    if (len(log), log.n_users, log.n_items) != (100_000, 943, 1682):
        raise ValueError(
            f"{path}: {len(log)} ratings of {log.n_users} users and {log.n_items} items, but "
            "MovieLens-100k has 100000 of 943 and 1682"
        )
    return log
