"""Which runs of a study are there: as files of their own, or merged into shards."""

from __future__ import annotations

from pathlib import Path

from experiments.studies.store import is_whole, models_in, run_files
from experiments.sweeping.shards import runs_of, shards


def finished_runs(folder: Path, model: str) -> set[str]:
    """The names of all runs that are there."""
    found = {path.stem for path in run_files(folder, model)}
    for shard in shards(folder, model):
        found.update(runs_of(shard))
    return found


def remove_damaged(folder: Path, model: str) -> tuple[str, ...]:
    """Remove run files that a disk has cut short: their runs are to be made anew.

    Returns:
        Their names.
    """
    damaged = [path for path in run_files(folder, model) if not is_whole(path)]
    for path in damaged:
        path.unlink()
    return tuple(path.stem for path in damaged)


def other_models(folder: Path, model: str) -> dict[str, int]:
    """How many runs of other versions of the model there are, by version."""
    counts = {
        other: len(finished_runs(folder, other)) for other in models_in(folder) if other != model
    }
    return {other: count for other, count in counts.items() if count}
