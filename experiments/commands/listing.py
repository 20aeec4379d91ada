"""`weal list`."""

from __future__ import annotations

import inspect
import json
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from experiments.commands.refusal import refuses
from policies import registry
from policies.protocols import FAMILIES
from scenarios.fields import REQUIRED, fields

WIDE = 120
"""Columns of a terminal from which on a table can be read."""

WHAT = (
    "policies",
    "scenarios",
    "studies",
    "calibrations",
    "indicators",
    "settings",
    "replications",
)


@refuses
def list_command(what: str, plugins: list[Path], *, as_json: bool) -> int:
    """List what there is of a kind; returns the exit code."""
    for plugin in plugins:
        registry.load_plugin(plugin)
    makers = {
        "policies": _policies,
        "scenarios": _scenarios,
        "studies": _studies,
        "calibrations": _calibrations,
        "indicators": _indicators,
        "settings": _settings,
        "replications": _replications,
    }
    if what not in makers:
        near = get_close_matches(what, WHAT, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        sys.stderr.write(f"list {what}: must be one of {', '.join(WHAT)}{hint}\n")
        return 2
    rows = makers[what]()
    if as_json:
        sys.stdout.write(json.dumps(rows, indent=2, default=str) + "\n")
        return 0
    console = Console(width=None if sys.stdout.isatty() else 200)
    if console.width < WIDE:
        _print_blocks(console, rows)
    else:
        _print_table(console, rows)
    return 0


def _print_table(console: Console, rows: list[dict[str, Any]]) -> None:
    table = Table(show_lines=False)
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row.values()))
    console.print(table)


def _print_blocks(console: Console, rows: list[dict[str, Any]]) -> None:
    """One below the other: what a narrow terminal can show without cutting words."""
    for row in rows:
        first, *others = row.items()
        console.print(Text(_cell(first[1]), style="bold"))
        for name, value in others:
            told = _cell(value)
            if told:
                start = "\n" if isinstance(value, list) else " "
                console.print(Padding(Text(f"{name}:{start}{told}"), (0, 0, 0, 4)))


def _policies() -> list[dict[str, Any]]:
    """Every policy with its family, parameters with ranges, and its first sentence."""
    rows = []
    for family in FAMILIES:
        for name in registry.names(family):
            policy = registry.find(family, name)
            params = [
                {"name": one.key, "allowed": one.allowed, "default": _default(one.default)}
                for one in fields(policy.Params)
                if one.key != "name"
            ]
            sentence = (inspect.getdoc(policy) or "").partition("\n")[0]
            rows.append(
                {"name": name, "family": family, "what it does": sentence, "parameters": params}
            )
    return rows


def _scenarios() -> list[dict[str, Any]]:
    from scenarios.find import find_scenario, shipped_names
    from scenarios.loading import load_toml
    from scenarios.schema import Scenario

    rows = []
    for name in shipped_names():
        scenario = load_toml(find_scenario(name), Scenario)
        rows.append({"name": name, "days": scenario.days, "title": scenario.title})
    return rows


def _studies() -> list[dict[str, Any]]:
    from experiments.studies.loading import find_study, shipped_names
    from experiments.studies.schema import Study
    from scenarios.loading import load_toml

    rows = []
    for name in shipped_names():
        study = load_toml(find_study(name), Study)
        rows.append(
            {
                "name": name,
                "scenario": study.scenario,
                "design": study.method,
                "varies": ", ".join(one.key for one in study.factors),
                "question": study.question,
            }
        )
    return rows


def _calibrations() -> list[dict[str, Any]]:
    from experiments.calibration.loading import load_calibration, shipped_names

    rows = []
    for name in shipped_names():
        loaded = load_calibration(name)
        rows.append(
            {
                "name": name,
                "scenario": loaded.base.name,
                "method": loaded.calibration.method,
                "parameters": ", ".join(one.key for one in loaded.calibration.parameters),
                "targets": ", ".join(one.name for one in loaded.targets),
                "title": loaded.calibration.title,
            }
        )
    return rows


def _indicators() -> list[dict[str, Any]]:
    from sim.health import INDICATORS

    return [
        {
            "name": one.name,
            "dimension": one.dimension,
            "unit": one.unit,
            "better": one.better,
            "formula": one.formula,
            "source": one.source,
        }
        for one in INDICATORS
    ]


def _settings() -> list[dict[str, Any]]:
    from scenarios.schema import Scenario

    return [
        {
            "key": one.key,
            "when": one.when,
            "allowed": one.allowed,
            "default": _default(one.default),
            "what it is": one.description,
        }
        for one in fields(Scenario)
    ]


def _replications() -> list[dict[str, Any]]:
    from experiments.replications.register import MODULES, find_replication

    return [
        {
            "name": one.name,
            "what it reproduces": one.title,
            "scenario": one.scenario,
            "replications": one.replications or "none: exact",
            "source": one.source,
        }
        for one in map(find_replication, MODULES)
    ]


def _default(value: Any) -> Any:
    if value is REQUIRED:
        return "must be given"
    if isinstance(value, (bool, int, float, str)) or value is None:
        return value
    return str(value)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(
            f"{one['name']}: {one['allowed']} (default {one['default']})" for one in value
        )
    return "" if value is None else str(value)
