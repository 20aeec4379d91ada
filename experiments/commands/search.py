"""`weal search`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from experiments.commands.again import told_to_go_on
from experiments.commands.refusal import FAILED, refuses
from experiments.executors.choice import make_executor
from experiments.numerals import finely, measured
from experiments.searching.document import document, in_words, names_of, sentences
from experiments.searching.optimising import SearchSettings, Trial
from experiments.searching.search import SearchResult, search
from experiments.statistics.intervals import Interval
from experiments.studies.loading import load_study
from experiments.studies.schema import unit_of

WIDTH = 100


@refuses
def search_command(
    study: str,
    make_settings: Callable[[], SearchSettings],
    finalists: int,
    fresh: int,
    workers: int | None,
    overrides: list[str],
    plugins: list[Path],
    out: Path | None,
    *,
    as_json: bool,
) -> int:
    """Search a study's levers; returns 1 if a run failed."""
    settings = make_settings()
    loaded = load_study(study, overrides=overrides, plugins=plugins)
    with told_to_go_on(), Progress(console=Console(stderr=True), transient=True) as progress:
        batch = progress.add_task("runs", total=None)
        whole = progress.add_task("settings", total=settings.trials)

        def on_trials(trials: Sequence[Trial]) -> None:
            progress.update(whole, completed=len(trials))

        result = search(
            loaded,
            settings,
            executor=make_executor("local", workers),
            finalists=finalists,
            fresh=fresh,
            out=out,
            on_runs=lambda done, total: progress.update(batch, completed=done, total=total),
            on_trials=on_trials,
        )
    if as_json:
        sys.stdout.write(json.dumps(document(result), indent=2) + "\n")
    else:
        _print(result)
    return FAILED if result.failures else 0


def _print(result: SearchResult) -> None:
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    unit = unit_of(result.loaded.study.deciding)
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    shown.add_column("")
    for head in ("in the search", "fresh seeds", "optimism", "gain over base", "may be best"):
        shown.add_column(head, justify="right")
    names = names_of(result)
    for place, (name, one) in enumerate(zip(names, result.retest.finalists, strict=True)):
        shown.add_row(
            Text(name),
            measured(one.in_search.mean, unit),
            measured(one.fresh.mean, unit),
            _ends(one.optimism, unit),
            "" if place == 0 else _ends(one.gain, unit),
            "yes" if result.retest.best.in_set[place] else "",
        )
    console.print(shown, Text())
    for name, one in zip(names, result.retest.finalists, strict=True):
        console.print(Text(f"{name}: {in_words(result, one.values)}"))
    console.print(Text())
    for sentence in sentences(result):
        console.print(Text(sentence))
    made, failed = result.made, len(result.failures)
    console.print(
        Text(
            f"{len(result.trials)} settings; {made} runs were made now, the others were there"
            + (f"; {failed} failed" if failed else "")
            + f". All of it: {result.folder / 'search.json'}"
        )
    )


def _ends(interval: Interval, unit: str) -> str:
    if interval.low != interval.low:
        return finely(interval.mean, unit)
    low, high = finely(interval.low, unit), finely(interval.high, unit)
    return f"{finely(interval.mean, unit)} ({low} to {high})"
