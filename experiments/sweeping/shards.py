"""Shards: run files merged into larger ones, which DuckDB and pandas read a hundred times faster.

A shard is one Parquet file of whole runs: the columns `run` and `day`, and one an indicator, sorted
by run and day. What its runs' files told of themselves stands in its metadata.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import pyarrow.parquet as pq

from experiments.studies.store import shard_folder


def shards(folder: Path, model: str) -> list[Path]:
    """All shards of a version of the model, oldest first."""
    return sorted(
        path for path in shard_folder(folder, model).glob("*.parquet") if path.name[0] != "."
    )


def runs_of(shard: Path) -> tuple[str, ...]:
    """The runs that a shard holds, sorted."""
    stat = shard.stat()
    return _runs_of(shard, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4096)
def _runs_of(shard: Path, _changed: int, _size: int) -> tuple[str, ...]:
    told = json.loads(pq.read_schema(shard).metadata[b"weal"])
    return tuple(told["runs"])
