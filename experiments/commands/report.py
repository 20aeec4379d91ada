"""`weal report`."""

from __future__ import annotations

import sys
from pathlib import Path

from experiments.commands.refusal import refuses
from experiments.reporting import write_report
from policies.registry import load_plugin


@refuses
def report_command(folder: Path, plugins: list[Path]) -> int:
    """Rebuild a run's report; a run with policies of the user's own needs their files again."""
    for plugin in plugins:
        load_plugin(plugin)
    sys.stdout.write(f"{write_report(folder)}\n")
    return 0
