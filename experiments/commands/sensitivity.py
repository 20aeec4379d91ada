"""`weal sensitivity`."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from experiments.commands.compare import WIDTH
from experiments.commands.plain_json import print_json
from experiments.commands.refusal import refuses
from experiments.numerals import finely
from experiments.sensitivity.asked import sensitivity
from experiments.sensitivity.asking import outcome_of
from experiments.sensitivity.morris import ElementaryEffects
from experiments.sensitivity.ranks import RankMeasures
from experiments.sensitivity.sobol import SobolIndices
from experiments.sensitivity.tables import Sensitivity, noise_row, notes, second_order, table
from experiments.sensitivity.tornado import Tornado
from experiments.studies.results import StudyResults
from experiments.studies.schema import unit_of
from experiments.sweeping.loading import load_results

METHODS = {
    SobolIndices: "sobol",
    ElementaryEffects: "morris",
    RankMeasures: "ranks",
    Tornado: "tornado",
}


@refuses
def sensitivity_command(
    study: str,
    outcome: str,
    setting: str | None,
    base: str | None,
    overrides: list[str],
    plugins: list[Path],
    out: Path | None,
    *,
    as_json: bool,
) -> int:
    """Tell which factors an outcome depends on; returns the exit code."""
    results = load_results(study, out=out, overrides=overrides, plugins=plugins)
    asked = outcome_of(results, outcome)
    found = sensitivity(results, outcome, setting, base)
    unit = unit_of(asked)
    if as_json:
        told: dict[str, Any] = {
            "study": results.loaded.study.name,
            "outcome": asked.name,
            "unit": unit,
            "method": METHODS[type(found)],
            **_settings(found, results),
            "rows": table(found).to_dict("records"),
            "notes": notes(found),
        }
        if isinstance(found, SobolIndices):
            told["second_order"] = second_order(found).to_dict("records")
        if not isinstance(found, Tornado):
            told["noise"] = noise_row(found.noise)
        if isinstance(found, RankMeasures):
            told["r_squared"] = found.r_squared
        print_json(told)
        return 0
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    console.print(Text(f"{results.loaded.study.name}: {asked.label or asked.name} ({unit})"))
    for name, label in _settings(found, results).items():
        console.print(Text(f"{name}: {label}"))
    console.print()
    console.print(_shown(found, unit))
    console.print()
    if isinstance(found, SobolIndices) and found.second:
        console.print(_pairs(second_order(found)))
        console.print()
    for sentence in notes(found):
        console.print(Text(sentence))
    return 0


def _settings(found: Sensitivity, results: StudyResults) -> dict[str, str]:
    """The settings that a tornado is about."""
    if not isinstance(found, Tornado):
        return {}
    labels = [one.label for one in results.loaded.layout.settings]
    told = {"setting": labels[found.setting]}
    return told if found.setting == found.base else told | {"base": labels[found.base]}


def _shown(found: Sensitivity, unit: str) -> Table:
    rows = table(found)
    if isinstance(found, SobolIndices):
        columns = {"first": "first-order index", "total": "total index"}
        return _table(rows.sort_values("total_of_means", ascending=False), columns, "factor", {
            "first_of_means": "first of means", "total_of_means": "total of means"})  # fmt: skip
    if isinstance(found, ElementaryEffects):
        rest = {
            "mu": "mu",
            "sigma": "sigma",
            "noise_floor": "noise floor",
            "above_noise": "more than luck",
        }
        ordered = rows.sort_values("mu_star", ascending=False)
        return _table(ordered, {"mu_star": "mu*"}, "factor", rest, unit)
    if isinstance(found, RankMeasures):
        columns = {"correlation": "partial rank correlation", "first": "first-order index"}
        order = rows["correlation"].abs().sort_values(ascending=False).index
        return _table(rows.loc[order], columns, "factor", {})
    columns = {"outcome": "outcome", "change": "change"}
    if found.setting != found.base:
        columns = {"difference": "setting less base", "change_of_difference": "change of that"}
    rows["uncertainty"] = [f"{one.uncertainty} = {one.value}" for one in rows.itertuples()]
    return _table(rows, columns, "uncertainty", {"n": "n"}, unit)


def _table(
    rows: pd.DataFrame,
    estimates: Mapping[str, str],
    first: str,
    others: Mapping[str, str],
    unit: str | None = None,
) -> Table:
    """Estimates with their intervals, and plain columns."""
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    shown.add_column(first)
    for title in estimates.values():
        shown.add_column(title, justify="right")
    for title in others.values():
        shown.add_column(title, justify="right")
    for row in rows.to_dict("records"):
        cells = [_estimate(row, name, unit) for name in estimates]
        cells += [_plain(row[name], unit) for name in others]
        shown.add_row(Text(str(row[first])), *cells)
    return shown


def _estimate(row: Mapping[Any, Any], name: str, unit: str | None) -> str:
    value, low, high = (float(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
    if math.isnan(value):
        return "–"
    if math.isnan(low):
        return f"{_number(value, unit)} (unsure)"
    if low == high:
        return f"{_number(value, unit)} (exactly)"
    return f"{_number(value, unit)} ({_number(low, unit)} to {_number(high, unit)})"


def _number(value: float, unit: str | None) -> str:
    if unit is None:
        return "0.00" if abs(value) < 0.005 else f"{value:.2f}"
    return finely(value, unit)


def _plain(value: Any, unit: str | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    return "–" if math.isnan(value) else _number(value, unit)


def _pairs(rows: pd.DataFrame) -> Table:
    rows["pair"] = [f"{one.factor} with {one[2]}" for one in rows.itertuples()]
    ordered = rows.sort_values("second", ascending=False)
    return _table(ordered, {"second": "second-order index"}, "pair", {})
