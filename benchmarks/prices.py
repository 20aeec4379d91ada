"""How long a day's price updates and inspections take.

    python -m benchmarks.prices                      # 100,000 listings: under 100 ms a day in all
    python -m benchmarks.prices --profile            # and each strategy and rule by itself

Prices are set by all strategies that do not need to know demand, in equal shares. Every rule is in
force and looks at every listing every day, on a record of 120 days in which prices move a little.
Times are the process's own (one thread), medians over days; the clock's stand beside them.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.measuring import peak_megabytes, report
from experiments.running import resolve
from policies import registry
from scenarios.build import build
from sim.day import DayRecord
from sim.inspection import inspect
from sim.market import HISTORY_DAYS, Marketplace
from sim.merchants.pricing import set_prices
from sim.merchants.unit_costs import average_total_cost, average_variable_cost, net_price
from sim.regulation_records import inspection_observation
from sim.selection import select

SMALL_MOVES = 0.02
"""Standard deviation of a listing's price around its usual one, share of the price."""

EVERY_LISTING = {"price_monitor": {"turns": 1}, "concentration": {"every_days": 1}}
"""Rules that take turns or rest by default look at everything every day here."""


def main() -> None:
    """Measure one market."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listings", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=15, help="days measured")
    parser.add_argument("--strategies", help="comma-separated; absent: all that need no demand")
    parser.add_argument("--profile", action="store_true", help="each part by itself, too")
    parser.add_argument("--json", type=Path, help="file for the result")
    chosen = parser.parse_args()
    strategies = chosen.strategies.split(",") if chosen.strategies else _strategies()
    market = _market(chosen.listings, strategies)
    work: dict[str, Callable[[], object]] = {
        "prices": lambda: set_prices(market),
        "inspections": lambda: inspect(market),
        "memory": lambda: _remember(market),
    }
    for _ in range(2):
        _day(market, work)  # compiles kernels
    began = time.perf_counter()
    seconds = [_day(market, work) for _ in range(chosen.days)]
    wall = time.perf_counter() - began
    milliseconds = {
        part: round(1000.0 * statistics.median(day[part] for day in seconds), 1) for part in work
    }
    report(
        {
            "benchmark": "prices",
            "listings": len(market.listings),
            "merchants": len(market.books),
            "days": chosen.days,
            "strategies": strategies,
            "rules": sorted(market.policies.rules),
            "findings_a_day": round(len(market.findings) / (chosen.days + 2), 1),
            "milliseconds_a_day": round(sum(milliseconds.values()), 1),
            "milliseconds_slowest_day": round(1000.0 * max(sum(d.values()) for d in seconds), 1),
            "milliseconds_a_day_by_the_clock": round(1000.0 * wall / chosen.days, 1),
            **{f"milliseconds_{part}": value for part, value in milliseconds.items()},
            **(_profile(market) if chosen.profile else {}),
            "peak_megabytes": round(peak_megabytes()),
        },
        chosen.json,
    )


def _strategies() -> list[str]:
    names = registry.names("merchant_pricing")
    return [one for one in names if not registry.find("merchant_pricing", one).knows_demand]


def _market(listings: int, strategies: list[str]) -> Marketplace:
    """A market of so many listings with a past of the whole memory."""
    shares = ", ".join(f"{name} = {1.0 / len(strategies)!r}" for name in strategies)
    rules = registry.names("rule")
    overrides = (
        "roads.network=grid",
        f"commerce.generated.listings={listings}",
        f"commerce.generated.merchants={max(listings // 10, 1)}",
        "commerce.generated.categories=24",
        "consumers.count=2000",
        "couriers.count=0",
        "policies.recommendation.name=popularity",
        "policies.privacy.name=keep_all",
        f"merchants.strategies={{{shares}}}",
        f"policies.rules={{{', '.join(f'{name} = {{}}' for name in rules)}}}",
        *(
            f"policies.rules.{name}.{key}={value}"
            for name, params in EVERY_LISTING.items()
            for key, value in params.items()
        ),
    )
    scenario, folder = resolve("baseline", overrides=overrides)
    market = build(scenario, folder=folder)
    rng = np.random.default_rng(1)
    for _ in range(HISTORY_DAYS):
        _move_a_little(market, rng)
        _remember(market)
    return market


def _move_a_little(market: Marketplace, rng: np.random.Generator) -> None:
    """Prices of one day of the past, near those of the start; a few units are sold."""
    listings = market.listings
    usual = market.initial_price
    moved = usual * np.exp(rng.normal(0.0, SMALL_MOVES, len(listings)))
    listings.price = np.maximum(np.rint(moved), 1).astype(np.int64)
    listings.advertised = listings.price.copy()
    listings.list_price = listings.price.copy()
    market.units_past.push(rng.poisson(0.2, len(listings)))


def _remember(market: Marketplace) -> None:
    """Move the market's memory of prices on by a day, as its close does."""
    listings = market.listings
    market.advertised_past.push(listings.advertised)
    market.checkout_past.push(listings.price)
    market.announced_past.push(listings.list_price)
    variable, net = average_variable_cost(market), net_price(market)
    market.below_cost_past.push(net < variable)
    market.below_total_cost_past.push(net < average_total_cost(market, variable))
    market.day += 1


def _day(market: Marketplace, work: dict[str, Callable[[], object]]) -> dict[str, float]:
    market.today = DayRecord()
    return {part: _seconds(one) for part, one in work.items()}


def _seconds(work: Callable[[], object]) -> float:
    """Seconds of processor time of one thread: what else the machine does is not counted."""
    began = time.process_time()
    work()
    return time.process_time() - began


def _profile(market: Marketplace) -> dict[str, float]:
    """Milliseconds of the record that is opened for inspections, and of each rule."""
    nothing = np.zeros(0, dtype=np.int64)
    rows = select(market, nothing).listings
    observation = inspection_observation(market, rows, nothing)
    parts: dict[str, Callable[[], object]] = {
        "milliseconds_records": lambda: inspection_observation(market, rows, nothing)
    }
    for name, rule in market.policies.rules.items():
        parts[f"milliseconds_rule_{name}"] = lambda rule=rule: rule.inspect(observation)
    return {
        name: round(1000.0 * statistics.median(_seconds(work) for _ in range(5)), 1)
        for name, work in parts.items()
    }


if __name__ == "__main__":
    main()
