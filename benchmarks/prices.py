"""How long a day's price updates and inspections take, in a market that lives its days.

    python -m benchmarks.prices                      # 100,000 listings: under 100 ms a day in all
    python -m benchmarks.prices --profile            # and each strategy and rule by itself

Every pricing strategy is in use, in shares as a real market has them: most merchants go by their
costs or try what sells, a few in a hundred cheat. Every rule is in force and looks at every listing
every day, on a record of 120 days; an emergency holds in one category, campaigns of subsidies run,
and what is found is sanctioned. Timed is, where the market calls it, what setting prices takes,
noting what was done with them, the regulator's inspection with all that follows from it, and the
record of prices at the day's close. Times are the process's own (one thread), medians over days;
the clock's stand beside them.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import ParamSpec
from unittest.mock import patch

import numpy as np

from benchmarks.measuring import peak_megabytes, report
from experiments.running import resolve
from policies import registry
from scenarios.build import build
from sim import inspection
from sim import market as market_module
from sim.market import HISTORY_DAYS, Marketplace
from sim.merchants import phase, pricing
from sim.regulation_records import inspection_observation
from sim.selection import select
from sim.wrongdoing import Deeds

STRATEGIES = {
    "cost_plus": 0.47,
    "adaptive": 0.36,
    "fixed": 0.05,
    "undercutting": 0.04,
    "surge": 0.025,
    "loss_leader": 0.015,
    "best_response": 0.01,
    "q_learning": 0.01,
    "fake_list_price": 0.01,
    "gouging": 0.005,
    "predation": 0.005,
}
"""Share of the merchants that use each strategy; the last three cheat by it."""

MISCONDUCT = {"fake_list_price_share": 0.005, "bait_share": 0.005, "below_cost_share": 0.005}
"""Beside their strategy one in a hundred cheats; of the large ones, some sell below cost."""

SMALL_MOVES = 0.02
"""Standard deviation of a listing's price around its usual one in the past, share of the price."""

EVERY_LISTING = {"price_monitor": {"turns": 1}, "concentration": {"every_days": 1}}
"""Rules that take turns or rest by default look at everything every day here."""


def main() -> None:
    """Measure one market."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listings", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=25, help="days measured")
    parser.add_argument("--warm-up", type=int, default=12, help="days before these")
    parser.add_argument("--profile", action="store_true", help="each part by itself, too")
    parser.add_argument("--json", type=Path, help="file for the result")
    chosen = parser.parse_args()
    market = _market(chosen.listings, chosen.warm_up)
    for _ in range(chosen.warm_up):  # prices settle, old findings are dealt with, kernels compiled
        market.step()
    before = len(market.findings), len(market.sanctions)
    cpu, clock = _measured(market, chosen.days)
    whole, by_the_clock = _whole_days(cpu), _whole_days(clock)
    findings, sanctions = len(market.findings) - before[0], len(market.sanctions) - before[1]
    profile = _profile(market) if chosen.profile else {}
    _keep_to_their_schedules(market)
    as_shipped, _ = _measured(market, chosen.days)
    report(
        {
            "benchmark": "prices",
            "listings": len(market.listings),
            "merchants": len(market.books),
            "days": chosen.days,
            "strategies": sorted(market.policies.merchant_pricing),
            "rules": sorted(market.policies.rules),
            "orders_a_day": round(len(market.orders) / (2 * chosen.days + chosen.warm_up)),
            "findings_a_day": round(findings / chosen.days, 1),
            "sanctions_a_day": round(sanctions / chosen.days, 1),
            "milliseconds_a_day": _median(whole),
            "milliseconds_slowest_day": _milliseconds(max(whole)),
            "milliseconds_a_day_by_the_clock": _median(by_the_clock),
            **{f"milliseconds_{part}": _median(days) for part, days in cpu.items()},
            "milliseconds_a_day_as_shipped": _median(_whole_days(as_shipped)),
            **profile,
            "peak_megabytes": round(peak_megabytes()),
        },
        chosen.json,
    )


def _measured(
    market: Marketplace, days: int
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Seconds of processor time, and by the clock, of each part on each of so many days."""
    with _timed_parts() as parts:
        for _ in range(days):
            market.step()
    return (
        {part: [one[0] for one in days_of] for part, days_of in parts.items()},
        {part: [one[1] for one in days_of] for part, days_of in parts.items()},
    )


def _whole_days(parts: dict[str, list[float]]) -> list[float]:
    return [sum(day) for day in zip(*parts.values(), strict=True)]


def _keep_to_their_schedules(market: Marketplace) -> None:
    """Let the rules that were made to look at everything every day take turns, as by default."""
    for name in EVERY_LISTING:
        rule = market.policies.rules[name]
        rule.params = type(rule).Params(name=name)


Times = dict[str, list[tuple[float, float]]]
"""Seconds of processor time and by the clock, by part and day."""

P = ParamSpec("P")


@contextmanager
def _timed_parts() -> Iterator[Times]:
    """Time the parts that are measured where the market calls them."""
    times: Times = defaultdict(list)

    def timed(part: str, work: Callable[P, None]) -> Callable[P, None]:
        def does(*args: P.args, **kwargs: P.kwargs) -> None:
            cpu, clock = time.process_time(), time.perf_counter()
            work(*args, **kwargs)
            times[part].append((time.process_time() - cpu, time.perf_counter() - clock))

        return does

    phases = tuple(
        (name, timed("inspections", does) if does is inspection.inspect else does)
        for name, does in market_module.PHASES
    )
    records = timed("records", Marketplace.remember_prices)
    with (
        patch.object(phase, "set_prices", timed("prices", pricing.set_prices)),
        patch.object(Deeds, "note", timed("deeds", Deeds.note)),
        patch.object(Marketplace, "remember_prices", records),
        patch.object(market_module, "PHASES", phases),
    ):
        yield times


def _milliseconds(seconds: float) -> float:
    return round(1000.0 * seconds, 1)


def _median(seconds: list[float]) -> float:
    return _milliseconds(statistics.median(seconds))


def _market(listings: int, warm_up: int) -> Marketplace:
    """A market of so many listings with a past of the whole memory; days until the emergency."""
    unmeasured = {*registry.names("merchant_pricing")} - {*STRATEGIES}
    if unmeasured:
        raise SystemExit(f"no share of merchants uses {', '.join(sorted(unmeasured))}")
    shares = ", ".join(f"{name} = {share}" for name, share in STRATEGIES.items())
    rules = registry.names("rule")
    overrides = (
        "roads.network=grid",
        f"commerce.generated.listings={listings}",
        f"commerce.generated.merchants={max(listings // 10, 1)}",
        "commerce.generated.categories=24",
        "commerce.population.visits_per_day=0.05",
        "commerce.population.lines_per_visit=1.0",
        f"consumers.count={2 * listings}",
        "couriers.count=0",
        "policies.recommendation.name=popularity",
        "policies.privacy.name=keep_all",
        f"merchants.strategies={{{shares}}}",
        *(f"merchants.misconduct.{key}={share}" for key, share in MISCONDUCT.items()),
        f"policies.rules={{{', '.join(f'{name} = {{}}' for name in rules)}}}",
        *(
            f"policies.rules.{name}.{key}={value}"
            for name, params in EVERY_LISTING.items()
            for key, value in params.items()
        ),
        f"days={HISTORY_DAYS + 200}",
    )
    scenario, folder = resolve("baseline", overrides=overrides)
    first = build(scenario, folder=folder).category_names[0]
    emergency = (
        f'events=[{{kind = "emergency", day = {HISTORY_DAYS + warm_up}, category = "{first}"}}]'
    )
    scenario, folder = resolve("baseline", overrides=(*overrides, emergency))
    market = build(scenario, folder=folder)
    rng = np.random.default_rng(1)
    for _ in range(HISTORY_DAYS):
        _live_quietly(market, rng)
    market.listings.price[:] = market.initial_price
    return market


def _live_quietly(market: Marketplace, rng: np.random.Generator) -> None:
    """A day of the past: prices near those of the start, sales at the rate of the founding."""
    listings = market.listings
    usual = market.initial_price
    moved = usual * np.exp(rng.normal(0.0, SMALL_MOVES, len(listings)))
    listings.price[:] = np.maximum(np.rint(moved), 1)
    listings.advertised = listings.price.copy()
    listings.list_price = listings.price.copy()
    market.remember_prices(rng.poisson(market.founding_sales))
    market.cost_index.update(listings)
    market.day += 1


def _profile(market: Marketplace) -> dict[str, float]:
    """Milliseconds of the record that is opened for inspections, of each rule and strategy."""
    rows = select(market, np.empty(0, dtype=np.int64)).listings
    nothing = np.empty(0, dtype=np.int64)
    observation = inspection_observation(market, rows, nothing)
    work: dict[str, Callable[[], object]] = {
        "milliseconds_observation": lambda: inspection_observation(market, rows, nothing)
    }
    for name, rule in market.policies.rules.items():
        work[f"milliseconds_rule_{name}"] = partial(rule.inspect, observation)
    return {name: _median([_seconds(one) for _ in range(5)]) for name, one in work.items()}


def _seconds(work: Callable[[], object]) -> float:
    """Seconds of processor time of one thread: what else the machine does is not counted."""
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    main()
