"""What all benchmarks share: the machine, peak memory, and where results go."""

from __future__ import annotations

import json
import os
import platform
import resource
import sys
from pathlib import Path
from typing import Any

import pandas as pd


def peak_megabytes() -> float:
    """Largest memory that this process has held, in megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024.0 if sys.platform != "darwin" else 1024.0**2)


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
    }


def report(result: dict[str, Any], path: Path | None) -> None:
    """Print a result as JSON, and write it where asked."""
    text = json.dumps({**result, **machine()}, indent=2)
    print(text)
    if path is not None:
        path.write_text(text + "\n", encoding="utf-8")


def report_tables(result: dict[str, Any], path: Path | None) -> None:
    """Print a result whose lists are the rows of tables, and write it as JSON where asked."""
    told = {**result, **machine()}
    for name, rows in told.items():
        if isinstance(rows, list):
            print(f"{name}\n{pd.DataFrame(rows).to_string(index=False, na_rep='')}\n")
    print(", ".join(f"{key} {one}" for key, one in told.items() if not isinstance(one, list)))
    if path is not None:
        path.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
