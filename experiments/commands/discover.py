"""`weal discover`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from experiments.commands.compare import WIDTH
from experiments.commands.plain_json import print_json
from experiments.commands.refusal import refuses
from experiments.discovery.discover import RULE, discover
from experiments.discovery.failing import Against
from experiments.discovery.prim import Limit
from experiments.discovery.wording import circumstances, sentences
from experiments.sensitivity.asking import SensitivityError, setting_of
from experiments.sweeping.loading import load_results

KINDS: Mapping[str, Against] = {"base": "base", "best": "best"}


@refuses
def discover_command(
    study: str,
    outcome: str,
    setting: str | None,
    against: str | None,
    threshold: float | None,
    overrides: list[str],
    plugins: list[Path],
    out: Path | None,
    *,
    as_json: bool,
) -> int:
    """Tell under which circumstances a setting fails; returns the exit code."""
    if against is not None and against not in KINDS:
        raise SensitivityError(f"--against {against}: must be base or best")
    results = load_results(study, out=out, overrides=overrides, plugins=plugins)
    found = discover(
        results,
        outcome,
        setting_of(results, setting),
        against=None if against is None else KINDS[against],
        threshold=threshold,
    )
    told = sentences(found)
    if as_json:
        settings = results.loaded.layout.settings
        print_json(
            {
                "study": results.loaded.study.name,
                "outcome": found.outcome,
                "setting": None if found.setting is None else settings[found.setting].label,
                "fails_where": found.failing.rule,
                f"{found.sample.noun}s": found.worlds,
                "failures": found.failures,
                "unsure": int(found.failing.unsure.sum()),
                "boxes": [
                    asdict(one) | {"circumstances": circumstances(one, found)}
                    for one in found.boxes
                ],
                "reproduction": None if found.reproduction is None else asdict(found.reproduction),
                "why_none": found.why_none,
                "answer": told,
                "rule": RULE,
            }
        )
        return 0
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    for sentence in told:
        console.print(Text(sentence))
    sample = found.sample
    labels = {one.key: told for one, told in zip(sample.factors, sample.labels, strict=True)}
    for one in found.boxes:
        console.print()
        console.print(_limits(one.limits, labels))
    if found.reproduction is not None:
        console.print()
        console.print(Text(RULE))
    return 0


def _limits(limits: Sequence[Limit], labels: Mapping[str, str]) -> Table:
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    for title in ("limit", "quasi-p"):
        shown.add_column(title)
    for one in limits:
        if one.levels is not None:
            told = f"{labels[one.factor]} is {' or '.join(map(str, one.levels))}"
        else:
            sign, end = (">", one.low) if one.low is not None else ("<", one.high)
            told = f"{labels[one.factor]} {sign} {end:,.15g}"
        shown.add_row(Text(told), f"{one.quasi_p:.2g}")
    return shown
