"""What sweeping costs beside the runs themselves, and how fast ten thousand runs are queried.

    python -m benchmarks.sweeps                    # both; the second needs about 1 GB of disk
    python -m benchmarks.sweeps --part overhead    # aim: at most 10 ms a run
    python -m benchmarks.sweeps --part query       # aim: at most 0.2 s, once compacted

Overhead: the same runs, one after another, by hand in this process and by a sweep with one worker;
the difference a run between the first and the last run's end, and apart from it what each point
takes to be resolved. Query: run files as a sweep writes them, of numbers that are made up, merged
by `compact`; then the mean of an indicator in a window of days, a row a run, by DuckDB over the
shards.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from benchmarks.measuring import report
from experiments.studies.identity import model_version
from experiments.studies.loading import load_study
from experiments.studies.store import run_files, write_run_file
from experiments.studies.tasks import live_task, planned
from experiments.sweeping.compaction import compact
from experiments.sweeping.driver import sweep
from experiments.sweeping.finished import finished_runs
from experiments.sweeping.folder import make_folders
from experiments.sweeping.outcomes import OutcomeTable
from experiments.sweeping.progress import Progress
from experiments.sweeping.shards import shards

STUDY = """
scenario = "tiny"
days = 1
[changes]
"consumers.count" = 100
"couriers.count" = 2
"commerce.generated.listings" = 40
"commerce.generated.merchants" = 8
events = []
[[levers]]
key = "policies.subsidy.share"
low = 0.0
high = 0.2
steps = {points}
[[outcomes]]
name = "surplus"
indicator = "consumer_surplus"
[replications]
count = {replications}
"""

QUERY = """
select {run} as run, avg(consumer_surplus) as surplus
from read_parquet(?, filename = true) where day between 10 and 19 group by 1
"""


def overhead(runs: int, tries: int) -> dict[str, float]:
    """Milliseconds a run that a sweep adds, and those of a point's resolution."""
    points = 10
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "overhead.toml"
        text = STUDY.format(points=points, replications=max(1, runs // points))
        file.write_text(text, encoding="utf-8")
        loaded = load_study(file)
        began = time.perf_counter()
        resolved = planned(loaded)
        resolution = (time.perf_counter() - began) / len(resolved)
        model = model_version()
        tasks = [
            one.task(replication, model, loaded.folder)
            for replication in range(loaded.study.replications.count)
            for one in resolved
        ]
        live_task(tasks[0])
        added = []
        for number in range(tries):
            began = time.perf_counter()
            for task in tasks[1:]:
                live_task(task)
            alone = time.perf_counter() - began
            ends: list[float] = []

            def note(now: Progress, ends: list[float] = ends) -> None:
                if now.made > len(ends):
                    ends.append(time.perf_counter())

            sweep(file, out=Path(folder) / str(number), workers=1, on_progress=note)
            added.append((ends[-1] - ends[0] - alone) / (len(tasks) - 1))
        flushing = _flush_seconds(Path(folder))
    return {
        "milliseconds_a_run": round(1e3 * statistics.median(added), 2),
        "milliseconds_a_run_by_hand": round(1e3 * alone / (len(tasks) - 1), 2),
        "milliseconds_a_flush": round(1e3 * flushing, 2),
        "milliseconds_a_point": round(1e3 * resolution, 2),
    }


def _flush_seconds(folder: Path) -> float:
    """What the disk takes to flush a small file: a run's file needs two such flushes."""
    seconds = []
    for _ in range(50):
        with (folder / "flushed").open("wb") as file:
            file.write(bytes(20_000))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            seconds.append(time.perf_counter() - began)
    return statistics.mean(seconds)


def query(runs: int, days: int) -> dict[str, float]:
    """Seconds that a query over all runs takes, before and after `compact`."""
    file = "0123456789abcdef"
    with tempfile.TemporaryDirectory() as place:
        folder, model = Path(place), "made-up"
        make_folders(folder, model)
        study = folder / "study.toml"
        study.write_text(STUDY.format(points=2, replications=1), encoding="utf-8")
        task = planned(load_study(study))[0].task(0, model, folder)
        columns = list(live_task(task).columns)
        draw = np.random.default_rng(1)
        for number in range(runs):
            values = np.round(draw.normal(100.0, 10.0, (days, len(columns))), 3)
            frame = pd.DataFrame(values, columns=columns)
            write_run_file(folder, model, f"{number:016x}{file}", frame, {"seed": number})
        before = _seconds(run_files(folder, model), 1, run="filename")
        began = time.perf_counter()
        compact(folder)
        merging = time.perf_counter() - began
        merged = shards(folder, model)
        after = _seconds(merged, 5)
        outcomes = OutcomeTable(folder, model, load_study(study).study.outcomes)
        began = time.perf_counter()
        outcomes.read(dict.fromkeys(finished_runs(folder, model), task.scenario.health.index))
        reading = time.perf_counter() - began
        size = sum(one.stat().st_size for one in merged)
    return {
        "seconds_a_query_of_run_files": round(before, 3),
        "seconds_a_query": round(after, 3),
        "seconds_to_read_outcomes": round(reading, 2),
        "seconds_to_compact": round(merging, 1),
        "megabytes_of_shards": round(size / 1e6, 1),
    }


def _seconds(files: list[Path], tries: int, run: str = "run") -> float:
    paths = [str(one) for one in files]
    seconds = []
    for _ in range(tries):
        began = time.perf_counter()
        duckdb.connect().execute(QUERY.format(run=run), [paths]).df()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def main() -> None:
    """Measure and print the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("both", "overhead", "query"), default="both")
    parser.add_argument("--runs", type=int, help="default: 200 for overhead, 10,000 for queries")
    parser.add_argument("--days", type=int, default=90, help="length of the queried runs")
    parser.add_argument("--tries", type=int, default=3, help="measured tries of the overhead")
    parser.add_argument("--json", type=Path, help="file for the result")
    chosen = parser.parse_args()
    found: dict[str, float] = {}
    if chosen.part != "query":
        found |= overhead(chosen.runs or 200, chosen.tries)
    if chosen.part != "overhead":
        found |= query(chosen.runs or 10_000, chosen.days)
    report({"benchmark": "sweeps", **found}, chosen.json)


if __name__ == "__main__":
    main()
