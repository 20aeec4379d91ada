"""Where imported commerce is kept: a folder of Parquet files and `commerce.json`.

`items.parquet` has a row a listing, `consumers.parquet` a row a consumer, `history.parquet` a row
a listing that a consumer had bought, `reviews.parquet` (if there are any) a row a review text, and
`rejected.csv` (if rows were left out) a row a fault. `commerce.json` holds names, profiles,
assumptions, the summary, and the hash of every other file. Users' names or numbers are not kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from policies.arrays import IntArray
from scenarios.atomic import folder_written_whole
from scenarios.commerce.faults import BadRow, CommerceError, rejected_csv
from scenarios.commerce.learn import Assumptions, Learned
from scenarios.commerce.library import METADATA, check_free
from scenarios.commerce.records import Reviews
from scenarios.commerce.summary import ImportSummary
from sim.catalogue import Catalogue, Population, PurchaseHistory

FORMAT = "weal-commerce"
VERSION = 1
REJECTED = "rejected.csv"


@dataclass(frozen=True, slots=True)
class ImportedCommerce:
    """A shop's data as a market's starting point."""

    folder: Path
    item_id: tuple[str, ...] = field(repr=False)  # (L,) the shop's own ids of the listings
    lines: IntArray = field(repr=False)  # (L,) recorded purchases of each listing
    reviews: Reviews = field(repr=False)
    summary: ImportSummary
    assumptions: Assumptions
    sources: tuple[dict[str, Any], ...]  # what was read: name, sha256, rows
    _catalogue: Catalogue = field(repr=False)
    _population: Population = field(repr=False)
    _hash: str

    def catalogue(self) -> Catalogue:
        """What is on sale."""
        return self._catalogue

    def population(
        self, n: int | None = None, rng: np.random.Generator | None = None
    ) -> Population:
        """The consumers of the data, or as many as are asked for.

        Args:
            n: number of consumers; None, or as many as the data have: exactly those, in order.
                Otherwise consumers are drawn from the data with replacement.
            rng: chance for the drawing; needed if n differs from the number in the data.

        Returns:
            n consumers.

        Raises:
            ValueError: if n is below 1, or `rng` is needed and missing.
        """
        data = self._population
        count = len(data.visits_per_day)
        if n is None or n == count:
            return data
        if n < 1:
            raise ValueError(f"n: a population has at least 1 consumer, not {n}")
        if rng is None:
            raise ValueError(f"rng: needed to draw {n} consumers from the {count} of the data")
        drawn = rng.integers(count, size=n)
        columns = {name: getattr(data, name)[drawn] for name in _CONSUMER_COLUMNS}
        history = None if data.history is None else data.history.take(drawn)
        return replace(data, **columns, history=history)

    def content_hash(self) -> str:
        """SHA-256 of the metadata, which names the hash of every other file."""
        return self._hash


_CONSUMER_COLUMNS = (
    "visits_per_day",
    "category_share",
    "taste",
    "lines_per_visit",
    "repeat_share",
    "income",
    "price_sensitivity",
    "group",
)
_LISTING_COLUMNS = (
    "title",
    "description",
    "category",
    "merchant",
    "price",
    "unit_cost",
    "quality",
    "appeal",
    "attributes",
    "image",
)


def write(
    folder: Path,
    learned: Learned,
    summary: ImportSummary,
    assumptions: Assumptions,
    *,
    sources: Sequence[Mapping[str, Any]],
    reviews: Reviews,
    rejected: Sequence[BadRow],
    overwrite: bool,
) -> None:
    """Write an import, whole or not at all.

    Args:
        folder: where to.
        learned: catalogue and population.
        summary: what `ImportedCommerce.summary` gives back.
        assumptions: what was assumed.
        sources: what was read: name, sha256, rows.
        reviews: review texts, listings being rows of the catalogue.
        rejected: rows that were left out.
        overwrite: whether an earlier import may be replaced.

    Raises:
        CommerceError: if the folder exists and may not be replaced, or cannot be written.
    """
    check_free(folder, overwrite=overwrite)
    try:
        with folder_written_whole(folder, overwrite=overwrite) as partial:
            _write_into(partial, learned, summary, assumptions, sources, reviews, rejected)
    except OSError as error:
        raise CommerceError(f"{folder}: cannot be written: {error.strerror or error}") from error


def _write_into(
    partial: Path,
    learned: Learned,
    summary: ImportSummary,
    assumptions: Assumptions,
    sources: Sequence[Mapping[str, Any]],
    reviews: Reviews,
    rejected: Sequence[BadRow],
) -> None:
    catalogue, population = learned.catalogue, learned.population
    listings = {name: getattr(catalogue, name) for name in _LISTING_COLUMNS}
    records = {"item_id": learned.item_id, "lines": learned.lines}
    _write_table(partial / "items.parquet", {**records, **listings})
    consumers = {name: getattr(population, name) for name in _CONSUMER_COLUMNS}
    _write_table(partial / "consumers.parquet", consumers)
    if population.history is not None:
        count = np.diff(population.history.indptr)
        who = np.repeat(np.arange(len(count), dtype=np.int32), count)
        bought = {"consumer": who, "listing": population.history.listing}
        _write_table(partial / "history.parquet", bought)
    if reviews.text:
        told = {"listing": reviews.listing, "rating": reviews.rating, "text": reviews.text}
        _write_table(partial / "reviews.parquet", told)
    if rejected:
        (partial / REJECTED).write_text(rejected_csv(rejected), encoding="utf-8", newline="")
    metadata = {
        "format": FORMAT,
        "version": VERSION,
        "sources": [dict(source) for source in sources],
        "assumptions": assumptions.model_dump(),
        "summary": summary.to_json(),
        "category_names": catalogue.category_names,
        "merchant_names": catalogue.merchant_names,
        "group_names": population.group_names,
        "weekday_profile": population.weekday_profile.tolist(),
        "hour_profile": population.hour_profile.tolist(),
        "files": {path.name: _sha256(path) for path in sorted(partial.iterdir())},
    }
    text = json.dumps(metadata, indent=1, ensure_ascii=False, allow_nan=False)
    (partial / METADATA).write_text(text + "\n", encoding="utf-8", newline="")


def load(folder: Path | str) -> ImportedCommerce:
    """Read an import back.

    Args:
        folder: what an importer has written.

    Returns:
        The catalogue, the population and what is known of their source.

    Raises:
        CommerceError: if the folder is no import, is of another version, or was damaged.
    """
    folder = Path(folder)
    metadata, digest = _metadata(folder)
    items = {"image": None, **_read_table(folder / "items.parquet")}
    consumers = _read_table(folder / "consumers.parquet")
    catalogue = Catalogue(
        **{name: items[name] for name in _LISTING_COLUMNS},
        category_names=tuple(metadata["category_names"]),
        merchant_names=tuple(metadata["merchant_names"]),
    )
    population = Population(
        **{name: consumers[name] for name in _CONSUMER_COLUMNS},
        group_names=tuple(metadata["group_names"]),
        weekday_profile=np.array(metadata["weekday_profile"]),
        hour_profile=np.array(metadata["hour_profile"]),
        history=_history(folder, metadata, len(consumers["group"])),
    )
    return ImportedCommerce(
        folder=folder,
        item_id=items["item_id"],
        lines=items["lines"],
        reviews=_reviews(folder, metadata),
        summary=ImportSummary.from_json(metadata["summary"]),
        assumptions=Assumptions.model_validate(metadata["assumptions"]),
        sources=tuple(metadata["sources"]),
        _catalogue=catalogue,
        _population=population,
        _hash=digest,
    )


def _metadata(folder: Path) -> tuple[dict[str, Any], str]:
    path = folder / METADATA
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CommerceError(
            f"{folder}: no imported data ({METADATA}: {error.strerror}); make it with `weal import`"
        ) from error
    try:
        metadata = json.loads(raw)
        kind, version, files = metadata["format"], metadata["version"], metadata["files"]
    except (ValueError, KeyError, TypeError) as error:
        raise CommerceError(f"{path}: damaged; import the data again") from error
    if kind != FORMAT or version != VERSION:
        raise CommerceError(
            f"{path}: format {kind!r} version {version!r}, but this program reads {FORMAT!r} "
            f"version {VERSION}; import the data again"
        )
    for name, expected in files.items():
        if not (folder / name).is_file() or _sha256(folder / name) != expected:
            raise CommerceError(f"{folder / name}: missing or changed; import the data again")
    return metadata, hashlib.sha256(raw).hexdigest()


def _history(folder: Path, metadata: dict[str, Any], consumers: int) -> PurchaseHistory | None:
    if "history.parquet" not in metadata["files"]:
        return None
    bought = _read_table(folder / "history.parquet")
    count = np.bincount(bought["consumer"], minlength=consumers)
    indptr = np.concatenate(([0], np.cumsum(count, dtype=np.int64)))
    return PurchaseHistory(indptr, bought["listing"])


def _reviews(folder: Path, metadata: dict[str, Any]) -> Reviews:
    if "reviews.parquet" not in metadata["files"]:
        return Reviews(np.zeros(0, dtype=np.int32), np.zeros(0), ())
    told = _read_table(folder / "reviews.parquet")
    return Reviews(told["listing"], told["rating"], told["text"])


def _write_table(path: Path, columns: Mapping[str, Any]) -> None:
    arrays = {name: _to_arrow(values) for name, values in columns.items() if values is not None}
    pq.write_table(pa.table(arrays), path, compression="zstd")


def _to_arrow(values: tuple[str, ...] | NDArray[Any]) -> Any:
    if isinstance(values, tuple):
        return pa.array(values, type=pa.string())
    if values.ndim == 2:
        return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])
    return pa.array(values)


def _read_table(path: Path) -> dict[str, Any]:
    """Columns by name: tuples of texts, arrays of numbers, matrices of lists."""
    columns: dict[str, Any] = {}
    table = pq.read_table(path)
    for name in table.column_names:
        column = table[name].combine_chunks()
        if pa.types.is_string(column.type):
            columns[name] = tuple(column.to_pylist())
        elif pa.types.is_fixed_size_list(column.type):
            flat = column.flatten().to_numpy(zero_copy_only=False)
            columns[name] = flat.reshape(len(column), column.type.list_size)
        else:
            columns[name] = column.to_numpy(zero_copy_only=False)
    return columns


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
