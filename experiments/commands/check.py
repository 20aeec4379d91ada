"""`weal check`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from experiments.commands.refusal import refuses
from policies.registry import load_plugin
from scenarios.errors import ScenarioError
from scenarios.find import find_scenario
from scenarios.loading import load_toml
from scenarios.schema import LOOKS_INSIDE, STARTS_FROM, Scenario


@refuses
def check_command(
    scenario: str, overrides: list[str], plugins: list[Path], *, as_json: bool
) -> int:
    """Check a scenario; returns 0 if it is fine and 2 if not."""
    try:
        for plugin in plugins:
            load_plugin(plugin)
        path = find_scenario(scenario)
        context = {STARTS_FROM: path.parent, LOOKS_INSIDE: True}
        checked = load_toml(path, Scenario, overrides, context)
    except ScenarioError as error:
        if as_json:
            sys.stdout.write(json.dumps([p.as_dict() for p in error.problems], indent=2) + "\n")
        else:
            sys.stderr.write(f"{error}\n")
        return 2
    for note in checked.notes():
        sys.stderr.write(f"{path}: note: {note}\n")
    if as_json:
        sys.stdout.write("[]\n")
    else:
        sys.stdout.write(f"{path}: fine\n")
    return 0
