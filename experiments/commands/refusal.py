"""How a command ends early: in plain words on stderr, and with the exit code that says why."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec

from policies.plugin_errors import PolicyFailedError
from policies.registry import PolicyError
from scenarios.errors import ScenarioError

P = ParamSpec("P")

FAILED, USAGE, INTERRUPTED = 1, 2, 130


def refuses(command: Callable[P, int]) -> Callable[P, int]:
    """Turn errors that the user can mend into a message and exit code 2.

    A user's own policy that fails during a run gives 1, Ctrl-C 130.
    """

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> int:
        try:
            return command(*args, **kwargs)
        except KeyboardInterrupt as pressed:
            sys.stderr.write(f"{str(pressed) or 'interrupted'}\n")
            return INTERRUPTED
        except PolicyFailedError as error:
            sys.stderr.write(f"{error}\n")
            return FAILED
        except (ScenarioError, PolicyError, ValueError, OSError) as error:
            if not is_users(error):
                raise
            sys.stderr.write(f"{_said(error)}\n")
            return USAGE

    return wrapped


def _said(error: Exception) -> str:
    """An error without the number that the operating system has for it."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror[:1].lower()}{error.strerror[1:]}"
    return str(error)


def is_users(error: Exception) -> bool:
    """Whether an error is about what the user gave, and not a defect of ours."""
    if isinstance(error, (ScenarioError, PolicyError, OSError)):
        return True
    module = type(error).__module__
    return module.partition(".")[0] in {
        "sim",
        "scenarios",
        "experiments",
        "policies",
        "models",
    }
