"""`weal run`."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import mesa  # noqa: F401
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from experiments.commands.refusal import refuses
from experiments.headline import headline, index_of
from experiments.running import RunResult, resolve, run_resolved
from policies.registry import load_plugin
from scenarios.street_files import note_on_lengths
from sim.market import Marketplace

INTERRUPTED = 130


@refuses
def run_command(
    scenario: str,
    days: int | None,
    seed: int | None,
    overrides: list[str],
    plugins: list[Path],
    out: Path | None,
    *,
    as_json: bool,
    checkpoint_every: int | None = None,
) -> int:
    """Run a scenario with a progress bar; returns the exit code."""
    for plugin in plugins:
        load_plugin(plugin)
    resolved, base = resolve(scenario, days=days, seed=seed, overrides=overrides)
    for note in (*resolved.notes(), *note_on_lengths(resolved.roads, base)):
        sys.stderr.write(f"note: {note}\n")
    folder = out or Path("runs") / f"{resolved.name}-{resolved.seed}"
    with shown_days(resolved.days) as show:
        result = run_resolved(
            resolved,
            base,
            plugins=plugins,
            out=folder,
            on_day=show,
            checkpoint_every=checkpoint_every,
        )
    return tell(result, folder, as_json=as_json, can_resume=checkpoint_every is not None)


@contextmanager
def shown_days(days: int, done: int = 0) -> Iterator[Callable[[Marketplace], None]]:
    """A progress bar of a run's days.

    Args:
        days: of the whole run.
        done: lived before.

    Yields:
        What is to be called after every day.
    """
    console = Console(stderr=True)
    with Progress(
        TextColumn("day"),
        MofNCompleteColumn(),
        BarColumn(bar_width=24),
        TimeRemainingColumn(),
        TextColumn("{task.fields[news]}"),
        console=console,
        transient=not console.is_terminal,
    ) as progress:
        news = "founding the market" if done == 0 else "going on"
        task = progress.add_task("day", total=days, completed=done, news=news)

        def show(market: Marketplace) -> None:
            progress.update(task, completed=market.day, news=_news(market))

        yield show


def tell(result: RunResult, folder: Path, *, as_json: bool, can_resume: bool) -> int:
    """Say what a run came to; returns the exit code.

    Args:
        result: the run's.
        folder: where it was to be written.
        as_json: for machines.
        can_resume: it left checkpoints.
    """
    scenario, done = result.scenario, result.manifest.days_done
    again = f"; weal resume {folder} goes on" if can_resume else ""
    if result.folder is None:
        sys.stderr.write(f"interrupted before the first day ended; nothing was written{again}\n")
        return INTERRUPTED
    if as_json:
        sys.stdout.write(
            json.dumps(
                {
                    "folder": str(folder),
                    "report": str(folder / "report.html"),
                    "scenario": scenario.name,
                    "seed": scenario.seed,
                    "days": done,
                    "interrupted": result.manifest.interrupted,
                    "index": _index(result),
                    "means": {
                        name: None if value != value else value
                        for name, value in result.indicators.mean().items()
                    },
                },
                indent=2,
            )
            + "\n"
        )
    else:
        sys.stdout.write("\n".join(headline(result.indicators, scenario)) + "\n")
        sys.stdout.write(f"\nReport: {folder / 'report.html'}\n")
    if result.stopped:
        again = again if result.manifest.interrupted else ""
        sys.stderr.write(
            f"interrupted: {done} of {scenario.days} days are complete and written{again}\n"
        )
        return INTERRUPTED
    return 0


def _index(result: RunResult) -> dict[str, object]:
    """The index with its parts, as JSON has them: what could not be scored is null."""
    parts = asdict(index_of(result.indicators, result.scenario))
    value = parts["value"]
    return {**parts, "value": None if math.isnan(value) else value}


def _news(market: Marketplace) -> str:
    """The key indicators of the day, for the progress bar."""
    latest = market.health.latest()
    shown = {
        "orders": "{:,.0f} orders",
        "open_merchants": "{:,.0f} shops",
        "on_time_share": "{:.0%} on time",
        "trust": "trust {:.2f}",
    }
    return ", ".join(
        text.format(latest[name]) for name, text in shown.items() if not math.isnan(latest[name])
    )
