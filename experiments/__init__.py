"""Runs, comparisons, studies, checkpoints, reports and the command line.

From Python: `from experiments import run, compare, sweep, load, resume, branch`; results are
pandas. The functions are imported when they are first asked for, so that `weal --help` answers at
once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.checkpoints.branching import branch
    from experiments.checkpoints.file import load_checkpoint, save_checkpoint
    from experiments.checkpoints.resuming import resume
    from experiments.comparison import compare
    from experiments.running import run
    from experiments.sweeping.driver import sweep
    from experiments.sweeping.loading import load, load_results

__all__ = [
    "branch",
    "compare",
    "load",
    "load_checkpoint",
    "load_results",
    "resume",
    "run",
    "save_checkpoint",
    "sweep",
]

_HOMES = {
    "branch": "experiments.checkpoints.branching",
    "compare": "experiments.comparison",
    "load": "experiments.sweeping.loading",
    "load_checkpoint": "experiments.checkpoints.file",
    "load_results": "experiments.sweeping.loading",
    "resume": "experiments.checkpoints.resuming",
    "run": "experiments.running",
    "save_checkpoint": "experiments.checkpoints.file",
    "sweep": "experiments.sweeping.driver",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
