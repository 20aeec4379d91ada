"""Kernels that are compiled when they are first called, not when their module is loaded.

A scenario can then be checked, and policies listed, without the compiler.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """`numba.njit` with its cache, put off until the first call; for calls from Python only.

    Args:
        function: what Numba can compile; it calls no other kernel.
    """

    @cache
    def kernel() -> Callable[..., Any]:
        from numba import njit

        made: Callable[..., Any] = njit(cache=True)(function)
        return made

    @wraps(function)
    def call(*arguments: Any) -> Any:
        return kernel()(*arguments)

    return call
