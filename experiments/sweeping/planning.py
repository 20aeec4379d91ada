"""What a study will cost: how many runs, how long, how much disk and memory.

Runs are counted by their names, so that points with equal scenarios count once. Time, disk and
memory are measured: a process of its own lives the middle setting twice, the second time without
starting up. Nothing is written but in a temporary folder, which is removed.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from experiments.executors.protocol import Finished, WorkContext, perform, seal
from experiments.studies.identity import model_version
from experiments.studies.loading import LoadedStudy
from experiments.studies.store import study_folder
from experiments.studies.tasks import Planned, first_replications, planned
from experiments.sweeping.compaction import compact
from experiments.sweeping.finished import finished_runs
from experiments.sweeping.folder import make_folders

LONG_RUN_S = 120.0
"""Seconds of a run beyond which starting up does not matter, and it is lived once."""


class MeasuringError(ValueError):
    """The run that a plan measures gave no result."""


@dataclass(frozen=True, slots=True)
class RunCost:
    """What one run costs, as measured."""

    world: str  # the world it was lived in
    setting: str
    seconds: float  # start-up apart
    start_up_s: float  # of a worker: imports and compiled code
    file_bytes: int  # of its file, as the disk counts them
    compacted_bytes: int  # of its part of a shard
    peak_memory_bytes: int  # of its process


@dataclass(frozen=True, slots=True)
class Plan:
    """What a study will cost."""

    study: str
    settings: int
    worlds: int
    points: int
    replications: int  # of each point in the nominal world, at the first look
    runs: int  # at the first look
    distinct: int  # of them, as equal runs are made once
    most_distinct: int  # where the target of precision is not met before
    done: int  # of the distinct ones, that are there already
    workers: int
    costs: tuple[RunCost, ...]  # of the nominal world, and of alternatives that were measured
    seconds: float  # estimate for the runs of the first look that are left, at that many workers
    most_seconds: float  # the same, for all that the target may ask for
    disk_bytes: int  # of the first look's files
    compacted_bytes: int
    most_disk_bytes: int


def plan(
    loaded: LoadedStudy,
    *,
    workers: int | None = None,
    each_alternative: bool = False,
    out: Path | None = None,
) -> Plan:
    """Count a study's runs, and measure what one costs.

    Args:
        loaded: the study.
        workers: processes that will sweep it; absent: one a processor.
        each_alternative: also measure a run of each alternative, whose policies may cost more.
        out: the study's folder, of which finished runs are counted; absent: `runs/study-NAME`.

    Returns:
        The plan; its times are estimates from the measured runs.

    Raises:
        MeasuringError: if a measured run fails.
        scenarios.errors.ScenarioError: if values do not go together.
    """
    points = planned(loaded)
    model = model_version(loaded.plugins)
    wanted = loaded.study.replications
    most = wanted.count if wanted.half_width is None else wanted.at_most
    first = first_replications(loaded)
    names = _names(points, first, model)
    all_names = (
        names if most == wanted.count else _names(points, first_replications(loaded, most), model)
    )
    folder = out or study_folder(loaded.study.name)
    there = finished_runs(folder, model) if folder.is_dir() else set()
    costs = tuple(
        _measured(loaded, one, model) for one in _measured_points(loaded, points, each_alternative)
    )
    workers = workers or len(os.sched_getaffinity(0))
    nominal = costs[0]
    left = {name: world for name, world in names.items() if name not in there}
    most_left = {name: world for name, world in all_names.items() if name not in there}
    return Plan(
        study=loaded.study.name,
        settings=len(loaded.layout.settings),
        worlds=len(loaded.layout.worlds) if loaded.layout.unit is None else 0,
        points=len(points),
        replications=wanted.count,
        runs=sum(first.values()),
        distinct=len(names),
        most_distinct=len(all_names),
        done=len(names) - len(left),
        workers=workers,
        costs=costs,
        seconds=_duration(left.values(), costs, loaded, workers),
        most_seconds=_duration(most_left.values(), costs, loaded, workers),
        disk_bytes=len(names) * nominal.file_bytes,
        compacted_bytes=len(names) * nominal.compacted_bytes,
        most_disk_bytes=len(all_names) * nominal.file_bytes,
    )


def _names(points: Sequence[Planned], counts: Mapping[int, int], model: str) -> dict[str, int]:
    """The world of each distinct run, by the run's name."""
    return {
        one.run(replication, model): one.point.world
        for one in points
        for replication in range(counts[one.point.number])
    }


def _measured_points(
    loaded: LoadedStudy, points: Sequence[Planned], each_alternative: bool
) -> list[Planned]:
    """The middle setting of the nominal world, or of the design, and of alternatives."""
    if loaded.layout.unit is not None:
        return [points[len(points) // 2]]
    worlds = [0]
    if each_alternative:
        worlds += [one.number for one in loaded.layout.worlds if one.kind == "alternative"]
    middle = len(loaded.layout.settings) // 2
    return [
        one
        for world in worlds
        for one in points
        if one.point.world == world and one.point.setting == middle
    ]


def _duration(
    worlds: Iterable[int], costs: Sequence[RunCost], loaded: LoadedStudy, workers: int
) -> float:
    """Seconds of some runs, given by their worlds."""
    by_label = {one.world: one.seconds for one in costs}
    labels = [world.label for world in loaded.layout.worlds]
    each = [by_label.get(labels[world], costs[0].seconds) for world in worlds]
    if not each:
        return 0.0
    # The last runs of a sweep do not fill all workers.
    rounds = math.ceil(len(each) / workers) / (len(each) / workers)
    return costs[0].start_up_s + sum(each) / workers * rounds


def _measured(loaded: LoadedStudy, point: Planned, model: str) -> RunCost:
    with tempfile.TemporaryDirectory(prefix="weal-plan-") as made:
        folder = Path(made)
        make_folders(folder, model)
        plugins = tuple(one.absolute() for one in loaded.plugins)
        context = WorkContext(folder, model, plugins, loaded.study.limits.timeout_s)
        tasks = [point.task(replication, model, loaded.folder) for replication in (0, 1)]
        work = [(one.run, seal(one)) for one in tasks]
        spawned = multiprocessing.get_context("spawn")
        try:
            with ProcessPoolExecutor(1, mp_context=spawned) as pool:
                lived = pool.submit(_live, work, context, time.monotonic()).result()
        except BrokenProcessPool:
            raise MeasuringError(
                "the run that was to be measured has killed its process: is there enough memory?"
            ) from None
        for one in lived.finished:
            if one.kind != "ok":
                raise MeasuringError(f"the run that was to be measured failed:\n{one.told}")
        sizes = [_on_disk(folder / one.told) for one in lived.finished]
        compact(folder)
        merged = sum(_on_disk(path) for path in folder.rglob("*.parquet"))
        seconds = lived.finished[-1].seconds
        return RunCost(
            loaded.layout.worlds[point.point.world].label,
            loaded.layout.settings[point.point.setting].label,
            seconds,
            max(lived.seconds - sum(one.seconds for one in lived.finished[1:]) - seconds, 0.0),
            max(sizes),
            math.ceil(merged / len(sizes)),
            lived.peak_memory_bytes,
        )


@dataclass(frozen=True, slots=True)
class _Lived:
    finished: tuple[Finished, ...]
    seconds: float  # since the process was asked for
    peak_memory_bytes: int


def _live(work: Sequence[tuple[str, bytes]], context: WorkContext, asked: float) -> _Lived:
    """Live tasks one after the other, in a process of their own."""
    finished: list[Finished] = []
    for name, sealed in work:
        finished.append(perform(name, sealed, context))
        if finished[-1].kind != "ok" or finished[-1].seconds > LONG_RUN_S:
            break
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 1024
    return _Lived(tuple(finished), time.monotonic() - asked, peak * unit)


def _on_disk(path: Path) -> int:
    """Bytes that a file takes of a disk, which gives whole blocks."""
    return path.stat().st_blocks * 512
