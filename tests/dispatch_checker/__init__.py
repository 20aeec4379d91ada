"""Checks a solution of `weal dispatch` against its instance, from the problem's definition.

It reads nothing but the instance's own files and the solution's files, and shares no code with the
product. `violations` says in words what is wrong; nothing: the solution is feasible, every minute
in it follows from the definition, and every measure follows from its stops.
"""

from pathlib import Path

from tests.dispatch_checker.evaluation import evaluation_violations
from tests.dispatch_checker.meals import meal_violations
from tests.dispatch_checker.vehicles import vehicle_violations

__all__ = ["evaluation_violations", "violations"]


def violations(instance: Path, solution: Path, *, noisy: bool = False) -> list[str]:
    """What is wrong with a solution; noisy: true ready times are not those of the instance."""
    if instance.is_dir():
        return meal_violations(instance, solution, noisy=noisy)
    return vehicle_violations(instance, solution)
