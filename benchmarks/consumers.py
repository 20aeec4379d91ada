"""The consumer phase as columns against one Mesa agent a consumer, in one run.

    python -m benchmarks.consumers

Both live the same days: who comes, what they consider, what they choose and pay. The columns do
more (searches, repeat purchases, subsidies, fees, orders and the ledger), the agents less. That
both live the same life is checked: as many come, and of those who come a like share buys.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.market import LARGE
from benchmarks.measuring import peak_megabytes, report
from benchmarks.plain_mesa import PlainMarket
from experiments.running import resolve
from scenarios.build import build
from sim.day import DayRecord
from sim.market import Marketplace
from sim.ranking import rank
from sim.shopping import shop


def main() -> None:
    """Measure both and state the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=100_000, help="consumers of the plain model")
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--json", type=Path, help="file for the result")
    chosen = parser.parse_args()
    scenario, folder = resolve("baseline", overrides=LARGE)
    market = build(scenario, folder=folder)
    for _ in range(2):
        market.step()
    columns = _median(lambda: _columns_day(market), chosen.days)
    few, _ = resolve("baseline", overrides=(*LARGE, f"consumers.count={chosen.agents}"))
    same = build(few, folder=folder)
    for _ in range(2):
        same.step()
    columns_same = _median(lambda: _columns_day(same), chosen.days)
    plain = PlainMarket(same)
    agents = _median(plain.step, chosen.days)
    visits, buyers = len(same.today.visitors), len(same.today.orders)
    life = {
        "visits_a_day_columns": visits,
        "visits_a_day_agents": round(plain.visits / chosen.days),
        "orders_a_visit_columns": round(buyers / visits, 3),
        "orders_a_visit_agents": round(len(plain.sales) / plain.visits, 3),
    }
    if not 0.8 < plain.visits / chosen.days / visits < 1.25:
        raise SystemExit(f"the two do not live the same days: {life}")
    per_consumer = columns / len(market.crowd)
    per_agent = agents / chosen.agents
    report(
        {
            "benchmark": "consumers",
            "columns_consumers": len(market.crowd),
            "columns_seconds_a_day": round(columns, 4),
            "agents_consumers": chosen.agents,
            "agents_seconds_a_day": round(agents, 4),
            "microseconds_a_consumer_columns": round(1e6 * per_consumer, 4),
            "microseconds_a_consumer_agents": round(1e6 * per_agent, 4),
            "columns_seconds_a_day_at_that_size": round(columns_same, 4),
            **life,
            "ratio_a_consumer": round(per_agent / per_consumer, 1),
            "ratio_at_that_size": round(agents / columns_same, 1),
            "peak_megabytes": round(peak_megabytes()),
        },
        chosen.json,
    )


def _columns_day(market: Marketplace) -> None:
    """Arrival, slates, choice and payment, as a day has them."""
    market.today = DayRecord()
    rank(market)
    shop(market)
    market.day += 1


def _median(work: Callable[[], None], times: int) -> float:
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
