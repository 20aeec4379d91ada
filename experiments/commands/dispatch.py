"""`weal dispatch`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from experiments.commands.plain_json import print_json
from experiments.commands.refusal import refuses
from experiments.dispatching.instance import Instance, InstanceError, Problem
from experiments.dispatching.living import Solution, live
from experiments.dispatching.measures import Measure, measures
from experiments.dispatching.reading import find_instances, read_instance
from experiments.dispatching.solution_files import refuse_foreign, told, write_solution
from experiments.varying import VariationError
from policies.registry import find, load_plugin
from scenarios.atomic import folder_written_whole

DEFAULT = {Problem.MEALS: "local_search", Problem.PICKUP_AND_DELIVERY: "local_search"}
"""The strongest policy for each problem."""

WIDTH = 110
"""Columns of a table that goes to a file or a pipe."""


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
    folder = out or Path("runs") / f"dispatch-{found[0].stem if len(found) == 1 else 'instances'}"
    refuse_foreign(folder)
    instances = [read_instance(path) for path in found]
    solutions, all_told = [], []
    with folder_written_whole(folder, overwrite=True) as new:
        for instance in instances:
            solution, settings = _solve(instance, policy, overrides, seed, preparation_noise)
            write_solution(new / instance.name, solution, settings)
            solutions.append(solution)
            all_told.append(told(solution, settings))
    if as_json:
        print_json({"folder": str(folder), "instances": all_told, "mean": _means(solutions)})
    else:
        _print(solutions)
        sys.stdout.write(f"Solutions: {folder}\n")
    return 0


def _solve(
    instance: Instance, policy: str | None, overrides: list[str], seed: int, noise: float
) -> tuple[Solution, dict[str, Any]]:
    name = policy or DEFAULT[instance.problem]
    made, parameters = _make(name, overrides, instance)
    if noise > 0:
        if instance.problem is not Problem.MEALS:
            raise InstanceError(
                f"--preparation-noise {noise:g}: {instance.name} has no preparation times"
            )
        instance = instance.with_noise(noise, seed)
    settings = {"parameters": parameters, "seed": seed, "preparation_noise": noise}
    return live(instance, made), settings


def _make(name: str, overrides: list[str], instance: Instance) -> tuple[Any, dict[str, Any]]:
    """The policy with its parameters: its own, the problem's, and those that the user sets."""
    kind = find("dispatch", name)
    given = _parameters(overrides)
    if instance.problem is Problem.PICKUP_AND_DELIVERY:
        given = getattr(kind, "for_vehicle_routing", {}) | given
    try:
        params = kind.Params(name=name, **given)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        known = ", ".join(sorted(set(kind.Params.model_fields) - {"name"})) or "none"
        raise VariationError(
            f"--set {key}={given.get(key)}: {first['msg'][:1].lower()}{first['msg'][1:]}; "
            f"parameters of {name}: {known}"
        ) from error
    return kind(params), params.model_dump(mode="json")


def _parameters(overrides: list[str]) -> dict[str, Any]:
    import tomllib

    given: dict[str, Any] = {}
    for override in overrides:
        key, sign, text = override.partition("=")
        if not sign or not key.strip():
            raise VariationError(f"--set {override}: expected KEY=VALUE, a parameter of the policy")
        try:
            given[key.strip()] = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            given[key.strip()] = text
    return given


def _refuse_same_names(found: list[Path]) -> None:
    names = [path.stem if path.is_file() else path.name for path in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InstanceError(
            f"{twice[0]}: is the name of {names.count(twice[0])} instances, whose solutions would "
            "overwrite each other; dispatch them one by one with --out"
        )


def _means(solutions: list[Solution]) -> dict[str, float | None]:
    by_name: dict[str, list[float]] = {}
    for solution in solutions:
        for measure in measures(solution):
            if measure.value is not None:
                by_name.setdefault(measure.name, []).append(float(measure.value))
    return {
        name: float(np.mean(values)) if len(values) == len(solutions) else None
        for name, values in by_name.items()
    }


def _print(solutions: list[Solution]) -> None:
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    if len(solutions) == 1:
        only = solutions[0]
        console.print(
            Text(f"{only.instance.name}: {only.instance.problem.value}, policy {only.policy}")
        )
        table = _table("", "")
        for measure in measures(only):
            table.add_row(measure.label, Text(f"{_shown(measure)} {measure.unit}".strip()))
        console.print(table)
        return
    for problem in Problem:
        some = [one for one in solutions if one.instance.problem is problem]
        if some:
            console.print(_side_by_side(some))


def _side_by_side(solutions: list[Solution]) -> Table:
    """A row an instance and a last row of means."""
    columns = {
        Problem.MEALS: (
            "orders", "undelivered_share", "click_to_door", "overage", "penalised_click_to_door",
            "ready_to_pickup", "bundle_size", "seconds",
        ),
        Problem.PICKUP_AND_DELIVERY: ("orders", "delivered", "vehicles", "distance", "seconds"),
    }[solutions[0].instance.problem]  # fmt: skip
    rows = [{one.name: one for one in measures(solution)} for solution in solutions]
    heads = [f"{rows[0][name].label.strip()} {rows[0][name].unit}".strip() for name in columns]
    table = _table(f"policy {solutions[0].policy}", *heads)
    for solution, row in zip(solutions, rows, strict=True):
        table.add_row(solution.instance.name, *(_shown(row[name]) for name in columns))
    means = _means(solutions)
    table.add_row(
        "mean",
        *(
            _shown(Measure(name, "", "", None if means.get(name) is None else float(means[name])))  # type: ignore[arg-type]
            for name in columns
        ),
        style="bold",
    )
    return table


def _table(*heads: str) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD if any(heads) else None,
        show_header=any(heads),
        show_edge=False,
        pad_edge=False,
    )
    for column, head in enumerate(heads):
        table.add_column(head, justify="left" if column == 0 else "right")
    return table


def _shown(measure: Measure) -> str:
    if measure.value is None:
        return "-"
    return str(measure.value) if isinstance(measure.value, int) else f"{measure.value:,.2f}"
