"""`weal dispatch`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from experiments.commands.plain_json import print_json
from experiments.commands.refusal import refuses
from experiments.dispatching.chosen_policy import choose
from experiments.dispatching.instance import Instance, InstanceError, Problem
from experiments.dispatching.living import Solution, live
from experiments.dispatching.printing import means, print_solutions
from experiments.dispatching.reading import find_instances, read_instance
from experiments.dispatching.rehearsing import rehearse
from experiments.dispatching.solution_files import refuse_foreign, told, write_solution
from policies.plugin_errors import told_of_plugins
from policies.registry import load_plugin
from scenarios.atomic import folder_written_whole


@refuses
def dispatch_command(
    paths: list[Path],
    policy: str | None,
    overrides: list[str],
    plugins: list[Path],
    out: Path | None,
    *,
    seed: int,
    preparation_noise: float,
    as_json: bool,
) -> int:
    """Live instances under a dispatch policy; returns the exit code."""
    for plugin in plugins:
        load_plugin(plugin)
    found = [instance for path in paths for instance in find_instances(path)]
    _refuse_same_names(found)
    alone = len(found) == 1 and found[0] == paths[0]
    folder = out or Path("runs") / f"dispatch-{found[0].stem if alone else 'instances'}"
    refuse_foreign(folder)
    instances = [read_instance(path) for path in found]
    if preparation_noise > 0:
        instances = [_with_noise(one, preparation_noise, seed) for one in instances]
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), BarColumn(bar_width=24))
    solutions, all_told = [], []
    rehearsed: set[Problem] = set()
    with (
        folder_written_whole(folder, overwrite=True) as new,
        Progress(*columns, console=Console(stderr=True), transient=True) as progress,
    ):
        task = progress.add_task("", total=len(instances))
        for instance in instances:
            progress.update(task, description=instance.name)
            if instance.problem not in rehearsed:
                rehearsed.add(instance.problem)
                _rehearse(instance, policy, overrides, progress.console.print)
            solution, parameters = _solve(instance, policy, overrides)
            settings = {
                "parameters": parameters, "seed": seed, "preparation_noise": preparation_noise
            }  # fmt: skip
            write_solution(new if alone else new / instance.name, solution, settings)
            solutions.append(solution)
            all_told.append(told(solution, settings) | {"seconds": solution.seconds})
            progress.update(task, advance=1)
    if as_json:
        print_json({"folder": str(folder), "instances": all_told, "mean": means(solutions)})
    else:
        print_solutions(solutions)
        sys.stdout.write(f"Solutions: {folder}\n")
    return 0


def _solve(
    instance: Instance, policy: str | None, overrides: list[str]
) -> tuple[Solution, dict[str, object]]:
    made, parameters = choose(policy, overrides, instance.problem)
    with told_of_plugins():
        return live(instance, made), parameters


def _rehearse(
    instance: Instance, policy: str | None, overrides: list[str], say: Callable[[str], None]
) -> None:
    """Compile what is compiled once, so that the seconds of instances are those of the work."""
    made, _ = choose(policy, overrides, instance.problem)
    with told_of_plugins():
        rehearse(instance, made, say)


def _with_noise(instance: Instance, sd: float, seed: int) -> Instance:
    if instance.problem is not Problem.MEALS:
        raise InstanceError(f"--preparation-noise {sd:g}: {instance.name} has no preparation times")
    return instance.with_noise(sd, seed)


def _refuse_same_names(found: list[Path]) -> None:
    names = [path.stem if path.is_file() else path.name for path in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InstanceError(
            f"{twice[0]}: is the name of {names.count(twice[0])} instances, whose solutions would "
            "overwrite each other; dispatch them one by one with --out"
        )
