"""Kernels that are compiled at their first call."""

import numpy as np

from policies.compiled import compiled


def test_a_kernel_does_what_its_function_does_and_keeps_its_name() -> None:
    def total(values: np.ndarray, factor: int) -> int:
        """Sum and scale."""
        result = 0
        for value in values:
            result += value * factor
        return result

    kernel = compiled(total)
    assert kernel(np.arange(5), 3) == total(np.arange(5), 3) == 30
    assert (kernel.__name__, kernel.__doc__) == ("total", "Sum and scale.")
