"""`weal calibrate`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from experiments.calibration.calibrate import CalibrationResult, calibrate
from experiments.calibration.document import best_values, document
from experiments.calibration.loading import load_calibration
from experiments.calibration.wording import RULE, answer, moment_names, parameter_names
from experiments.commands.again import told_to_go_on
from experiments.commands.refusal import FAILED, refuses
from experiments.executors.choice import make_executor
from experiments.numerals import number

WIDTH = 100


@refuses
def calibrate_command(
    name: str,
    workers: int | None,
    overrides: list[str],
    plugins: list[Path],
    out: Path | None,
    *,
    as_json: bool,
) -> int:
    """Calibrate a scenario; returns 1 if a run failed."""
    loaded = load_calibration(name, overrides=overrides, plugins=plugins)
    with told_to_go_on(), Progress(console=Console(stderr=True), transient=True) as progress:
        step = progress.add_task("runs of this step", total=None)
        result = calibrate(
            loaded,
            executor=make_executor("local", workers),
            out=out,
            on_runs=lambda done, total: progress.update(step, completed=done, total=total),
        )
    if as_json:
        sys.stdout.write(json.dumps(document(result), indent=2) + "\n")
    else:
        _print(result)
    return FAILED if result.failures else 0


def _print(result: CalibrationResult) -> None:
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    console.print(_parameters(result), Text())
    console.print(_moments(result), Text())
    for sentence in answer(result):
        console.print(Text(sentence))
    console.print(Text(RULE))
    console.print(Text(f"Estimates: {' '.join(f'--set {one}' for one in best_values(result))}"))
    console.print(
        Text(
            f"{result.runs} runs, of which {result.made} were made now. Page: "
            f"{result.folder / 'calibration.html'}"
        )
    )


def _parameters(result: CalibrationResult) -> Table:
    shown = _table("parameter", ("estimate", "90 %", "prior", "shrinkage", "identified"))
    given = result.loaded.calibration.parameters
    for name, prior, one in zip(parameter_names(result), given, result.fit.parameters, strict=True):
        shown.add_row(
            Text(name),
            number(one.mean),
            f"{number(one.low)} to {number(one.high)}",
            f"{number(prior.low)} to {number(prior.high)}",
            f"{max(one.shrinkage, 0.0):.0%}",
            one.identified,
        )
    return shown


def _moments(result: CalibrationResult) -> Table:
    shown = _table("moment", ("target", "predicted", "90 %", "z", "use", ""))
    targets = result.loaded.targets
    for name, target, one in zip(moment_names(result), targets, result.checks, strict=True):
        shown.add_row(
            Text(name),
            number(target.value),
            number(one.mean),
            f"{number(one.low)} to {number(one.high)}",
            number(one.z),
            "fitted" if target.use == "fit" else "held out",
            one.word,
        )
    return shown


def _table(first: str, heads: tuple[str, ...]) -> Table:
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    shown.add_column(first)
    for head in heads:
        shown.add_column(head, justify="right")
    return shown
