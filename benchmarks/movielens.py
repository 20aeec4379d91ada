"""MovieLens-100k, where it is to be found: its licence does not let us ship it.

Source: Harper & Konstan (2015), "The MovieLens Datasets: History and Context", ACM TiiS 5(4).
"""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
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


@dataclass(frozen=True, slots=True)
class Movies:
    """What is known of the 1,682 items."""

    text: tuple[str, ...]  # title and genres
    genres: npt.NDArray[np.float64]  # (1682, 19) 1 where a movie is of a genre
    year: npt.NDArray[np.float64]  # (1682,) of release; the median where it is not known


def read_movies(ratings: Path) -> Movies | None:
    """Titles, genres and years, items as `read_movielens` counts them; None where not there.

    Args:
        ratings: as `find_movielens` returns it; the file of items lies beside it.
    """
    if ratings.name == "u.data":
        path = ratings.parent / "u.item"
        if not path.is_file():
            return None
        return _of_grouplens(pd.read_csv(path, sep="|", header=None, encoding="latin-1"))
    path = ratings.with_suffix(".item")
    if not path.is_file():
        return None
    table = pd.read_csv(path, sep="\t", dtype=str).sort_values("item_id:token", key=pd.to_numeric)
    of_movie = [str(genres).split() for genres in table["class:token_seq"].fillna("")]
    genres = sorted({genre for one in of_movie for genre in one})
    return Movies(
        tuple(
            f"{title} {' '.join(one)}"
            for title, one in zip(table["movie_title:token_seq"].fillna(""), of_movie, strict=True)
        ),
        np.array([[genre in one for genre in genres] for one in of_movie], dtype=np.float64),
        _years(table["release_year:token"]),
    )


def _of_grouplens(table: pd.DataFrame) -> Movies:
    """The original `u.item`: number, title, release date, two more columns, 19 genres."""
    table = table.sort_values(0)
    return Movies(
        tuple(str(title) for title in table[1]),
        table.iloc[:, 5:].to_numpy(np.float64),
        _years(table[2].astype(str).str[-4:]),
    )


def _years(told: pd.Series) -> npt.NDArray[np.float64]:
    years = pd.to_numeric(told, errors="coerce")
    return years.fillna(years.median()).to_numpy(np.float64)
