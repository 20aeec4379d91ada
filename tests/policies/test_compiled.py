"""Kernels that are compiled when they are first called."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from policies.compiled import compiled
from policies.monitoring import relative_prices


@compiled
def _twice(value):  # type: ignore[no-untyped-def]
    """The double."""
    return 2 * value


@compiled
def _sum_of_doubles(values):  # type: ignore[no-untyped-def]
    total = 0
    for value in values:
        total += _twice(value)
    return total


def test_a_kernel_calls_another() -> None:
    assert _sum_of_doubles(np.array([1, 2, 3])) == 12
    assert _twice(4) == 8
    assert _twice.__doc__ == "The double."


def test_a_kernel_is_found_in_the_cache_of_its_file() -> None:
    kernel = relative_prices._medians
    arguments = (np.ones((2, 1), np.int64), np.ones(1, np.int64), np.zeros(1, np.int64),
                 np.ones((3, 1)), np.zeros(1, np.int64), 0, 2)  # fmt: skip
    own, relative, known = kernel(*arguments)
    assert (own[0], relative[0], known[0]) == (1.0, 1.0, 3)
    stats = kernel.dispatcher.stats
    assert sum(stats.cache_hits.values()) + sum(stats.cache_misses.values()) > 0


@pytest.mark.parametrize("rules", ["price_monitor", "concentration", "discount_base"])
def test_checking_a_scenario_with_kernels_loads_no_compiler(rules: str) -> None:
    code = (
        "import sys\n"
        "from experiments.commands.check import check_command\n"
        f"check_command('tiny', ['policies.rules={{{rules} = {{}}}}', "
        "'merchants.strategies={q_learning = 1.0}'], [], as_json=True)\n"
        "sys.exit(int('numba' in sys.modules))\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
