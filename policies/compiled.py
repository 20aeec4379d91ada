"""Kernels that are compiled when they are first called.

Checking a scenario loads every policy that it names, and must answer at once: Numba is imported
where something is computed, not where a policy is read.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from types import FunctionType
from typing import Any


class Kernel:
    """A function that Numba compiles, or finds in its cache, at the first call."""

    def __init__(self, function: Any) -> None:
        self._function: FunctionType = function
        self.__doc__ = function.__doc__

    def __call__(self, *arguments: Any) -> Any:
        """What the function gives for these arguments."""
        return self.dispatcher(*arguments)

    @cached_property
    def dispatcher(self) -> Callable[..., Any]:
        """The function as Numba has it; kernels that it calls are taken along."""
        from numba import njit

        function, scope = self._function, self._function.__globals__
        called = {
            name: scope[name].dispatcher
            for name in function.__code__.co_names
            if isinstance(scope.get(name), Kernel)
        }
        if called:
            doc = function.__doc__
            function = FunctionType(
                function.__code__, {**scope, **called}, function.__name__, function.__defaults__
            )
            function.__doc__ = doc
            function.__qualname__, function.__module__ = (
                self._function.__qualname__,
                self._function.__module__,
            )
        compiled: Callable[..., Any] = njit(cache=True)(function)
        return compiled


def compiled(function: Callable[..., Any]) -> Kernel:
    """Make a kernel of a function; its globals must be constants or other kernels."""
    return Kernel(function)
