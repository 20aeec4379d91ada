"""`weal replicate`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from experiments.commands.listing import list_command
from experiments.commands.refusal import refuses
from experiments.replications.folder import refuse_foreign, results, write_replication
from experiments.replications.page import ours_in_words, sources, verdict
from experiments.replications.protocol import Outcome, Replication
from experiments.replications.register import ReplicationError, find_replication
from experiments.replications.study import Study

WIDTH = 110
"""Columns of a table that goes to a file or a pipe."""


@refuses
def replicate_command(
    name: str | None,
    replications: int | None,
    overrides: list[str],
    out: Path | None,
    *,
    as_json: bool,
) -> int:
    """Run a replication, or list them without a name; returns the exit code."""
    if name is None:
        return list_command("replications", [], as_json=as_json)
    replication = find_replication(name)
    if replications is not None and replication.replications == 0:
        raise ReplicationError(
            f"--replications {replications}: nothing in {name} is left to chance, so it runs once"
        )
    study = Study(
        replication.scenario,
        replications=replication.replications if replications is None else replications,
        overrides=tuple(overrides),
    )
    folder = out or Path("runs") / f"replicate-{name}"
    refuse_foreign(folder)
    study.resolved()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(name, total=None)
        outcome = replication.measure(
            study, lambda done, total: progress.update(task, completed=done, total=total)
        )
    write_replication(folder, replication, study, outcome)
    if as_json:
        told = {"folder": str(folder), "report": str(folder / "report.html")}
        sys.stdout.write(json.dumps({**told, **results(replication, outcome)}, indent=2) + "\n")
    else:
        _print(replication, study, outcome)
        sys.stdout.write(f"Report: {folder / 'report.html'}\n")
    return 0 if outcome.reproduced else 1


def _print(replication: Replication, study: Study, outcome: Outcome) -> None:
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    console.print(Text(replication.title, style="bold"))
    numbers = sources(outcome.rows)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("quantity")
    table.add_column("published or exact", justify="right")
    error = " (standard error)" if study.replications else ""
    table.add_column(f"ours{error}", justify="right")
    table.add_column("tolerance", justify="right")
    table.add_column("verdict")
    for row in outcome.rows:
        mark = f" [{numbers.index(row.source) + 1}]" if len(numbers) > 1 else ""
        table.add_row(
            Text(row.quantity),
            Text(row.published + mark),
            Text(ours_in_words(row)),
            Text(row.tolerance),
            Text(verdict(row), style="" if row.reproduced else "bold"),
        )
    console.print(table)
    for number, source in enumerate(numbers, start=1):
        console.print(Text(f"[{number}] {source}" if len(numbers) > 1 else f"Source: {source}"))
    missed = sum(not row.reproduced for row in outcome.rows)
    told = f"{missed} of {len(outcome.rows)} values were not." if missed else ""
    console.print(
        Text(f"Not reproduced: {told}" if missed else f"All {len(outcome.rows)} reproduced.")
    )
