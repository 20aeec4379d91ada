"""What each executor adds to a run: time between runs that no run accounts for.

    python -m benchmarks.executors [--runs N] [--executors local,dask,ray] [--json FILE]

One worker does the same short runs one after the other; each run tells how long it took. The time
from the end of the first run to that of the last, less what the runs took, is the executor's. How
long it takes until the first run has ended, a cluster's start among it, is told apart.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.measuring import report
from experiments.executors.choice import EXECUTORS, make_executor
from experiments.executors.protocol import WorkContext
from experiments.studies.identity import model_version
from experiments.studies.loading import load_study
from experiments.studies.tasks import planned
from experiments.sweeping.folder import make_folders

STUDY = """
scenario = "tiny"
days = 1

[changes]
"roads.network" = "grid"
"consumers.count" = 50
"couriers.count" = 1
"commerce.generated.listings" = 20
"commerce.generated.merchants" = 4

[[levers]]
key = "platform.commission"
levels = [0.1]

[[outcomes]]
indicator = "gmv"
name = "gmv"
better = "higher"
"""


def main() -> None:
    """Measure and print the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--executors", default=",".join(EXECUTORS))
    parser.add_argument("--json", type=Path, help="file for the result")
    chosen = parser.parse_args()
    measured = {name: measure(name, chosen.runs) for name in chosen.executors.split(",")}
    report({"benchmark": "executors", "runs": chosen.runs, **measured}, chosen.json)


def measure(name: str, runs: int) -> dict[str, float]:
    """Seconds until the first run has ended, and milliseconds a run after it."""
    model = model_version()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        study = folder / "short.toml"
        study.write_text(STUDY, encoding="utf-8")
        make_folders(folder, model)
        point = planned(load_study(study))[0]
        tasks = (point.task(replication, model, folder) for replication in range(runs + 1))
        executor = make_executor(name, 1)
        try:
            start = time.perf_counter()
            results = executor.run(tasks, WorkContext(folder, model))
            next(results)
            first = time.perf_counter()
            spent = sum(one.seconds for one in results)
            last = time.perf_counter()
        finally:
            executor.close()
    return {
        "seconds_to_first": round(first - start, 2),
        "run_ms": round(1000 * spent / runs, 2),
        "added_ms": round(1000 * (last - first - spent) / runs, 2),
    }


if __name__ == "__main__":
    main()
