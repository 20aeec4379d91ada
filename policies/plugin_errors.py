"""Errors in a user's own policy, told with its file, line and name instead of a long traceback."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from policies.registry import PolicyError, plugged


class PolicyFailedError(PolicyError):
    """A plug-in's policy that raised an error, or answered what its family does not allow."""


@contextmanager
def told_of_plugins() -> Iterator[None]:
    """Turn errors that a plug-in is to blame for into `PolicyFailedError`; others pass.

    Leaving Python altogether (`sys.exit`) is such an error too; Ctrl-C is not.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        told = blame(error)
        if told is None:
            raise
        raise told from error


def blame(error: BaseException) -> PolicyFailedError | None:
    """What to tell of an error that a plug-in is to blame for; None where it is not.

    A plug-in is to blame for an error that passed through its file, and for an answer of its that
    was refused with the words `FAMILY policy 'NAME'`.
    """
    if isinstance(error, PolicyFailedError):
        return error
    files = {inspect.getfile(policy) for policy in plugged().values()}
    frames = [
        (frame, line)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename in files
    ]
    if frames:
        return PolicyFailedError(_told(error, *frames[-1], policy=_policy_of(frames)))
    for (family, name), policy in plugged().items():
        if isinstance(error, ValueError) and f"{family} policy {name!r}" in str(error):
            return PolicyFailedError(f"{inspect.getfile(policy)}: {error}")
    return None


def _told(error: BaseException, frame: FrameType, line: int, policy: type[Any] | None) -> str:
    file = frame.f_code.co_filename
    who = f"{policy.family} policy {policy.name!r}" if policy is not None else "the plug-in"
    source = traceback.FrameSummary(file, line, frame.f_code.co_name).line
    what = f"{file}:{line}: {who} failed in {frame.f_code.co_name}: {type(error).__name__}"
    what += f": {error}" if str(error) else ""
    return f"{what}\n    {source}" if source else what


def _policy_of(frames: list[tuple[FrameType, int]]) -> type[Any] | None:
    """The policy whose method is the first of the frames that is one's."""
    policies = set(plugged().values())
    for frame, _ in frames:
        owner = type(frame.f_locals.get("self"))
        if owner in policies:
            return owner
    return None
