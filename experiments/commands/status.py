"""`weal status` and `weal compact`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict

from experiments.commands.refusal import FAILED, refuses
from experiments.commands.sweep import duration, told_failures
from experiments.sweeping.compaction import Compacted, compact
from experiments.sweeping.folder import StudyFolderError, folder_of
from experiments.sweeping.status import Status, status


@refuses
def status_command(study_or_folder: str, *, as_json: bool) -> int:
    """Tell how far a study is; returns the exit code, 1 where runs failed."""
    found = status(folder_of(study_or_folder))
    if as_json:
        told = {**asdict(found), "complete": found.is_complete}
        sys.stdout.write(json.dumps(told, indent=2, default=list) + "\n")
    else:
        sys.stdout.write("\n".join(_lines(found)) + "\n")
    return FAILED if found.failed or found.set_aside else 0


@refuses
def compact_command(study_or_folder: str, *, as_json: bool) -> int:
    """Merge run files into shards; returns the exit code."""
    folder = folder_of(study_or_folder)
    if not folder.is_dir():
        raise StudyFolderError(f"{folder}: holds no study; `weal sweep STUDY` makes its folder")
    done = compact(folder)
    if as_json:
        told = {"folder": str(folder), "models": [asdict(one) for one in done]}
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
    else:
        sys.stdout.write("\n".join(_merged(one) for one in done) + "\n")
    return FAILED if any(one.damaged for one in done) else 0


def _lines(found: Status) -> Iterator[str]:
    yield f"Study {found.study}: {found.done} of {found.planned} runs are done"
    yield f"Folder: {found.folder}"
    yield f"Version of the model: {found.model}"
    if found.running:
        left = "" if found.remaining_s is None else f"; about {duration(found.remaining_s)} left"
        yield f"Running: {found.running}{left}"
    else:
        go_on = "" if found.is_complete else "; `weal sweep` goes on"
        yield f"Nobody works there; the last sweep {ENDED.get(found.ended, found.ended)}{go_on}"
    if found.target:
        yield f"Precision: {found.target}"
    for version, count in found.others.items():
        yield f"Runs of another version of the model, left alone: {count} of {version}"
    for what, failures in (
        ("Killed their workers, and are tried again", found.waiting),
        ("Set aside, since they killed their workers", found.set_aside),
        ("Failed", found.failed),
    ):
        if failures:
            yield f"{what}: {len(failures)}"
            yield from (f"  {line}" for line in told_failures(failures))
    if found.failed or found.set_aside:
        yield "`weal sweep --retry-failed` tries them again."


def _merged(one: Compacted) -> str:
    told = (
        f"{one.model}: {one.merged} run files merged; {one.runs} runs lie in {one.shards} "
        f"shard{'' if one.shards == 1 else 's'}"
    )
    if one.damaged:
        told += f"; {len(one.damaged)} files are damaged: `weal sweep` makes their runs anew"
    return told


ENDED = {
    "finished": "came to its end",
    "interrupted": "was interrupted (Ctrl-C)",
    "stopped": "was stopped by an error",
    "killed": "was killed",
}
"""How a sweep ended, in words."""
