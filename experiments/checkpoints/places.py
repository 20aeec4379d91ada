"""Where a run's checkpoints lie: in a folder beside the run's own, a file a day.

runs/baseline-1/                               the run, written whole at its end
runs/baseline-1.checkpoints/day-0030.checkpoint   its market on the eve of day 30

The run's folder is replaced as a whole, so that what must outlive a kill cannot lie in it.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from experiments.checkpoints.file import (
    Checkpoint,
    CheckpointError,
    DamagedError,
    read_checkpoint,
)
from scenarios.atomic import refuse_unwritable, remove_leftovers

SUFFIX = ".checkpoints"
"""What the name of a run's folder is followed by in that of its checkpoints."""

_FILE = re.compile(r"day-(?P<day>\d{4,})\.checkpoint")


@dataclass(frozen=True, slots=True)
class Place:
    """What a user named: a run, its checkpoints, or one of them."""

    run: Path | None  # the run's folder, which need not exist; None: not known of a file elsewhere
    files: tuple[tuple[int, Path], ...]  # days and files, by day


def folder_of(run: Path) -> Path:
    """The folder of a run's checkpoints."""
    return run.with_name(run.name + SUFFIX)


def file_of(run: Path, day: int) -> Path:
    """The checkpoint of a run on the eve of a day."""
    return folder_of(run) / f"day-{day:04d}.checkpoint"


def place_of(named: Path) -> Place:
    """What a user means by a path.

    Args:
        named: a run's folder (or where it would be), the folder of its checkpoints, or one of them.

    Raises:
        CheckpointError: if there is neither a run nor a checkpoint of that name.
    """
    if named.is_file():
        match = _FILE.fullmatch(named.name)
        above, run = named.parent, None
        if above.name.endswith(SUFFIX):
            run = above.with_name(above.name.removesuffix(SUFFIX))
        return Place(run, ((int(match["day"]) if match else 0, named),))
    run = named.with_name(named.name.removesuffix(SUFFIX))
    folder = folder_of(run)
    if not folder.is_dir():
        missing = (
            "no such run, nor checkpoints of one" if not run.exists() else "has no checkpoints"
        )
        raise CheckpointError(
            f"{run}: {missing}; `weal run SCENARIO --checkpoint-every D` makes some in {folder}"
        )
    return Place(run, tuple(_files_in(folder)))


def begin(run: Path) -> None:
    """Make room for the checkpoints of a new run, in place of those of an earlier one.

    Raises:
        CheckpointError: if the folder holds something else.
        OSError: if it cannot be written.
    """
    folder = folder_of(run)
    refuse_unwritable(folder)
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise CheckpointError(f"{folder}: is no folder of checkpoints; choose another name")
    if folder.is_dir():
        strangers = sorted(one.name for one in folder.iterdir() if not _is_ours(one))
        if strangers:
            raise CheckpointError(
                f"{folder}: holds something else than checkpoints ({strangers[0]}) and is left "
                "alone; choose another name for the run"
            )
    remove(run)
    folder.mkdir(parents=True, exist_ok=True)


def remove(run: Path) -> None:
    """Remove a run's checkpoints, if it has any; what else their folder holds is left.

    Raises:
        OSError: if they cannot be removed.
    """
    folder = folder_of(run)
    if folder.is_symlink() or not folder.is_dir():
        return
    for _, file in _files_in(folder):
        remove_leftovers(file)
        file.unlink(missing_ok=True)
    with suppress(OSError):  # not empty
        folder.rmdir()


def newest(
    place: Place, plugins: dict[str, str], *, day: int | None = None
) -> tuple[Checkpoint, list[str]]:
    """The newest whole checkpoint.

    Args:
        place: where to look.
        plugins: hashes of the plug-ins' files that are loaded, by name.
        day: none of a later day.

    Returns:
        It, and a line for each newer one that is damaged.

    Raises:
        CheckpointError: if there is none, or the newest is of another version of the model, or of
            plug-ins that are not given.
    """
    notes: list[str] = []
    for its_day, file in reversed(place.files):
        if day is not None and its_day > day:
            continue
        try:
            found = read_checkpoint(file, plugins)
        except DamagedError as error:
            if len(place.files) == 1:
                raise
            notes.append(f"{error}; an older one is taken")
            continue
        if day is not None and found.about.day > day:
            raise CheckpointError(f"{file}: is of day {found.about.day}, after day {day}")
        return found, notes
    where = folder_of(place.run) if place.run is not None else "there"
    told = f"{where}: no whole checkpoint" + ("" if day is None else f" of day {day} or earlier")
    raise CheckpointError("\n".join([told, *notes]))


def _files_in(folder: Path) -> list[tuple[int, Path]]:
    found = []
    for path in folder.iterdir():
        match = _FILE.fullmatch(path.name)
        if match:
            found.append((int(match["day"]), path))
    return sorted(found)


def _is_ours(path: Path) -> bool:
    """Whether something in the folder is a checkpoint, or what a killed process left of one."""
    name = path.name
    return bool(_FILE.fullmatch(name)) or (name.startswith(".day-") and ".checkpoint." in name)
