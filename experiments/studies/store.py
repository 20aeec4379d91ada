"""A study's folder: one file a run, whole or not at all.

study.toml        the resolved study
base.toml         the resolved base scenario
MODEL/runs/       one Parquet file a run, named by the run: a row a day, a column an indicator
MODEL/failed/     one JSON file a run that gave no result
report.html, report.json

MODEL is the version of the model: runs of two versions never mix.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from scenarios.atomic import write_file_atomically

FORMAT = "1"
"""Number of the form of run files."""


def study_folder(name: str) -> Path:
    """Where a study's results lie unless the user names another place."""
    return Path("runs") / f"study-{name}"


def run_path(folder: Path, model: str, run: str) -> Path:
    """The file of a run."""
    return folder / model / "runs" / f"{run}.parquet"


def write_run_file(
    folder: Path, model: str, run: str, daily: pd.DataFrame, about: dict[str, object]
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
    """
    path = run_path(folder, model, run)
    table = pa.Table.from_pandas(daily.reset_index(names="day"), preserve_index=False)
    told = {"format": FORMAT, "run": run, "model": model, **about}
    table = table.replace_schema_metadata({"weal": json.dumps(told, sort_keys=True)})
    content = io.BytesIO()
    pq.write_table(table, content, compression="zstd")
    write_file_atomically(path, content.getvalue())
    return path


def read_run_file(path: Path) -> pd.DataFrame:
    """A run's daily indicators, index: day."""
    table = pq.ParquetFile(path).read(use_threads=False)
    frame: pd.DataFrame = table.to_pandas(use_threads=False)
    return frame.set_index("day")


def failure_path(folder: Path, model: str, run: str) -> Path:
    """The record of a run that gave no result."""
    return folder / model / "failed" / f"{run}.json"


def write_failure(
    folder: Path, model: str, run: str, kind: str, told: str, tries: int = 1
) -> Path:
    """Record that a run gave no result.

    Args:
        folder: the study's folder.
        model: version of the model.
        run: the run's name.
        kind: "raised", "killed" or "timed_out".
        told: its traceback, or what happened.
        tries: how often it was tried.

    Returns:
        The record's path.
    """
    path = failure_path(folder, model, run)
    record = {"run": run, "kind": kind, "told": told, "tries": tries}
    write_file_atomically(path, json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    return path
