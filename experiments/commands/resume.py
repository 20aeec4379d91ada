"""`weal resume`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from experiments.checkpoints.resuming import FinishedError, resumption
from experiments.commands.refusal import refuses
from experiments.commands.run import shown_days, tell
from policies.registry import load_plugin


@refuses
def resume_command(named: Path, plugins: list[Path], out: Path | None, *, as_json: bool) -> int:
    """Go on with a run from its newest checkpoint; returns the exit code."""
    for plugin in plugins:
        load_plugin(plugin)
    try:
        found = resumption(named, plugins, out)
    except FinishedError as error:
        told = json.dumps({"finished": True, "note": str(error)}) if as_json else str(error)
        sys.stdout.write(f"{told}\n")
        return 0
    for note in found.notes:
        sys.stderr.write(f"note: {note}\n")
    day, days = found.checkpoint.about.day, found.scenario.days
    sys.stderr.write(f"{found.checkpoint.path}: going on from day {day} of {days}\n")
    with shown_days(days, day) as show:
        result = found.finish(show)
    can_resume = found.checkpoint.about.every is not None
    return tell(result, found.run, as_json=as_json, can_resume=can_resume)
