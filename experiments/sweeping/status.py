"""How far a study is, by what lies in its folder: while it is swept, or afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from experiments.studies.store import Failed, read_failures
from experiments.sweeping.finished import finished_runs, other_models
from experiments.sweeping.folder import StudyFolderError, name_in, read_plan, read_record
from experiments.sweeping.lock import holder


@dataclass(frozen=True, slots=True)
class Status:
    """How far a study is."""

    study: str  # its name
    folder: str
    model: str  # version that the last sweep runs, or ran
    planned: int  # distinct runs that are asked for so far
    done: int  # of them
    running: str  # who works there now, in words; "" if nobody does
    ended: str  # the last sweep: "finished", "interrupted", "stopped", "killed"; "" while it runs
    failed: tuple[Failed, ...]  # gave no result, and are tried again with --retry-failed alone
    waiting: tuple[Failed, ...]  # killed their workers, fewer than three times: tried again
    set_aside: tuple[Failed, ...]  # killed their workers three times
    others: dict[str, int]  # runs of other versions of the model
    target: str  # how the target of precision stood at the end of the last sweep
    remaining_s: float | None  # seconds left at the sweep's rate, while it runs

    @property
    def is_complete(self) -> bool:
        """Whether every run has a result."""
        return self.planned > 0 and self.done == self.planned


def status(folder: Path) -> Status:
    """How far a study is.

    Args:
        folder: its folder.

    Raises:
        StudyFolderError: if it is no study's, or nothing has been swept there.
    """
    name = name_in(folder) if folder.is_dir() else None
    if name is None:
        raise StudyFolderError(f"{folder}: holds no study; `weal sweep STUDY` makes its folder")
    running = holder(folder) or ""
    record = read_record(folder)
    model = record.model
    wanted = {run for run, _, _ in read_plan(folder, model)}
    done = wanted & finished_runs(folder, model)
    failures = [
        one for one in read_failures(folder, model) if one.run in wanted and one.run not in done
    ]
    sweeping = running.startswith("weal sweep")
    ended = "" if sweeping else record.ended or "killed"
    deaths = [one for one in failures if one.kind == "killed"]
    final = tuple(one for one in failures if one.kind != "killed")
    aside = tuple(one for one in deaths if not one.again)
    left = len(wanted) - len(done) - len(final) - len(aside)
    seconds = (datetime.now(UTC) - datetime.fromisoformat(record.started)).total_seconds()
    made = len(done) - record.done_before
    return Status(
        study=name,
        folder=str(folder),
        model=model,
        planned=len(wanted),
        done=len(done),
        running=running,
        ended=ended,
        failed=final,
        waiting=tuple(one for one in deaths if one.again),
        set_aside=aside,
        others=other_models(folder, model),
        target=record.target,
        remaining_s=left * seconds / made if sweeping and made > 0 else None,
    )
