"""`weal reviews`."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from experiments.commands.compare import WIDTH
from experiments.commands.plain_json import print_json
from experiments.commands.refusal import refuses
from experiments.numerals import percent
from experiments.reviews import Fitted, ReviewsError, ReviewsRead, fit_adapter, read_reviews
from experiments.run_folder import read_run
from policies.registry import load_plugin


@refuses
def reviews_command(
    run: Path,
    adapter: Path | None,
    fit: Path | None,
    device: str,
    plugins: list[Path],
    *,
    as_json: bool,
) -> int:
    """Tell what a run's reviews say; returns the exit code."""
    for plugin in plugins:
        load_plugin(plugin)
    if adapter is not None and fit is not None:
        raise ReviewsError("--adapter, --fit: give one of them; --fit reads with what it trains")
    data = read_run(run)
    fitted = None
    if fit is not None:
        sys.stderr.write("training an adapter on the run's reviews, about a minute\n")
        fitted = fit_adapter(data, fit, device=device)
    read = read_reviews(data, fit if adapter is None else adapter, device=device)
    if as_json:
        told = asdict(read)
        if fitted is not None:
            told["fitted"] = {**asdict(fitted), "path": str(fitted.path)}
        print_json(told)
    else:
        _print(read, fitted)
    return 0


def _print(read: ReviewsRead, fitted: Fitted | None) -> None:
    console = Console(width=WIDTH, highlight=False)
    console.print(f"{read.reviews} reviews")
    if fitted is not None:
        console.print(
            Text(
                f"Adapter of {fitted.texts} texts: {fitted.path}. On {fitted.held_out} texts that "
                f"it did not see it is right on {percent(fitted.accuracy)}, the lexicon on "
                f"{percent(fitted.lexicon_accuracy)}."
            )
        )
    _table(
        console,
        "Held against the stars, three stars left out",
        ("reader", "reviews", "right", "Cohen's kappa", "correlation"),
        [
            (
                one.reader,
                str(one.reviews),
                percent(one.accuracy),
                _decimal(one.kappa),
                _decimal(one.correlation),
            )
            for one in read.agreement
        ],
    )
    if fitted is not None:
        console.print("The adapter was trained on most of these texts; see above for the others.")
    if read.between is not None:
        console.print(f"Lexicon and adapter agree with a kappa of {_decimal(read.between)}.\n")
    _table(
        console,
        "What reviews speak of, by merchants' size",
        ("aspect", "size", "mentions", "negative", "sentiment"),
        [
            (one.aspect, one.size, str(one.mentions), percent(one.negative), f"{one.sentiment:.2f}")
            for one in read.grievances
        ],
    )
    if not read.alerts:
        console.print("No shop is worse than the market in any aspect beyond chance.")
        return
    _table(
        console,
        "Shops whose reviews speak ill of an aspect more often than the market's, beyond chance",
        ("merchant", "size", "aspect", "negative", "of reviews", "at least", "market"),
        [
            (
                str(one.merchant),
                one.size,
                one.aspect,
                str(one.negative),
                str(one.reviews),
                percent(one.at_least),
                percent(one.market),
            )
            for one in read.alerts
        ],
    )


def _decimal(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "–"


def _table(
    console: Console, title: str, head: Sequence[str], rows: Sequence[tuple[str, ...]]
) -> None:
    if not rows:
        return
    console.print(f"\n{title}")
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    for name in head:
        shown.add_column(name)
    for row in rows:
        shown.add_row(*(Text(cell) for cell in row))
    console.print(shown)
