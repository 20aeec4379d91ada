"""Runs, comparisons, checkpoints, reports and the command line.

From Python: `from experiments import run, compare`; results are pandas. The functions are imported
when they are first asked for, so that `weal --help` answers at once.
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

_WHERE = {
    "branch": "experiments.checkpoints.branching",
    "compare": "experiments.comparison",
    "load_checkpoint": "experiments.checkpoints.file",
    "resume": "experiments.checkpoints.resuming",
    "run": "experiments.running",
    "save_checkpoint": "experiments.checkpoints.file",
}

__all__ = ["branch", "compare", "load_checkpoint", "resume", "run", "save_checkpoint"]


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
