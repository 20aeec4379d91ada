"""`weal sweep`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from experiments.commands.again import go_on_with
from experiments.commands.refusal import refuses
from experiments.studies.store import KINDS, Failed
from experiments.sweeping.driver import sweep
from experiments.sweeping.progress import Progress, SweepResult

SHOWN = 10
"""Failed runs of which the terminal tells; their records lie in the folder."""

BETWEEN_LINES_S = 10.0
"""Seconds between two lines of progress where there is no terminal to draw on."""


@refuses
def sweep_command(
    study: str,
    workers: int | None,
    executor: str,
    address: str | None,
    overrides: list[str],
    plugins: list[Path],
    out: Path | None,
    timeout_s: float | None,
    *,
    retry_failed: bool,
    as_json: bool,
) -> int:
    """Sweep a study with a progress bar; returns the exit code."""
    with _shown() as show:
        result = sweep(
            study,
            out=out,
            workers=workers,
            executor=executor,
            address=address,
            overrides=overrides,
            plugins=plugins,
            timeout_s=timeout_s,
            retry_failed=retry_failed,
            on_progress=show,
        )
    for line in told_failures(result.failed):
        sys.stderr.write(f"{line}\n")
    if as_json:
        told = {**asdict(result), "folder": str(result.folder), "exit_code": result.exit_code}
        sys.stdout.write(json.dumps(told, indent=2, default=list) + "\n")
    else:
        sys.stdout.write(f"{_summary(result)}\n")
    if result.stopped:
        sys.stderr.write(f"{go_on_with()}\n")
    return result.exit_code


@contextmanager
def _shown() -> Iterator[Callable[[Progress], None]]:
    """Progress on stderr: a bar on a terminal, a line now and then elsewhere."""
    console = Console(stderr=True, soft_wrap=True)
    if not console.is_terminal:
        yield _lines()
        return
    with Bar(
        TextColumn("runs"),
        MofNCompleteColumn(),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[news]}"),
        console=console,
    ) as bar:
        task = bar.add_task("runs", total=None, news="starting")

        def show(now: Progress) -> None:
            if now.news:
                console.print(now.news, markup=False, highlight=False)
            bar.update(task, total=now.planned, completed=now.done + now.failed, news=_news(now))

        yield show


def _lines() -> Callable[[Progress], None]:
    latest = time.monotonic() - BETWEEN_LINES_S

    def show(now: Progress) -> None:
        nonlocal latest
        if now.news:
            sys.stderr.write(f"{now.news}\n")
        if time.monotonic() - latest >= BETWEEN_LINES_S:
            latest = time.monotonic()
            sys.stderr.write(f"{now.done} of {now.planned} runs, {_news(now)}\n")

    return show


def _news(now: Progress) -> str:
    parts = [f"{now.failed} failed"] if now.failed else []
    if now.rate:
        rate = now.rate if now.rate >= 1 else now.rate * 60
        parts.append(f"{rate:.1f} a {'second' if now.rate >= 1 else 'minute'}")
    if now.remaining_s is not None:
        parts.append(f"{duration(now.remaining_s)} left")
    return ", ".join(parts) or "starting"


def duration(seconds: float) -> str:
    """A span of time in words: `40 s`, `3 min`, `2 h 5 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def told_failures(failed: Sequence[Failed]) -> Iterator[str]:
    """What to say of runs that gave no result."""
    for one in failed[:SHOWN]:
        aside = f" {one.tries} times; set aside" if one.kind == "killed" else ""
        yield f"run {one.run}: {KINDS.get(one.kind, one.kind)}{aside}"
        yield from (f"    {line}" for line in one.told.splitlines()[-3:])
    if len(failed) > SHOWN:
        yield f"... and {len(failed) - SHOWN} more failed"


def _summary(result: SweepResult) -> str:
    told = f"{result.done} of {result.planned} runs are done"
    told += f", {result.made} of them made now in {duration(result.seconds)}"
    if result.failed:
        told += f"; {len(result.failed)} failed (--retry-failed tries them again)"
    lines = [told, *([result.target] if result.target else []), f"Folder: {result.folder}"]
    return "\n".join(lines)
