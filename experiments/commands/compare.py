"""`weal compare`."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from experiments.atomic import write_file_atomically
from experiments.commands.refusal import refuses
from experiments.comparison import compare
from experiments.numerals import number

SHOWN = (
    "surplus_per_visit",
    "trust",
    "price_index",
    "open_merchants",
    "small_merchant_survival",
    "small_merchant_sales",
    "hhi",
    "subsidy_spend",
    "counterfeit_share",
    "complaint_rate",
    "on_time_share",
    "courier_earnings",
    "gmv",
    "profit",
    "rival_share",
    "fines",
)
"""Indicators that the table on the terminal shows; the file holds all."""


@refuses
def compare_command(
    scenarios: list[str],
    replications: int,
    days: int | None,
    seed: int | None,
    overrides: list[str],
    plugins: list[Path],
    out: Path | None,
    *,
    as_json: bool,
) -> int:
    """Compare scenarios; returns the exit code."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("runs", total=None)
        table = compare(
            scenarios,
            replications=replications,
            days=days,
            seed=seed,
            overrides=overrides,
            plugins=plugins,
            on_run=lambda done, total: progress.update(task, completed=done, total=total),
        )
    if out is not None:
        write_file_atomically(out, table.to_csv(index=False))
    if as_json:
        sys.stdout.write(table.to_json(orient="records", indent=2) + "\n")
        return 0
    _print(table, replications)
    if out is not None:
        sys.stdout.write(f"All indicators: {out}\n")
    return 0


def _print(table: pd.DataFrame, replications: int) -> None:
    labels = list(dict.fromkeys(table["scenario"]))
    shown = Table(
        title=f"Means over {replications} replications; differences from {labels[0]} under the "
        "same luck with 95 % intervals",
        title_justify="left",
    )
    shown.add_column("indicator")
    shown.add_column(labels[0], justify="right")
    for label in labels[1:]:
        shown.add_column(label, justify="right")
        shown.add_column("difference", justify="right")
    rows = table.set_index(["indicator", "scenario"])
    for name in SHOWN:
        cells = [name.replace("_", " "), number(float(rows.loc[(name, labels[0]), "mean"]))]
        for label in labels[1:]:
            row = rows.loc[(name, label)]
            cells.append(number(float(row["mean"])))
            cells.append(
                _difference(float(row["difference"]), float(row["low"]), float(row["high"]))
            )
        shown.add_row(*cells)
    Console(width=None if sys.stdout.isatty() else 160).print(shown)


def _difference(mean: float, low: float, high: float) -> str:
    if mean == low == high == 0.0:
        return "0, exactly"
    return f"{number(mean)} [{number(low)}, {number(high)}]"
