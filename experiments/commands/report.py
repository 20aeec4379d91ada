"""`weal report`."""

from __future__ import annotations

import sys
from pathlib import Path

from experiments.commands.refusal import refuses
from experiments.reporting import write_report


@refuses
def report_command(folder: Path) -> int:
    """Rebuild a run's report."""
    sys.stdout.write(f"{write_report(folder)}\n")
    return 0
