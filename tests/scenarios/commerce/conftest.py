"""Small shops written as CSV files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest

ITEM_HEADER = ("item_id", "title", "category", "price", "merchant_id")
INTERACTION_HEADER = ("user_id", "item_id", "timestamp")

ITEMS = (
    ("k1", "Copper kettle", "kitchen", "40.00", "hestia"),
    ("k2", "Steel kettle", "kitchen", "20.00", "hestia"),
    ("t1", "Green tea", "drinks", "5.00", "tamar"),
    ("t2", "Black tea", "drinks", "4.50", "orla"),
)
INTERACTIONS = (
    ("ann", "k1", "2024-03-04T09:15:00"),
    ("ann", "t1", "2024-03-04T09:15:00"),
    ("ann", "t1", "2024-03-11T10:00:00"),
    ("bob", "t2", "2024-03-05T18:30:00"),
    ("bob", "t1", "2024-03-17T18:45:00"),
)


class Shop:
    """Writes a shop's tables into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "imported"
        self.items = folder / "items.csv"
        self.interactions = folder / "interactions.csv"
        self.write_items()
        self.write_interactions()

    def write_items(
        self,
        rows: Iterable[Sequence[object]] = ITEMS,
        header: Sequence[str] = ITEM_HEADER,
        delimiter: str = ",",
        encoding: str = "utf-8",
    ) -> Path:
        return self._write(self.items, rows, header, delimiter, encoding)

    def write_interactions(
        self,
        rows: Iterable[Sequence[object]] = INTERACTIONS,
        header: Sequence[str] = INTERACTION_HEADER,
        delimiter: str = ",",
        encoding: str = "utf-8",
    ) -> Path:
        return self._write(self.interactions, rows, header, delimiter, encoding)

    def write_large(
        self, users: int = 300, items: int = 120, lines: int = 6000, seed: int = 1
    ) -> None:
        """A shop of two tastes: in each category odd users like odd items, even ones even."""
        rng = np.random.default_rng(seed)
        category = np.arange(items) % 4
        price = np.round(np.exp(1.0 + category + 0.4 * rng.standard_normal(items)), 2)
        self.write_items(
            (f"i{i}", f"thing {i}", f"c{category[i]}", f"{price[i]:.2f}", f"m{i % 17}")
            for i in range(items)
        )
        popularity = 1.0 / (1.0 + np.arange(items) // 8)
        odd = (np.arange(items) // 4) % 2
        activity = rng.gamma(0.7, size=users) + 0.02
        more = rng.choice(users, lines - users, p=activity / activity.sum())
        start = np.datetime64("2024-01-01T00:00:00")
        rows = []
        for user in [*range(users), *more.tolist()]:
            weight = popularity * np.where(odd == user % 2, 8.0, 1.0)
            item = rng.choice(items, p=weight / weight.sum())
            moment = start + np.timedelta64(int(rng.integers(90 * 86_400)), "s")
            rows.append((f"u{user}", f"i{item}", str(moment)))
        self.write_interactions(rows)

    @staticmethod
    def _write(
        path: Path,
        rows: Iterable[Sequence[object]],
        header: Sequence[str],
        delimiter: str,
        encoding: str,
    ) -> Path:
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)
        return path


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


@pytest.fixture(scope="module")
def large_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    made = Shop(tmp_path_factory.mktemp("large"))
    made.write_large()
    return made
