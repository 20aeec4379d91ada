"""The folder of a search or a calibration, and the evaluation that keeps its runs there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from experiments.executors.protocol import Executor, WorkContext
from experiments.studies.evaluation import Evaluation
from experiments.studies.identity import model_version
from experiments.studies.schema import Outcome
from experiments.sweeping.folder import (
    BASE,
    STUDY,
    StudyFolderError,
    make_folders,
    remove_temporaries,
)
from experiments.sweeping.lock import LOCK, locked
from scenarios.atomic import refuse_unwritable, write_file_atomically
from scenarios.schema import Scenario
from scenarios.writing import to_toml


@contextmanager
def evaluation_in(
    folder: Path,
    *,
    base: Scenario,
    starts_from: Path,
    outcomes: Sequence[Outcome],
    plugins: Sequence[Path],
    timeout_s: float | None,
    executor: Executor,
    on_runs: Callable[[int, int], None] | None = None,
) -> Iterator[Evaluation]:
    """An evaluation whose runs are kept in a folder; the base scenario is written beside them.

    Args:
        folder: it is made if it is not there; runs that lie there are used.
        base: the scenario.
        starts_from: where the scenario's relative paths start from.
        outcomes: what is looked at.
        plugins: files of policies of the user's own, which are loaded.
        timeout_s: seconds that a run may take.
        executor: computes the runs; it is closed at the end.
        on_runs: called with runs done and asked for.

    Raises:
        StudyFolderError: if the folder holds something else.
        LockedError: if another process works there.
        OSError: if nothing can be written there.
    """
    _refuse_foreign(folder)
    files = tuple(path.resolve() for path in plugins)
    folder.mkdir(parents=True, exist_ok=True)
    context = WorkContext(folder.resolve(), model_version(files), files, timeout_s)
    with locked(folder, "a search or a calibration"):
        make_folders(folder, context.model)
        remove_temporaries(folder, context.model)
        write_file_atomically(folder / BASE, to_toml(base))
        try:
            yield Evaluation(base, starts_from.resolve(), outcomes, executor, context, on_runs)
        finally:
            executor.close()


def _refuse_foreign(folder: Path) -> None:
    refuse_unwritable(folder)
    if not folder.exists():
        return
    if not folder.is_dir():
        raise StudyFolderError(f"{folder}: is no folder; choose another name")
    ours = (folder / BASE).is_file() and not (folder / STUDY).is_file()
    if not ours and any(one.name != LOCK for one in folder.iterdir()):
        raise StudyFolderError(
            f"{folder}: holds something else than a search or a calibration and is left alone; "
            "choose another name"
        )
