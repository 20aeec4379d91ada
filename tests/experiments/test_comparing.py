"""Comparisons: their intervals are SciPy's, and their table can be read on any terminal."""

import math

import numpy as np
import pandas as pd
import pytest
from rich.cells import cell_len
from scipy import stats

from experiments.commands.compare import SHOWN, print_tables, verdict
from experiments.comparison import paired_interval


def test_intervals_are_those_of_the_paired_t_test() -> None:
    rng = np.random.default_rng(4)
    base = rng.normal(100.0, 20.0, 12)
    other = base + rng.normal(3.0, 2.0, 12)
    mean, low, high, n = paired_interval(base, other)
    interval = stats.ttest_rel(other, base).confidence_interval(0.95)
    assert (mean, n) == (pytest.approx((other - base).mean()), 12)
    assert (low, high) == (pytest.approx(interval.low), pytest.approx(interval.high))


@pytest.mark.parametrize(
    ("low", "high", "better", "said"),
    [
        (0.1, 0.2, "higher", "better"),
        (-0.2, -0.1, "higher", "worse"),
        (-0.2, -0.1, "lower", "better"),
        (0.1, 0.2, "none", "more"),
        (-0.2, -0.1, "none", "less"),
        (-0.1, 0.2, "higher", "unsure"),
        (0.0, 0.0, "higher", ""),
        (math.nan, math.nan, "higher", ""),
    ],
)
def test_a_difference_is_judged_by_its_interval_and_its_direction(
    low: float, high: float, better: str, said: str
) -> None:
    assert verdict(low, high, better) == said


def test_a_table_fits_eighty_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("experiments.commands.compare.WIDTH", 80)
    rows = [
        {
            "scenario": scenario,
            "indicator": name,
            "mean": -123_456.789,
            "difference": 0.0 if scenario == "base" else -1234.5,
            "low": 0.0 if scenario == "base" else -2345.6,
            "high": 0.0 if scenario == "base" else -1.0,
            "n": 5,
        }
        for scenario in ("base", "a_scenario_with_a_very_long_name", "another")
        for name in SHOWN
    ]
    print_tables(pd.DataFrame(rows), 5)
    lines = capsys.readouterr().out.splitlines()
    assert max(cell_len(line) for line in lines) <= 80
    assert sum("trust" in line for line in lines) == 2
