"""`sweep`: make all runs of a study that are not there yet.

Whatever kills it, at whatever moment, the next start goes on: a run's file is there in whole or not
at all, and what is there is not made again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from experiments.executors.choice import make_executor
from experiments.executors.protocol import WorkContext
from experiments.studies.identity import model_version
from experiments.studies.loading import load_study
from experiments.studies.store import (
    study_folder,
)
from experiments.studies.tasks import planned
from experiments.sweeping.folder import (
    SweepRecord,
    make_folders,
    refuse_foreign,
    remove_temporaries,
    write_study,
)
from experiments.sweeping.lock import locked
from experiments.sweeping.progress import Progress, SweepResult
from experiments.sweeping.work import Work


def sweep(
    study: str | Path,
    *,
    out: str | Path | None = None,
    workers: int | None = None,
    executor: str = "local",
    address: str | None = None,
    overrides: Sequence[str] = (),
    plugins: Sequence[Path] = (),
    replications: int | None = None,
    timeout_s: float | None = None,
    retry_failed: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> SweepResult:
    """Make all runs of a study that are not there yet.

    Args:
        study: the name of one that ships, or a TOML file.
        out: the study's folder; absent: `runs/study-NAME`.
        workers: processes; absent: one a processor, or as many as a cluster has.
        executor: "local", "ray" or "dask".
        address: of a Ray or Dask cluster that runs already.
        overrides: `KEY=VALUE` each, for fields of the study.
        plugins: Python files with policies of the user's own.
        replications: runs of each point, instead of the study's number.
        timeout_s: seconds that a run may take, instead of the study's limit.
        retry_failed: try runs again that failed before.
        on_progress: called at the start, and after every run.

    Returns:
        How it ended. Ctrl-C ends it early; a further call goes on.

    Raises:
        scenarios.errors.ScenarioError: if the study is not allowed.
        policies.registry.PolicyError: if a plug-in is not usable.
        experiments.sweeping.folder.StudyFolderError: if the folder holds something else.
        experiments.sweeping.lock.LockedError: if another sweep of the folder goes on.
        OSError: if the folder cannot be written, or workers cannot be started.
    """
    more = [f"replications.count={replications}"] if replications is not None else []
    overrides = [*overrides, *more]
    loaded = load_study(study, overrides=overrides, plugins=plugins)
    folder = Path(out or study_folder(loaded.study.name)).absolute()
    refuse_foreign(folder, loaded)
    points = planned(loaded)
    model = model_version(loaded.plugins)
    limit = timeout_s if timeout_s is not None else loaded.study.limits.timeout_s
    count = workers or len(os.sched_getaffinity(0))
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder, "weal sweep"):
        make_folders(folder, model)
        remove_temporaries(folder, model)
        write_study(folder, loaded)
        record = SweepRecord.begin(
            loaded, study, overrides, model, executor=executor, workers=count, timeout_s=limit
        )
        context = WorkContext(folder, model, tuple(one.absolute() for one in loaded.plugins), limit)
        work = Work(
            loaded,
            points,
            context,
            lambda left: make_executor(
                executor, workers if address is not None else min(count, left), address
            ),
            on_progress or (lambda _: None),
            retry_failed=retry_failed,
        )
        return work.go(record)
