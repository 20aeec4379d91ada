"""`weal compare`."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from experiments.commands.refusal import refuses
from experiments.comparison import compare_in_full
from experiments.incidence import DEADWEIGHT, PREFIX
from experiments.numerals import finely, measured
from experiments.varying import WHOLE_RUN, VariationError, parse_span, parse_vary
from scenarios.atomic import refuse_unwritable, write_file_atomically
from sim.health import find

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

WIDTH = 100
"""Columns of a table that goes to a file or a pipe."""


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
    vary: list[str],
    spans: list[str],
    page: Path | None,
    as_json: bool,
) -> int:
    """Compare scenarios, or variants of one; returns the exit code."""
    varied = dict(parse_vary(text) for text in vary)
    if len(varied) < len(vary):
        raise VariationError("--vary: the same field is varied twice; list all its values at once")
    for path, what in ((out, "the table, such as x.csv"), (page, "the page, such as x.html")):
        if path is not None:
            refuse_unwritable(path)
            if path.is_dir():
                raise IsADirectoryError(f"{path}: is a folder; name a file for {what}")
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("runs", total=None)
        comparison = compare_in_full(
            scenarios,
            vary=varied,
            spans=[parse_span(text) for text in spans],
            replications=replications,
            days=days,
            seed=seed,
            overrides=overrides,
            plugins=plugins,
            on_run=lambda done, total: progress.update(task, completed=done, total=total),
        )
    table = comparison.table
    told = pd.concat([table, comparison.incidence], ignore_index=True)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_file_atomically(out, told.to_csv(index=False))
    if page is not None:
        from experiments.reporting.comparison_page import render

        page.parent.mkdir(parents=True, exist_ok=True)
        write_file_atomically(page, render(comparison, varied))
    if as_json:
        sys.stdout.write(told.to_json(orient="records", indent=2) + "\n")
        return 0
    print_tables(table[table["span"] == WHOLE_RUN], replications)
    print_incidence(comparison.incidence[comparison.incidence["span"] == WHOLE_RUN])
    if out is not None:
        sys.stdout.write(f"All indicators: {out}\n")
    if page is not None:
        sys.stdout.write(f"Page: {page}\n")
    return 0


def print_tables(table: pd.DataFrame, replications: int) -> None:
    """A table for each scenario beside the base: five columns fit any terminal."""
    labels = list(dict.fromkeys(table["scenario"]))
    rows = table.set_index(["indicator", "scenario"])
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    for label in labels[1:]:
        console.print(_side_by_side(rows, labels[0], label), Text())
    console.print(
        Text(
            f"Means over {replications} replications and all days. Differences are paired under "
            "the same luck, with 95 % intervals; those of shares are percentage points. Of twenty "
            "such intervals, about one leaves out the truth."
        )
    )


def print_incidence(rows: pd.DataFrame) -> None:
    """Of each unit of subsidy, what each side gains: a row a scenario that spends another sum."""
    known = rows[rows["difference"].notna()]
    if known.empty:
        return
    sides = list(dict.fromkeys(known["indicator"]))
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    shown.add_column("of 1.00 more subsidy")
    shown.add_column("gained", justify="right")
    shown.add_column("95 % interval", justify="right")
    for label, own in known.groupby("scenario", sort=False):
        shown.add_row(Text(str(label), style="bold"))
        for side in sides:
            row: Any = own[own["indicator"] == side].iloc[0]
            low, high = float(row["low"]), float(row["high"])
            ends = "unsure" if math.isnan(low) else f"{low:.2f} to {high:.2f}"
            name = side.removeprefix(PREFIX)
            name = "lost to all (deadweight)" if name == DEADWEIGHT else name
            shown.add_row(f"  {name}", f"{row['difference']:.2f}", ends)
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    console.print(Text(), shown, Text())
    console.print(
        Text(
            "Who gains by subsidies: the difference of each side's total over the difference of "
            "what our platform spent on them. Couriers' pay counts whole."
        )
    )


def _side_by_side(rows: pd.DataFrame, base: str, other: str) -> Table:
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    shown.add_column("indicator")
    shown.add_column(Text(base, overflow="fold"), justify="right", max_width=9)
    shown.add_column(Text(other, overflow="fold"), justify="right", max_width=9)
    shown.add_column("difference", justify="right")
    shown.add_column("95 % interval", justify="right")
    shown.add_column("")
    for name in SHOWN:
        indicator = find(name)
        row: Any = rows.loc[(name, other)]
        start: Any = rows.loc[(name, base)]
        mean, low, high = (float(row[key]) for key in ("difference", "low", "high"))
        shown.add_row(
            name.replace("_", " "),
            measured(float(start["mean"]), indicator.unit),
            measured(float(row["mean"]), indicator.unit),
            "0, exactly" if mean == low == high == 0.0 else finely(mean, indicator.unit),
            _interval(low, high, indicator.unit),
            verdict(low, high, indicator.better),
        )
    return shown


def _interval(low: float, high: float, unit: str) -> str:
    if math.isnan(low) or low == high:
        return ""
    return f"{finely(low, unit)} to {finely(high, unit)}"


def verdict(low: float, high: float, better: str) -> str:
    """What a difference is, by its interval and by which way is better."""
    if math.isnan(low) or low == high == 0.0:
        return ""
    if low <= 0.0 <= high:
        return "unsure"
    if better == "none":
        return "more" if low > 0.0 else "less"
    return "better" if (low > 0.0) == (better == "higher") else "worse"
