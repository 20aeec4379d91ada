"""`sweep`: make all runs of a study that are not there yet.

Whatever kills it, at whatever moment, the next start goes on: a run's file is there in whole or not
at all, and what is there is not made again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from experiments.executors.choice import make_executor
from experiments.executors.protocol import Executor, Finished, WorkContext
from experiments.studies.identity import model_version
from experiments.studies.loading import LoadedStudy, load_study
from experiments.studies.store import (
    KINDS,
    Failed,
    failure_path,
    is_whole,
    read_failures,
    run_path,
    study_folder,
    write_failure,
)
from experiments.studies.tasks import Planned, Task, first_replications, planned
from experiments.sweeping.finished import finished_runs, other_models, remove_damaged
from experiments.sweeping.folder import (
    SweepRecord,
    make_folders,
    refuse_foreign,
    remove_temporaries,
    write_plan,
    write_record,
    write_study,
)
from experiments.sweeping.lock import locked
from experiments.sweeping.progress import Progress, SweepResult
from experiments.sweeping.outcomes import OutcomeTable
from experiments.sweeping.target import Look, look
from scenarios.atomic import flush


class SweepError(OSError):
    """A sweep that cannot go on; what is done is kept."""


def sweep(
    study: str | Path,
    *,
    out: Path | None = None,
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
    folder = (out or study_folder(loaded.study.name)).absolute()
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
        context = WorkContext(
            folder, model, tuple(one.absolute() for one in loaded.plugins), limit
        )
        work = _Sweep(
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


@dataclass(slots=True)
class _Sweep:
    """A sweep under its folder's lock."""

    loaded: LoadedStudy
    points: Sequence[Planned]
    context: WorkContext
    make_executor: Callable[[int], Executor]
    on_progress: Callable[[Progress], None]
    retry_failed: bool
    began: float = field(default_factory=time.monotonic)
    wanted: dict[str, tuple[int, int]] = field(default_factory=dict)  # run: point, replication
    done: set[str] = field(default_factory=set)
    failures: dict[str, Failed] = field(default_factory=dict)
    made: int = 0
    executor: Executor | None = None

    def go(self, record: SweepRecord) -> SweepResult:
        """Sweep to the end, or to Ctrl-C."""
        folder, model = self.context.folder, self.context.model
        damaged = remove_damaged(folder, model)
        self.done = finished_runs(folder, model)
        self._read_failures()
        stopped, end = False, Look({}, "")
        outcomes = OutcomeTable(folder, model, self.loaded.study.outcomes)
        try:
            replications = first_replications(self.loaded)
            while replications:
                self._want(replications)
                before = len(self.wanted.keys() & self.done) - self.made
                record = record.with_(planned=len(self.wanted), done_before=before)
                write_record(folder, record)
                self._work()
                end = look(self.loaded, self.points, model, replications, outcomes)
                replications = end.replications
            self._keep_outcomes(outcomes)
        except KeyboardInterrupt:
            stopped = True
        finally:
            self._close()
            remove_temporaries(folder, model)
        record = record.with_(ended="interrupted" if stopped else "finished", target=end.told)
        write_record(folder, record)
        return SweepResult(
            folder,
            model,
            planned=len(self.wanted),
            done=len(self.wanted.keys() & self.done),
            made=self.made,
            failed=tuple(self._failed()),
            stopped=stopped,
            target=end.told,
            damaged=tuple(one for one in damaged if one in self.wanted),
            others=other_models(folder, model),
            seconds=time.monotonic() - self.began,
        )

    def _keep_outcomes(self, outcomes: OutcomeTable) -> None:
        """Keep a table of outcomes beside the runs, so that the next who asks need not read all."""
        index = [one.scenario.health.index for one in self.points]
        outcomes.read(
            {run: index[point] for run, (point, _) in self.wanted.items() if run in self.done}
        )
        outcomes.save()

    def _read_failures(self) -> None:
        folder, model = self.context.folder, self.context.model
        for one in list(read_failures(folder, model)):
            if one.run in self.done or (self.retry_failed and not one.again):
                failure_path(folder, model, one.run).unlink(missing_ok=True)
            else:
                self.failures[one.run] = one

    def _want(self, replications: Mapping[int, int]) -> None:
        """Ask for runs, replication by replication, so that a sweep cut short has whole pairs."""
        plan = [
            (one.run(replication, self.context.model), one.point.number, replication)
            for replication in range(max(replications.values()))
            for one in self.points
            if replication < replications[one.point.number]
        ]
        for run, point, replication in plan:
            self.wanted.setdefault(run, (point, replication))
        write_plan(self.context.folder, self.context.model, plan)

    def _work(self) -> None:
        """Make the runs that are wanted; those whose worker dies are tried again."""
        self._tell()
        while left := [one for one in self.wanted if self._is_open(one)]:
            if self.executor is None:
                self.executor = self.make_executor(len(left))
            results = self.executor.run(self._tasks(left), self.context)
            for finished in results:
                self._note(finished)

    def _is_open(self, run: str) -> bool:
        failed = self.failures.get(run)
        return run not in self.done and (failed is None or failed.again)

    def _tasks(self, runs: Iterable[str]) -> Iterator[Task]:
        for run in runs:
            point, replication = self.wanted[run]
            yield self.points[point].task(
                replication, self.context.model, self.loaded.folder.absolute()
            )

    def _note(self, finished: Finished) -> None:
        """Take down how a run ended."""
        folder, model, run = self.context.folder, self.context.model, finished.task_id
        if finished.kind == "unwritten":
            raise SweepError(
                f"{folder}: a run cannot be written: {finished.told}; what is done is kept: "
                "sweep again when that is mended"
            )
        path = run_path(folder, model, run)
        if finished.kind != "ok" and is_whole(path):
            flush(path.parent)  # its worker died between writing and telling
        elif finished.kind != "ok":
            before = self.failures.get(run)
            again = before is not None and before.again and finished.kind == "killed"
            tries = before.tries + 1 if before is not None and again else 1
            failed = Failed(run, finished.kind, finished.told, tries)
            if finished.kind != "raised" or not failure_path(folder, model, run).is_file():
                write_failure(folder, model, failed)
            self.failures[run] = failed
            point, replication = self.wanted[run]
            last = finished.told.strip().splitlines()[-1:]
            self._tell(
                f"point {point}, replication {replication}: {KINDS[finished.kind]}: {''.join(last)}"
            )
            return
        if self.failures.pop(run, None) is not None:
            failure_path(folder, model, run).unlink(missing_ok=True)
        self.done.add(run)
        self.made += 1
        self._tell()

    def _failed(self) -> Iterator[Failed]:
        for run in self.wanted:
            if run in self.failures and run not in self.done:
                yield self.failures[run]

    def _tell(self, news: str = "") -> None:
        done = len(self.wanted.keys() & self.done)
        failed = sum(not one.again for one in self._failed())
        seconds = time.monotonic() - self.began
        self.on_progress(Progress(len(self.wanted), done, failed, self.made, seconds, news))

    def _close(self) -> None:
        if self.executor is not None:
            self.executor.close()
