"""Forecasts of demand: how far off they are, and how often stock at their quantile lasts.

python -m benchmarks.demand
python -m benchmarks.demand --data market

"journey": the 2,000 products in most baskets of The Complete Journey (extra `data`); "market": the
listings of 112 days of a market. The units of the next 7 and 14 days, from four days apart by these
periods, with all days before. "last period" is the naive forecast, "past periods" the mean and the
quantiles of up to sixteen of them. mase: absolute error over that of the naive forecast in the
past; pinball: loss of the quantiles .5 and .95; lasts: share of items whose demand the .95 quantile
covers.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.journey import best_selling, read_journey
from benchmarks.market_log import lived
from benchmarks.measuring import report_tables
from models.array_checks import FloatArray, IdArray
from models.demand import (
    METHODS,
    demand_quantile,
    forecast_demand,
    mean_absolute_scaled_error,
    pinball_loss,
)

HORIZONS, ORIGINS, SMOOTHING = (7, 14), 4, 0.05
PRODUCTS, PAST_PERIODS, LEVEL = 2000, 16, 0.95

Quantile = Callable[[float], FloatArray]


@dataclass(frozen=True, slots=True)
class Sales:
    """What was sold. D days, L items."""

    units: FloatArray  # (D, L)
    category: IdArray  # (L,)


def journey_sales() -> Sales:
    """Units of the products that sell most."""
    journey = read_journey()
    number = best_selling(journey, PRODUCTS, journey.days)
    item = number[journey.product]
    known = item >= 0
    units = np.zeros((journey.days, PRODUCTS))
    np.add.at(units, (journey.day[known], item[known]), journey.quantity[known])
    category = np.unique(journey.category[number >= 0], return_inverse=True)[1]
    return Sales(units, category)


def market_sales(days: int = 112) -> Sales:
    """Units of a market's listings."""
    market = lived(days)
    log = market.log
    units = np.zeros((days, market.listings))
    np.add.at(units, (log.day[log.bought], log.listing[log.bought]), 1.0)
    return Sales(units, market.category)


DATA: dict[str, Callable[[], Sales]] = {"journey": journey_sales, "market": market_sales}


def forecasts(
    past: FloatArray, horizon: int, category: IdArray
) -> Iterator[tuple[str, FloatArray, Quantile]]:
    """The name, the mean and the quantiles of what is sold within the horizon by each method."""
    periods = _periods(past, horizon)
    latest = periods[-PAST_PERIODS:]
    yield "last period", periods[-1], lambda _: periods[-1]
    yield "past periods", latest.mean(axis=0), lambda level: np.quantile(latest, level, axis=0)
    for method in METHODS:
        found = forecast_demand(past, method, smoothing=SMOOTHING, group=category)
        yield (
            method,
            found.mean * horizon,
            lambda level, found=found: demand_quantile(found, level, horizon).astype(np.float64),
        )


def rows(sales: Sales) -> Iterator[dict[str, Any]]:
    """A row a horizon and method, over all days from which it is forecast."""
    days = len(sales.units)
    for horizon in HORIZONS:
        measured: dict[str, list[tuple[float, ...]]] = {}
        for origin in range(days - ORIGINS * horizon, days - horizon + 1, horizon):
            past, coming = sales.units[:origin], sales.units[origin : origin + horizon].sum(axis=0)
            scale = _periods(past, horizon)
            for method, mean, quantile in forecasts(past, horizon, sales.category):
                high = quantile(LEVEL)
                measured.setdefault(method, []).append(
                    (
                        mean_absolute_scaled_error(mean, coming, scale),
                        float(np.sqrt(((mean - coming) ** 2).mean())),
                        pinball_loss(quantile(0.5), coming, 0.5),
                        pinball_loss(high, coming, LEVEL),
                        float((coming <= high).mean()),
                        float(high.mean()),
                    )
                )
        for method, found in measured.items():
            names = ("mase", "rmse", "pinball_50", "pinball_95", "lasts", "units_at_95")
            told = dict(zip(names, np.mean(found, axis=0).round(3).tolist(), strict=True))
            yield {"days": horizon, "method": method, **told}


def _periods(units: FloatArray, horizon: int) -> FloatArray:
    """(P, L) units of whole periods, the last ending with the last day."""
    first = len(units) % horizon
    whole: FloatArray = units[first:].reshape(-1, horizon, units.shape[1]).sum(axis=1)
    return whole


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", nargs="+", choices=list(DATA), default=list(DATA))
    parser.add_argument("--json", type=Path, help="file for the result")
    arguments = parser.parse_args()
    result: dict[str, Any] = {"benchmark": "demand"}
    for name in arguments.data:
        result[name] = list(rows(DATA[name]()))
    report_tables(result, arguments.json)


if __name__ == "__main__":
    main()
