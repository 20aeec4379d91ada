"""The consumer phase as columns against one Mesa agent a consumer, in one run.

    python -m benchmarks.consumers

Both live the same days from the same morning: who comes, what they are shown, what they choose and
pay, what is written down. The plain model does all that the columns do (`benchmarks.plain_mesa`).
That both live the same life is checked: as many come, they have as many needs, and of those who
come a like share buys, for a like amount. Seconds are the processor's; neither uses a second core.
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

PER = {"needs": "visits", "orders": "visits", "cents": "orders", "surplus": "visits"}
"""What is compared of the two, and per what."""

ALIKE = 0.06
"""Relative difference up to which both count as living the same life; chance alone makes 0.02."""


def main() -> None:
    """Measure both and state the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=100_000, help="consumers of the plain model")
    parser.add_argument("--days", type=int, default=5)
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
    plain = PlainMarket(same)
    lived: list[dict[str, float]] = []
    columns_same = _median(lambda: lived.append(_columns_day(same)), chosen.days)
    agents = _median(plain.step, chosen.days)
    both = {
        "columns": {name: sum(day[name] for day in lived) for name in lived[0]},
        "agents": {
            "visits": plain.visits,
            "needs": plain.sessions,
            "orders": len(plain.orders),
            "cents": sum(order.unit_price for order in plain.orders),
            "surplus": plain.surplus,
        },
    }
    life = {
        f"{name}_{which}": round(counted[name] / counted[per], 3)
        for name, per in PER.items()
        for which, counted in both.items()
    }
    life |= {f"visits_a_day_{one}": round(both[one]["visits"] / chosen.days) for one in both}
    for name in ("visits", *PER):
        per = PER.get(name)
        one, other = (counted[name] / (counted[per] if per else 1.0) for counted in both.values())
        if not 1.0 - ALIKE < one / other < 1.0 + ALIKE:
            raise SystemExit(f"the two do not live the same days ({name}): {life}")
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


def _columns_day(market: Marketplace) -> dict[str, float]:
    """Arrival, slates, choice and payment, as a day has them; what came of it."""
    market.today = DayRecord()
    rank(market)
    shop(market)
    market.day += 1
    today = market.today
    return {
        "visits": len(today.visitors),
        "needs": len(today.session_consumer),
        "orders": len(today.orders),
        "cents": float(market.orders["unit_price"][today.orders].sum()),
        "surplus": float(today.session_surplus.sum()),
    }


def _median(work: Callable[[], object], times: int) -> float:
    """Processor seconds, the median: other work on the machine hardly changes the ratio then."""
    seconds = []
    for _ in range(times):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
