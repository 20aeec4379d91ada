"""Runs, comparisons, reports and the command line.

From Python: `from experiments import run, compare`; results are pandas. The functions are imported
when they are first asked for, so that `weal --help` answers at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.comparison import compare
    from experiments.running import run

__all__ = ["compare", "run"]


def __getattr__(name: str) -> Any:
    if name == "run":
        from experiments.running import run

        return run
    if name == "compare":
        from experiments.comparison import compare

        return compare
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
