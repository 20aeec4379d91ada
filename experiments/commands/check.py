"""`weal check`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from policies.registry import PolicyError, load_plugin
from scenarios.errors import ScenarioError
from scenarios.find import find_scenario
from scenarios.loading import load_toml
from scenarios.schema import STARTS_FROM, Scenario


def check_command(
    scenario: str, overrides: list[str], plugins: list[Path], *, as_json: bool
) -> int:
    """Check a scenario; returns 0 if it is fine and 2 if not."""
    try:
        for plugin in plugins:
            load_plugin(plugin)
        path = find_scenario(scenario)
        load_toml(path, Scenario, overrides, {STARTS_FROM: path.parent})
    except PolicyError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except ScenarioError as error:
        if as_json:
            sys.stdout.write(json.dumps([p.as_dict() for p in error.problems], indent=2) + "\n")
        else:
            sys.stderr.write(f"{error}\n")
        return 2
    if as_json:
        sys.stdout.write("[]\n")
    else:
        sys.stdout.write(f"{path}: fine\n")
    return 0
