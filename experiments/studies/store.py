"""A study's folder: one file a run, whole or not at all.

study.toml        the resolved study
base.toml         the resolved base scenario
sweep.json        the last sweep: by whom, since when, how it ended
lock              held by the driver while a sweep goes on
MODEL/plan.parquet  the runs that the study asks for so far
MODEL/runs/       one Parquet file a run, named by the run: a row a day, a column an indicator
MODEL/shards/     run files that `weal compact` has merged
MODEL/failed/     one JSON file a run that gave no result
report.html, report.json

MODEL is the version of the model: runs of two versions never mix.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from scenarios.atomic import write_file_atomically

FORMAT = "1"
"""Number of the form of run files."""

MOST_DEATHS = 3
"""Workers that a run may kill before it is set aside."""

AT_LITTLE_COST: dict[str, Any] = {
    "compression": "snappy",
    "use_dictionary": False,
    "write_statistics": False,
    "write_page_checksum": True,
}
"""How a run's file is written: in a quarter of the time that Parquet's usual form takes."""

KINDS = {
    "raised": "raised an error",
    "killed": "killed its worker",
    "timed_out": "took too long",
}
"""What became of runs without a result, in words."""

_MAGIC = b"PAR1"
"""First and last bytes of a Parquet file."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The record of a run that gave no result."""

    run: str
    kind: str  # "raised", "killed", "timed_out"
    told: str  # its traceback, or what happened
    tries: int = 1

    @property
    def again(self) -> bool:
        """Whether the run is tried again without being asked for."""
        return self.kind == "killed" and self.tries < MOST_DEATHS


def study_folder(name: str) -> Path:
    """Where a study's results lie unless the user names another place."""
    return Path("runs") / f"study-{name}"


def run_path(folder: Path, model: str, run: str) -> Path:
    """The file of a run."""
    return folder / model / "runs" / f"{run}.parquet"


def failure_path(folder: Path, model: str, run: str) -> Path:
    """The record of a run that gave no result."""
    return folder / model / "failed" / f"{run}.json"


def shard_folder(folder: Path, model: str) -> Path:
    """Where merged run files lie."""
    return folder / model / "shards"


def models_in(folder: Path) -> list[str]:
    """The versions of the model that have made runs in a study's folder, sorted."""
    if not folder.is_dir():
        return []
    return sorted(one.name for one in folder.iterdir() if (one / "runs").is_dir())


def write_run_file(
    folder: Path, model: str, run: str, daily: pd.DataFrame, about: Mapping[str, object]
) -> Path:
    """Write a run's daily indicators; equal runs have equal bytes.

    Args:
        folder: the study's folder.
        model: version of the model.
        run: the run's name.
        daily: (days, indicators), index: day.
        about: what else is kept of the run; nothing that differs from machine to machine.

    Returns:
        The file's path.

    Raises:
        OSError: if it cannot be written.
    """
    path = run_path(folder, model, run)
    values = np.ascontiguousarray(daily.to_numpy(np.float64).T)
    columns = {
        str(name): pa.array(one, from_pandas=True) for name, one in zip(daily, values, strict=True)
    }
    table = pa.table({"day": pa.array(daily.index.to_numpy(np.int64)), **columns})
    told = {"format": FORMAT, "run": run, "model": model, **about}
    table = table.replace_schema_metadata({"weal": json.dumps(told, sort_keys=True)})
    content = io.BytesIO()
    pq.write_table(table, content, **AT_LITTLE_COST)
    write_file_atomically(path, content.getvalue(), mend=False)
    return path


def read_run_file(path: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """A run's daily indicators, index: day.

    Args:
        path: its file.
        columns: the indicators wanted; absent: all.

    Raises:
        OSError: if it cannot be read, or its checksums do not agree.
        pyarrow.ArrowInvalid: if it is no whole Parquet file.
    """
    wanted = None if columns is None else ["day", *columns]
    file = pq.ParquetFile(path, page_checksum_verification=True)
    table = file.read(wanted, use_threads=False)
    frame: pd.DataFrame = table.to_pandas(use_threads=False)
    return frame.set_index("day")


def is_whole(path: Path) -> bool:
    """Whether a file begins and ends as Parquet files do: a disk may have cut it short."""
    try:
        with path.open("rb") as file:
            first = file.read(len(_MAGIC))
            file.seek(-len(_MAGIC), os.SEEK_END)
            return first == file.read() == _MAGIC
    except OSError:
        return False


def run_files(folder: Path, model: str) -> list[Path]:
    """All run files, by name; not those that have been merged."""
    return _entries(folder / model / "runs", ".parquet")


def write_failure(folder: Path, model: str, failed: Failed) -> Path:
    """Record that a run gave no result.

    Returns:
        The record's path.

    Raises:
        OSError: if it cannot be written.
    """
    path = failure_path(folder, model, failed.run)
    content = json.dumps(asdict(failed), indent=2, ensure_ascii=False) + "\n"
    write_file_atomically(path, content.encode("utf-8", "backslashreplace"), mend=False)
    return path


def read_failures(folder: Path, model: str) -> Iterator[Failed]:
    """The records of all runs that gave no result, by name."""
    for path in _entries(folder / model / "failed", ".json"):
        try:
            yield Failed(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:  # a sweep that goes on has just mended it
            continue
        except (ValueError, TypeError) as error:
            yield Failed(path.stem, "raised", f"its record is damaged: {error}")


def _entries(folder: Path, suffix: str) -> list[Path]:
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        names = sorted(
            one.name
            for one in entries
            if one.name.endswith(suffix) and not one.name.startswith(".")
        )
    return [folder / one for one in names]
