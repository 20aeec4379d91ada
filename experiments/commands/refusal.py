"""How a command refuses: the user's errors in plain words on stderr, exit code 2."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec

from policies.registry import PolicyError
from scenarios.errors import ScenarioError

P = ParamSpec("P")

USAGE = 2


def refuses(command: Callable[P, int]) -> Callable[P, int]:
    """Turn errors that the user can mend into a message and exit code 2."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> int:
        try:
            return command(*args, **kwargs)
        except (ScenarioError, PolicyError, ValueError, OSError) as error:
            if not is_users(error):
                raise
            sys.stderr.write(f"{error}\n")
            return USAGE

    return wrapped


def is_users(error: Exception) -> bool:
    """Whether an error is about what the user gave, and not a defect of ours."""
    if isinstance(error, (ScenarioError, PolicyError, OSError)):
        return True
    module = type(error).__module__
    return module.partition(".")[0] in {"sim", "scenarios", "experiments", "policies"}
