"""`weal check`."""

from __future__ import annotations

import json
import sys
from difflib import get_close_matches
from pathlib import Path

from experiments.calibration import loading as calibrations
from experiments.commands.refusal import refuses
from experiments.studies import loading
from policies.registry import load_plugin
from scenarios import find
from scenarios.errors import Problem, ScenarioError
from scenarios.loading import load_toml, override
from scenarios.schema import LOOKS_INSIDE, STARTS_FROM, Scenario
from scenarios.street_files import note_on_lengths


@refuses
def check_command(name: str, overrides: list[str], plugins: list[Path], *, as_json: bool) -> int:
    """Check a scenario, a study or a calibration; returns 0 if it is fine and 2 if not."""
    try:
        if calibrations.is_calibration(name):
            path, told, notes = _calibration(name, overrides, plugins)
        elif loading.is_study(name):
            path, told, notes = _study(name, overrides, plugins)
        else:
            path, told, notes = _scenario(name, overrides, plugins)
    except ScenarioError as error:
        if as_json:
            sys.stdout.write(json.dumps([p.as_dict() for p in error.problems], indent=2) + "\n")
        else:
            sys.stderr.write(f"{error}\n")
        return 2
    for note in notes:
        sys.stderr.write(f"{path}: note: {note}\n")
    sys.stdout.write("[]\n" if as_json else f"{path}: {told}\n")
    return 0


def _scenario(
    name: str, overrides: list[str], plugins: list[Path]
) -> tuple[Path, str, tuple[str, ...]]:
    for plugin in plugins:
        load_plugin(plugin)
    if not find.is_file_name(name) and name not in find.shipped_names():
        raise ScenarioError([_neither(name)])
    path = find.find_scenario(name)
    context = {STARTS_FROM: path.parent, LOOKS_INSIDE: True}
    scenario = load_toml(path, Scenario, overrides, context)
    return path, "fine", (*scenario.notes(), *note_on_lengths(scenario.roads, path.parent))


def _study(
    name: str, overrides: list[str], plugins: list[Path]
) -> tuple[Path, str, tuple[str, ...]]:
    loaded = loading.load_study(name, overrides=overrides, plugins=plugins)
    override(loaded.base, (), {STARTS_FROM: loaded.folder, LOOKS_INSIDE: True})
    layout = loaded.layout
    if layout.unit is None:
        settings, worlds = len(layout.settings), len(layout.worlds)
        told = f"{counted(settings, 'setting')} in {counted(worlds, 'world')}"
    else:
        told = f"{loaded.study.method} over {counted(len(loaded.study.factors), 'factor')}"
    return (
        loaded.path,
        f"fine: {told}, {counted(len(layout.points), 'point')}",
        (
            *loaded.notes(),
            *note_on_lengths(loaded.base.roads, loaded.folder),
        ),
    )


def _calibration(
    name: str, overrides: list[str], plugins: list[Path]
) -> tuple[Path, str, tuple[str, ...]]:
    loaded = calibrations.load_calibration(name, overrides=overrides, plugins=plugins)
    parameters, targets = len(loaded.calibration.parameters), len(loaded.targets)
    told = f"fine: {counted(parameters, 'parameter')}, {counted(targets, 'target moment')}"
    return loaded.path, told, ()


def counted(number: int, what: str) -> str:
    """A number of things in words: `1 point`, `2 points`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _neither(name: str) -> Problem:
    """What to tell of a name that is neither a scenario's nor a study's."""
    scenarios, studies = find.shipped_names(), loading.shipped_names()
    fitted = calibrations.shipped_names()
    near = get_close_matches(name, (*scenarios, *studies, *fitted), n=1, cutoff=0.5)
    message = (
        f"no such scenario or study; scenarios: {', '.join(scenarios)}; studies: "
        f"{', '.join(studies)}; calibrations: {', '.join(fitted)}; or name a .toml file"
    )
    message += f"; did you mean {near[0]}?" if near else ""
    return Problem(name, message, suggestion=near[0] if near else "")
