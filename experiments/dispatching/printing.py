"""Measures of solutions as tables in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from experiments.dispatching.instance import Problem
from experiments.dispatching.living import Solution
from experiments.dispatching.measures import Measure, Value, measures

WIDTH = 110
"""Columns of a table that goes to a file or a pipe."""

SIDE_BY_SIDE = {
    Problem.MEALS: {
        "orders": "orders",
        "undelivered_share": "lost %",
        "click_to_door": "to door",
        "click_to_door_p90": "p90",
        "overage": "overage",
        "penalised_click_to_door": "capped",
        "ready_to_pickup": "to pickup",
        "bundle_size": "bundle",
    },
    Problem.PICKUP_AND_DELIVERY: {
        "orders": "pairs",
        "delivered": "delivered",
        "vehicles": "vehicles",
        "best_vehicles": "best known",
        "distance": "distance",
        "best_distance": "best known",
        "gap": "gap %",
    },
}
"""Measures that a table of several instances has, and the heads of their columns."""


def means(solutions: Sequence[Solution]) -> dict[str, float | None]:
    """Mean of each measure over the instances that have it; None where one of them has no value."""
    by_name: dict[str, list[float]] = {}
    of: dict[str, int] = {}
    for solution in solutions:
        for measure in measures(solution):
            of[measure.name] = of.get(measure.name, 0) + 1
            values = by_name.setdefault(measure.name, [])
            if measure.value is not None:
                values.append(float(measure.value))
    return {
        name: float(np.mean(values)) if len(values) == of[name] else None
        for name, values in by_name.items()
    }


def print_solutions(solutions: Sequence[Solution]) -> None:
    """Print one solution's measures in full, or a row for each of several and their mean."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    if len(solutions) == 1:
        for part in _in_full(solutions[0]):
            console.print(part)
        return
    for problem in Problem:
        some = [one for one in solutions if one.instance.problem is problem]
        if some:
            console.print(_side_by_side(some, SIDE_BY_SIDE[problem]))


def _in_full(solution: Solution) -> tuple[RenderableType, ...]:
    instance = solution.instance
    table = _table("", "")
    for measure in [*measures(solution), Measure("seconds", "computed in", "s", solution.seconds)]:
        unit = measure.unit if measure.value is not None else ""
        table.add_row(measure.label, Text(f"{_shown(measure.value)} {unit}".strip()))
    return Text(f"{instance.name}: {instance.problem.value}, policy {solution.policy}"), table


def _side_by_side(solutions: Sequence[Solution], columns: dict[str, str]) -> Table:
    """A row an instance and a last row of means."""
    table = _table(f"policy {solutions[0].policy}", *columns.values(), "seconds")
    for solution in solutions:
        row = {one.name: one.value for one in measures(solution)}
        table.add_row(
            solution.instance.name, *(_shown(row[name]) for name in columns),
            _shown(solution.seconds),
        )  # fmt: skip
    if len(solutions) > 1:
        mean = means(solutions)
        seconds = float(np.mean([solution.seconds for solution in solutions]))
        table.add_row(
            "mean", *(_shown(mean[name]) for name in columns), _shown(seconds), style="bold"
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
        left = column == 0
        table.add_column(head, justify="left" if left else "right", no_wrap=left)
    return table


def _shown(value: Value) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{round(value, 2) + 0.0:,.2f}"
