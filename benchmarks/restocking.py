"""Restocking: empty shelves against what stands on the others, by recent sales and by forecasts.

python -m benchmarks.restocking

Each row: the mean over three markets (`tiny` without events and misconduct, merchants with money)
of days 15 to 44, all under the same luck.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import report_tables
from experiments.running import resolve
from scenarios.build import build
from sim.health import find

SETTINGS = (
    "events=[]",
    "merchants.stock_minimum=1",
    "merchants.capital_days=3650.0",
    "merchants.misconduct={}",
    "policies.dispatch.decide_every=15.0",
)
SEEDS, DAYS, WARM = (1, 2, 3), 45, 15
MEASURED = ("stock_out_share", "stock_value")

RULES = (
    *(("recent_sales", 0.95, cover) for cover in (7, 10, 14, 21)),
    *((method, 0.9, cover) for method in ("hierarchical", "tsb") for cover in (3, 7)),
    *(("hierarchical", level, 7) for level in (0.8, 0.95)),
)
"""Methods, service levels and days of cover."""


def rows() -> Iterator[dict[str, Any]]:
    """A row a rule."""
    for method, level, cover in RULES:
        chosen = (
            f"merchants.stock_cover_days={cover}",
            f'merchants.restocking={{method = "{method}", service_level = {level}}}',
        )
        found = np.mean([lived(seed, *chosen) for seed in SEEDS], axis=0)
        yield {
            "method": method,
            "service_level": "" if method == "recent_sales" else level,
            "stock_cover_days": cover,
            **{name: round(float(one), 4) for name, one in zip(MEASURED, found[:-1], strict=True)},
            "orders": round(float(found[-1])),
        }


def lived(seed: int, *overrides: str) -> list[float]:
    """What is measured, meaned over days, and the orders of the run."""
    scenario, folder = resolve("tiny", overrides=[*SETTINGS, f"seed={seed}", *overrides])
    market = build(scenario, folder=folder)
    days: list[list[float]] = []
    for day in range(DAYS):
        market.step()
        if day >= WARM:
            days.append([find(name).measure(market) for name in MEASURED])
    return [*np.mean(days, axis=0).tolist(), float(len(market.orders))]


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="file for the result")
    arguments = parser.parse_args()
    report_tables({"benchmark": "restocking", "rules": list(rows())}, arguments.json)


if __name__ == "__main__":
    main()
