"""A sweep at work: it makes runs, takes down what becomes of each, and looks at the target."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from experiments.executors.protocol import Executor, Finished, WorkContext
from experiments.studies.loading import LoadedStudy
from experiments.studies.store import (
    KINDS,
    Failed,
    failure_path,
    is_whole,
    read_failures,
    run_path,
    write_failure,
)
from experiments.studies.tasks import Planned, Task, first_replications
from experiments.sweeping.finished import finished_runs, other_models, remove_damaged
from experiments.sweeping.folder import (
    SweepRecord,
    remove_temporaries,
    write_plan,
    write_record,
)
from experiments.sweeping.outcomes import OutcomeTable
from experiments.sweeping.progress import Progress, SweepResult
from experiments.sweeping.target import Look, look
from scenarios.atomic import flush

READS = 3
"""How often files are made anew that turn out damaged when they are read."""


class SweepError(OSError):
    """A sweep that cannot go on; what is done is kept."""


@dataclass(slots=True)
class Work:
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
    before: int = 0  # of the wanted, done by earlier sweeps
    made: int = 0
    given_up: int = 0  # of the wanted, failed and not tried again
    damaged: set[str] = field(default_factory=set)  # runs whose files were
    executor: Executor | None = None

    def go(self, record: SweepRecord) -> SweepResult:
        """Sweep to the end, or to Ctrl-C."""
        folder, model = self.context.folder, self.context.model
        self.damaged = set(remove_damaged(folder, model))
        self.done = finished_runs(folder, model)
        others = other_models(folder, model)
        self._read_failures()
        ended, end = "stopped", Look({}, "")
        outcomes = OutcomeTable(folder, model, self.loaded.study.outcomes)
        try:
            replications: Mapping[int, int] = first_replications(self.loaded)
            while replications:
                self._want(replications)
                record = record.with_(planned=len(self.wanted), done_before=self.before)
                write_record(folder, record)
                self._say_at_the_start(others)
                others = {}
                self._work(outcomes)
                end = look(self.loaded, self.points, model, replications, outcomes)
                replications = end.replications
            ended = "finished"
        except KeyboardInterrupt:
            ended = "interrupted"
        finally:
            self._close()
            remove_temporaries(folder, model)
            with suppress(OSError):  # on a full disk, what is done is kept all the same
                outcomes.save()
                write_record(folder, record.with_(ended=ended, target=end.told))
        return SweepResult(
            folder,
            model,
            planned=len(self.wanted),
            done=self._done,
            made=self.made,
            failed=tuple(self._failed),
            stopped=ended == "interrupted",
            target=end.told,
            damaged=tuple(sorted(self.damaged & self.wanted.keys())),
            others=other_models(folder, model),
            seconds=time.monotonic() - self.began,
        )

    def _say_at_the_start(self, others: Mapping[str, int]) -> None:
        left = len(self.wanted) - self._done
        for version, count in others.items():
            self._tell(
                f"{count} runs of another version of the model ({version}) are left alone; "
                f"{left} of {len(self.wanted)} runs are made by this one ({self.context.model})"
            )
        if self.damaged:
            self._tell(f"{len(self.damaged)} run files are damaged (cut short) and are made anew")
        self._tell()

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
        self._count()
        write_plan(self.context.folder, self.context.model, plan)

    def _work(self, outcomes: OutcomeTable) -> None:
        """Make the runs that are wanted, and again those whose files then turn out damaged."""
        index = [one.scenario.health.index for one in self.points]
        for _ in range(READS):
            self._make()
            outcomes.damaged.clear()
            outcomes.read(
                {run: index[point] for run, (point, _) in self.wanted.items() if run in self.done}
            )
            if not outcomes.damaged:
                return
            for run, told in outcomes.damaged.items():
                run_path(self.context.folder, self.context.model, run).unlink(missing_ok=True)
                self.done.discard(run)
                self.damaged.add(run)
                self._tell(f"run {run}: its file is damaged ({told}), and is made anew")
            self._count()
        raise SweepError(f"{self.context.folder}: files cannot be read again once they are written")

    def _make(self) -> None:
        """Make the runs that are not there; those whose worker dies are tried again."""
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
                f"{folder}: a run cannot be kept: {finished.told}\n"
                "What is done is kept: sweep again when that is mended."
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
            self._count_failed()
            point, replication = self.wanted[run]
            last = finished.told.strip().splitlines()[-1:]
            self._tell(
                f"point {point}, replication {replication}: {KINDS[finished.kind]}: {''.join(last)}"
            )
            return
        if self.failures.pop(run, None) is not None:
            failure_path(folder, model, run).unlink(missing_ok=True)
            self._count_failed()
        self.done.add(run)
        self.made += 1
        self._tell()

    def _count(self) -> None:
        self.before = len(self.wanted.keys() & self.done) - self.made
        self._count_failed()

    def _count_failed(self) -> None:
        wanted = self.wanted.keys() & self.failures.keys()
        self.given_up = sum(not self.failures[run].again for run in wanted)

    @property
    def _failed(self) -> list[Failed]:
        """The records of runs that are wanted, in the order of the plan."""
        known = {run: self.wanted[run] for run in self.failures if run in self.wanted}
        return [self.failures[run] for run in sorted(known, key=lambda run: known[run][::-1])]

    @property
    def _done(self) -> int:
        return self.before + self.made

    def _tell(self, news: str = "") -> None:
        failed = self.given_up
        seconds = time.monotonic() - self.began
        self.on_progress(Progress(len(self.wanted), self._done, failed, self.made, seconds, news))

    def _close(self) -> None:
        if self.executor is not None:
            self.executor.close()
