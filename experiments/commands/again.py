"""What a command that was cut short tells the user to do."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def go_on_with() -> str:
    """What to say after Ctrl-C of a command that goes on where it was when it is given again."""
    return f"interrupted; go on with: {shlex.join(['weal', *sys.argv[1:]])}"


@contextmanager
def told_to_go_on() -> Iterator[None]:
    """Let Ctrl-C say that the same command goes on.

    Raises:
        KeyboardInterrupt: with that message, if it was pressed.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt(go_on_with()) from None
