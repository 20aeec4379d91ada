"""`weal report`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from experiments.commands.refusal import refuses
from experiments.reporting import write_report
from policies.registry import load_plugin


@refuses
def report_command(folder: Path, plugins: list[Path], *, as_json: bool) -> int:
    """Rebuild a run's report; plug-ins are those that the run was made with."""
    for plugin in plugins:
        load_plugin(plugin)
    report = write_report(folder)
    sys.stdout.write(json.dumps({"report": str(report)}) + "\n" if as_json else f"{report}\n")
    return 0
