"""`weal branch`."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from experiments.checkpoints.branching import Branching, branching, compared
from experiments.commands.compare import SHOWN, WIDTH
from experiments.commands.refusal import refuses
from experiments.numerals import finely, measured
from experiments.varying import VariationError, parse_vary
from policies.registry import load_plugin
from sim.health import find
from sim.market import Marketplace

INTERRUPTED = 130


@refuses
def branch_command(
    named: Path,
    day: int,
    overrides: list[str],
    plugins: list[Path],
    out: Path | None,
    *,
    vary: list[str],
    as_json: bool,
) -> int:
    """Start several futures from one state; returns the exit code."""
    varied = dict(parse_vary(text) for text in vary)
    if len(varied) < len(vary):
        raise VariationError("--vary: the same field is varied twice; list all its values at once")
    for plugin in plugins:
        load_plugin(plugin)
    planned = branching(named, day, overrides, varied, plugins, out)
    for note in planned.notes:
        sys.stderr.write(f"note: {note}\n")
    before = planned.checkpoint.about.day
    sys.stderr.write(f"{planned.checkpoint.path}: from day {before}, parting on day {day}\n")
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), BarColumn(bar_width=24))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        lengths = [future.scenario.days - day for future in planned.futures]
        task = progress.add_task("days", total=day - before + sum(lengths))

        def show(label: str, _market: Marketplace) -> None:
            progress.update(task, advance=1, description=label or "to the branch")

        results = planned.live(show)
    stopped = results[-1].stopped
    table = compared(planned, results)
    if as_json:
        sys.stdout.write(json.dumps(_told(planned, table, stopped=stopped), indent=2) + "\n")
    else:
        _print(planned, table)
    if stopped:
        done, planned_number = len(results), len(planned.futures)
        sys.stderr.write(f"interrupted in future {done} of {planned_number}\n")
        return INTERRUPTED
    return 0


def _told(planned: Branching, table: pd.DataFrame, *, stopped: bool) -> dict[str, Any]:
    """The futures for machines; what was not measured is null."""
    futures = []
    for future in planned.futures:
        own = table[table["future"] == future.label]
        if own.empty:
            continue
        futures.append(
            {
                "future": future.label,
                "changes": future.changes,
                "folder": str(future.folder),
                "report": str(future.folder / "report.html"),
                "means": _by_name(own, "mean"),
                "differences": _by_name(own, "difference"),
            }
        )
    return {
        "from": str(planned.checkpoint.path),
        "day": planned.day,
        "interrupted": stopped,
        "futures": futures,
    }


def _by_name(own: pd.DataFrame, column: str) -> dict[str, float | None]:
    pairs = zip(own["indicator"], own[column], strict=True)
    return {name: None if math.isnan(value) else float(value) for name, value in pairs}


def _print(planned: Branching, table: pd.DataFrame) -> None:
    """A table for each future beside the unchanged one, and where their folders are."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    rows = table.set_index(["indicator", "future"])
    labels = list(dict.fromkeys(table["future"]))
    for label in labels[1:]:
        console.print(_side_by_side(rows, labels[0], label), Text())
    last = planned.futures[0].scenario.days - 1
    console.print(
        Text(
            f"Means of days {planned.day} to {last}. All futures have the same state on day "
            f"{planned.day} and the same luck; it is one draw of luck: `weal compare` repeats."
        )
    )
    for future in planned.futures[: len(labels)]:
        console.print(Text(f"{future.label}: {future.folder / 'report.html'}"))


def _side_by_side(rows: pd.DataFrame, base: str, other: str) -> Table:
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    shown.add_column("indicator")
    shown.add_column(base, justify="right")
    shown.add_column(Text(other, overflow="fold"), justify="right", max_width=34)
    shown.add_column("difference", justify="right")
    for name in SHOWN:
        unit = find(name).unit
        start: Any = rows.loc[(name, base)]
        row: Any = rows.loc[(name, other)]
        mean, difference = float(row["mean"]), float(row["difference"])
        shown.add_row(
            name.replace("_", " "),
            measured(float(start["mean"]), unit),
            measured(mean, unit),
            "0, exactly" if difference == 0.0 else finely(difference, unit),
        )
    return shown
