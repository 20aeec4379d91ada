"""Shards: run files merged into larger ones, which DuckDB and pandas read a hundred times faster.

A shard is one Parquet file of whole runs: the columns `run` and `day`, and one an indicator, sorted
by run and day. What its runs' files told of themselves stands in its metadata.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.studies.store import shard_folder


def shards(folder: Path, model: str) -> list[Path]:
    """All shards of a version of the model, oldest first."""
    return sorted(
        path for path in shard_folder(folder, model).glob("*.parquet") if path.name[0] != "."
    )


class ShardError(OSError):
    """A shard that cannot be read."""


def runs_of(shard: Path) -> tuple[str, ...]:
    """The runs that a shard holds, sorted.

    Raises:
        ShardError: if it cannot be read.
    """
    stat = shard.stat()
    return _runs_of(shard, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4096)
def _runs_of(shard: Path, _changed: int, _size: int) -> tuple[str, ...]:
    with _told_if_damaged(shard):
        told = json.loads(pq.read_schema(shard).metadata[b"weal"])
    return tuple(told["runs"])


def read_shard(
    shard: Path, runs: Collection[str], columns: list[str] | None = None
) -> Iterator[tuple[str, pd.DataFrame]]:
    """The daily indicators of runs in a shard.

    Args:
        shard: its file.
        runs: the runs wanted, all of which it holds.
        columns: the indicators wanted; None: all.

    Yields:
        A run's name, and (days, indicators), index: day; as its own file had them.

    Raises:
        ShardError: if it cannot be read.
    """
    wanted = None if columns is None else ["run", "day", *columns]
    with _told_if_damaged(shard):
        table = pq.ParquetFile(shard, page_checksum_verification=True).read(
            wanted, use_threads=False
        )
    names = table["run"].combine_chunks().dictionary_encode()
    frame = table.drop_columns("run").to_pandas(use_threads=False).set_index("day")
    codes = names.indices.to_numpy()
    known = names.dictionary.to_pylist()
    edges = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(codes)]
    for first, end in itertools.pairwise(edges):
        run = known[codes[first]]
        if run in runs:
            yield run, frame.iloc[first:end]


@contextmanager
def _told_if_damaged(shard: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowInvalid, KeyError, ValueError) as error:
        raise ShardError(
            f"{shard}: is damaged ({error}); remove it, and `weal sweep` makes its runs anew"
        ) from error
