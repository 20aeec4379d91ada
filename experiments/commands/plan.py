"""`weal plan`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from experiments.commands.check import counted
from experiments.commands.refusal import refuses
from experiments.commands.sweep import duration
from experiments.studies.loading import LoadedStudy, load_study
from experiments.sweeping.planning import Plan, RunCost, plan


@refuses
def plan_command(
    study: str,
    workers: int | None,
    overrides: list[str],
    plugins: list[Path],
    out: Path | None,
    *,
    each_alternative: bool,
    as_json: bool,
) -> int:
    """Tell what a study will cost; returns the exit code."""
    loaded = load_study(study, overrides=overrides, plugins=plugins)
    for note in loaded.notes():
        sys.stderr.write(f"{loaded.path}: note: {note}\n")
    sys.stderr.write("measuring a run ...\n")
    found = plan(loaded, workers=workers, each_alternative=each_alternative, out=out)
    if as_json:
        sys.stdout.write(json.dumps(asdict(found), indent=2) + "\n")
    else:
        sys.stdout.write("\n".join(_lines(found, loaded, each_alternative)) + "\n")
    return 0


def _lines(found: Plan, loaded: LoadedStudy, each_alternative: bool) -> Iterator[str]:
    yield f"Study {found.study}: {_design(found, loaded)}"
    yield f"Runs: {_runs(found)}"
    for one in found.costs:
        yield _cost(one)
    several = f"at {found.workers} worker{'' if found.workers == 1 else 's'}"
    yield f"Time: about {_up_to(found.seconds, found.most_seconds)} {several}"
    disk = _size(found.disk_bytes)
    if found.most_disk_bytes > found.disk_bytes:
        disk += f" to {_size(found.most_disk_bytes)}"
    yield f"Disk: {disk}; {_size(found.compacted_bytes)} of the first once compacted"
    memory = found.costs[0].peak_memory_bytes
    yield f"Memory: {_size(memory)} a run at its peak, {_size(memory * found.workers)} {several}"
    yield (
        "Time, disk and memory are estimates from the measured run; other settings and worlds may "
        "take more or less."
    )
    if loaded.study.alternatives and not each_alternative:
        yield "Alternatives count as the nominal world does; --each-alternative measures them too."


def _design(found: Plan, loaded: LoadedStudy) -> str:
    if loaded.layout.unit is not None:
        return f"{loaded.study.method}, {found.points} points"
    return (
        f"grid, {counted(found.settings, 'setting')} in {counted(found.worlds, 'world')}: "
        f"{counted(found.points, 'point')}"
    )


def _runs(found: Plan) -> str:
    told = f"{found.runs}, {found.replications} replications of each point"
    if found.worlds > 1:
        told += " in the nominal world"
    if found.distinct < found.runs:
        told += f"; {found.distinct} distinct ones, as points with equal scenarios share theirs"
    if found.most_distinct > found.distinct:
        told += f"; up to {found.most_distinct} where the target of precision asks for them"
    if found.done:
        told += f"; {found.done} of them are done already"
    return told


def _cost(one: RunCost) -> str:
    return (
        f"Measured: {one.seconds:.3g} s a run ({one.setting}; {one.world}), and "
        f"{one.start_up_s:.1f} s for a worker to start"
    )


def _up_to(seconds: float, most: float) -> str:
    first, last = duration(seconds), duration(most)
    return first if first == last else f"{first} to {last}"


def _size(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} GB"
