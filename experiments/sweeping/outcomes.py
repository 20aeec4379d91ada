"""Outcomes of runs, read once and kept: a table beside the runs that anyone can query.

MODEL/outcomes.parquet has a row a run and a column an outcome. It can be thrown away at any time:
it is made again from the runs, and is not used where a study's outcomes have changed since.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.studies import outcomes as how
from experiments.studies.outcomes import outcome_values
from experiments.studies.schema import HEALTH_INDEX, Outcome
from experiments.studies.store import read_run_file, run_path
from experiments.sweeping.shards import read_shard, runs_of, shards
from scenarios.atomic import write_file_atomically
from sim.settings.health import IndexSettings

OUTCOMES = "outcomes.parquet"


@dataclass(slots=True)
class OutcomeTable:
    """The outcomes of the runs of a version of the model."""

    folder: Path
    model: str
    outcomes: Sequence[Outcome]
    by_run: dict[str, dict[str, float]] = field(default_factory=dict)  # by outcome
    damaged: dict[str, str] = field(default_factory=dict)  # runs that cannot be read, and why
    _saved: int = 0

    def __post_init__(self) -> None:
        self.by_run = self._kept()
        self._saved = len(self.by_run)

    def read(self, wanted: Mapping[str, IndexSettings]) -> None:
        """Read the outcomes of runs that are there and not yet known.

        Args:
            wanted: by run, the settings of the composite index of its scenario.
        """
        missing = [one for one in wanted if one not in self.by_run]
        for run, daily in self._daily(missing):
            self.by_run[run] = outcome_values(daily, self.outcomes, wanted[run])

    def save(self) -> None:
        """Keep what has been read; the caller holds the folder's lock."""
        if len(self.by_run) == self._saved:
            return
        runs = sorted(self.by_run)
        names = [one.name for one in self.outcomes]
        columns = {name: pa.array([self.by_run[run][name] for run in runs]) for name in names}
        table = pa.table({"run": pa.array(runs, pa.string()), **columns})
        table = table.replace_schema_metadata({"weal": self._digest})
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        write_file_atomically(self._path, sink.getvalue().to_pybytes())
        self._saved = len(runs)

    @property
    def _path(self) -> Path:
        return self.folder / self.model / OUTCOMES

    @property
    def _digest(self) -> str:
        """What the values depend on beside the runs and the model."""
        told = json.dumps([one.model_dump(mode="json") for one in self.outcomes], sort_keys=True)
        source = Path(how.__file__).read_bytes()
        return hashlib.sha256(told.encode() + source).hexdigest()

    def _kept(self) -> dict[str, dict[str, float]]:
        try:
            table = pq.ParquetFile(self._path).read(use_threads=False)
        except (OSError, pa.ArrowInvalid):
            return {}
        if (table.schema.metadata or {}).get(b"weal") != self._digest.encode():
            return {}
        names = [one.name for one in self.outcomes]
        columns = [table[name].to_pylist() for name in names]
        runs = table["run"].to_pylist()
        return {
            run: dict(zip(names, row, strict=True))
            for run, row in zip(runs, zip(*columns, strict=True), strict=True)
        }

    def _daily(self, runs: Iterable[str]) -> Iterator[tuple[str, pd.DataFrame]]:
        columns = self._columns()
        yield from daily_of(self.folder, self.model, runs, columns, self.damaged)

    def _columns(self) -> list[str] | None:
        """The indicators that are needed; None: all, of which the composite index may be made."""
        names = [one.indicator for one in self.outcomes]
        return None if HEALTH_INDEX in names else list(dict.fromkeys(names))


def daily_of(
    folder: Path,
    model: str,
    runs: Iterable[str],
    columns: list[str] | None,
    damaged: dict[str, str],
) -> Iterator[tuple[str, pd.DataFrame]]:
    """The daily indicators of runs, one run at a time.

    Args:
        folder: the study's folder.
        model: version of the model.
        runs: their names; those that are not there are passed over.
        columns: the indicators wanted; None: all.
        damaged: gets the runs that cannot be read, and why.

    Yields:
        A run's name, and (days, indicators), index: day.
    """
    left = dict.fromkeys(runs)
    for shard in shards(folder, model):
        here = [one for one in runs_of(shard) if one in left]
        if here:
            for run, daily in read_shard(shard, here, columns):
                del left[run]
                yield run, daily
    for run in left:
        try:
            daily = read_run_file(run_path(folder, model, run), columns)
        except FileNotFoundError:
            continue
        except (OSError, pa.ArrowInvalid) as error:
            damaged[run] = str(error)
            continue
        yield run, daily
