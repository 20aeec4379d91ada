"""Runs, comparisons, studies, reports and the command line.

From Python: `from experiments import run, compare, sweep, load`; results are pandas. The functions
are imported when they are first asked for, so that `weal --help` answers at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.comparison import compare
    from experiments.running import run
    from experiments.sweeping.driver import sweep
    from experiments.sweeping.loading import load, load_results

__all__ = ["compare", "load", "load_results", "run", "sweep"]

_HOMES = {
    "compare": "experiments.comparison",
    "load": "experiments.sweeping.loading",
    "load_results": "experiments.sweeping.loading",
    "run": "experiments.running",
    "sweep": "experiments.sweeping.driver",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
