"""`weal compact`: merge run files into shards.

A kill at any moment loses nothing: a run's file is removed once the shard that holds it is on the
disk. A run that is then in both, or in two shards, is the same in both; who reads takes the first,
and the next `compact` removes the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from experiments.studies.store import is_whole, models_in, run_files
from experiments.sweeping.folder import make_folders, remove_temporaries
from experiments.sweeping.lock import locked
from experiments.sweeping.shards import runs_of, shards
from scenarios.atomic import flush, write_file_atomically

RUNS_A_SHARD = 1_000
"""Runs that a whole shard holds."""

ROWS_A_GROUP = 2**20
"""Rows of a shard that are stored together, column by column."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """What was merged, of one version of the model."""

    model: str
    merged: int  # run files that are in shards now
    shards: int  # there are now
    runs: int  # in them
    damaged: tuple[str, ...]  # run files that cannot be read, and stay as they are


def compact(folder: Path, runs_a_shard: int = RUNS_A_SHARD) -> tuple[Compacted, ...]:
    """Merge the run files of a study's folder into shards, version by version of the model.

    Args:
        folder: the study's folder.
        runs_a_shard: how many runs a whole shard holds.

    Returns:
        What was done, a version each.

    Raises:
        experiments.sweeping.lock.LockedError: if a sweep goes on there.
        OSError: if nothing can be written there; all runs are still there.
    """
    with locked(folder, "weal compact"):
        return tuple(_compacted(folder, model, runs_a_shard) for model in models_in(folder))


def _compacted(folder: Path, model: str, runs_a_shard: int) -> Compacted:
    make_folders(folder, model)
    remove_temporaries(folder, model)
    _remove_superseded(folder, model)
    merged = {run for shard in shards(folder, model) for run in runs_of(shard)}
    for path in run_files(folder, model):
        if path.stem in merged:  # a kill came between the shard and the removal of its files
            path.unlink()
    damaged: dict[Path, str] = {}
    count = 0
    for sources in _batches(folder, model, runs_a_shard, damaged):
        count += sum(one.parent.name == "runs" for one in sources)
        _merge(folder, model, sources)
    left = shards(folder, model)
    names = tuple(one.stem for one in damaged)
    return Compacted(model, count, len(left), sum(len(runs_of(one)) for one in left), names)


def _remove_superseded(folder: Path, model: str) -> None:
    """Remove shards all of whose runs a later one holds."""
    seen: set[str] = set()
    for shard in reversed(shards(folder, model)):
        runs = set(runs_of(shard))
        if runs <= seen:
            shard.unlink()
        seen |= runs


def _batches(
    folder: Path, model: str, runs_a_shard: int, damaged: dict[Path, str]
) -> Iterator[list[Path]]:
    """Files to merge: of runs, the last shard that is not full among them, alike in columns."""
    files: dict[pa.Schema, list[Path]] = {}
    for path in run_files(folder, model):
        try:
            schema = pq.read_schema(path).remove_metadata()
        except (OSError, pa.ArrowInvalid) as error:
            damaged[path] = str(error)
            continue
        files.setdefault(schema, []).append(path)
    open_shards = [one for one in shards(folder, model) if len(runs_of(one)) < runs_a_shard]
    for schema, paths in files.items():
        alike = [one for one in open_shards if _run_schema(one) == schema]
        batch, size = alike[:1], len(runs_of(alike[0])) if alike else 0
        for path in paths:
            batch.append(path)
            size += 1
            if size >= runs_a_shard:
                yield batch
                batch, size = [], 0
        if batch and size > (len(runs_of(batch[0])) if batch[0] in alike else 0):
            yield batch


def _run_schema(shard: Path) -> pa.Schema:
    schema = pq.read_schema(shard).remove_metadata()
    return schema.remove(schema.get_field_index("run"))


def _merge(folder: Path, model: str, sources: list[Path]) -> None:
    """Write a shard, and remove what it holds."""
    told: dict[str, Any] = {}
    tables: dict[str, pa.Table] = {}
    for source in sources:
        table = pq.ParquetFile(source, page_checksum_verification=True).read(use_threads=False)
        about = json.loads(table.schema.metadata[b"weal"])
        table = table.replace_schema_metadata(None)
        if "runs" in about:
            told |= about["runs"]
            tables[source.name] = table
        else:
            names = pa.array([about["run"]] * len(table), pa.string())
            told[about["run"]] = about
            tables[about["run"]] = table.add_column(0, "run", names)
    whole = pa.concat_tables(tables.values()).sort_by([("run", "ascending"), ("day", "ascending")])
    about = {"runs": {run: told[run] for run in sorted(told)}}
    whole = whole.replace_schema_metadata({"weal": json.dumps(about, sort_keys=True)})
    sink = pa.BufferOutputStream()
    pq.write_table(
        whole, sink, compression="zstd", row_group_size=ROWS_A_GROUP, write_page_checksum=True
    )
    known = [int(one.stem) for one in shards(folder, model)]
    place = folder / model / "shards" / f"{max(known, default=-1) + 1:05d}.parquet"
    write_file_atomically(place, sink.getvalue().to_pybytes())
    if not is_whole(place) or set(runs_of(place)) != set(told):
        raise OSError(f"{place}: does not read as it was written; all run files are kept")
    for source in sources:
        source.unlink()
    for parent in {one.parent for one in sources}:
        flush(parent)
