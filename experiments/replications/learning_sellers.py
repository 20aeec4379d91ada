"""Markets of sellers with Q-learning: what they rehearse, and what they then earn in trade.

One unit of theory is 1000 currency units; profits and surplus are a buyer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.replications.logit_market import CURRENCY, UNIT
from experiments.replications.logit_theory import Floats, Logit
from experiments.replications.register import ReplicationError
from experiments.replications.study import Study
from policies.merchant_pricing.q_learning import QLearning
from policies.merchant_pricing.rehearsal import Rehearsal
from scenarios.schema import Scenario
from sim.market import Marketplace

LONGEST = 400
"""Days of trade after which a market whose prices do not repeat is read as it is."""


@dataclass(frozen=True, slots=True)
class Task:
    """One market to run."""

    study: Study
    settings: tuple[str, ...]  # `KEY=VALUE` on top of the scenario
    seed: int  # number of the replication
    days: int | None = None  # of trade; None: until prices repeat


@dataclass(frozen=True, slots=True)
class Traded:
    """What sellers came to. Averages over the days that repeat, or over all after the first."""

    gain: float  # 0 at the profits of competition, 1 at those of a joint monopoly
    price: float  # mean price asked
    surplus: float  # of consumers
    cycle: int  # days after which prices repeat; 0: they did not
    periods: int  # that the rehearsal took
    converged: bool  # no strategy changed any more


def trade(task: Task) -> Traded:
    """Let sellers rehearse and trade; read prices, orders and consumer surplus."""
    scenario, _ = task.study.resolved(*task.settings)
    market = task.study.market(*task.settings, seed=task.seed)
    met: dict[bytes, int] = {}
    surplus: list[float] = []
    asked: list[float] = []
    first, cycle = 1, 0
    for day in range(task.days or LONGEST):
        market.step()
        surplus.append(float(market.today.session_surplus.mean()) / UNIT)
        asked.append(float(market.listings.price.mean()) / UNIT)
        prices = market.listings.price.tobytes()
        if task.days is None and prices in met:
            first, cycle = met[prices] + 1, day - met[prices]
            break
        met[prices] = day
    read = slice(first, market.day)
    rehearsal = _rehearsal(market)
    result = Traded(
        gain=_gain(scenario, _profits(market)[read]),
        price=float(np.mean(asked[read])),
        surplus=float(np.mean(surplus[read])),
        cycle=cycle,
        periods=rehearsal.periods,
        converged=rehearsal.converged,
    )
    market.end()
    return result


def mean(values: Sequence[float]) -> tuple[float, float]:
    """Mean and its standard error."""
    array = np.asarray(values, dtype=np.float64)
    error = float(array.std(ddof=1) / np.sqrt(len(array))) if len(array) > 1 else 0.0
    return float(array.mean()), error


def runs(
    found: Mapping[str, Sequence[Traded]], case: str, columns: Mapping[str, str]
) -> pd.DataFrame:
    """One row a run.

    Args:
        found: the runs of each case.
        case: name of the column of cases, before that of seeds.
        columns: names of the others, and the field of `Traded` that each holds.
    """
    return pd.DataFrame(
        {case: name, "seed": seed}
        | {column: getattr(one, value) for column, value in columns.items()}
        for name, ones in found.items()
        for seed, one in enumerate(ones)
    )


def _rehearsal(market: Marketplace) -> Rehearsal:
    strategy: Any = market.policies.merchant_pricing.get(QLearning.name)
    rehearsals = strategy.rehearsals() if isinstance(strategy, QLearning) else ()
    if len(rehearsals) != 1:
        raise ReplicationError(
            "merchants.strategies and policies.merchant_pricing.q_learning.rehearsal: all "
            "merchants must use q_learning with a rehearsal, in one category of goods"
        )
    return rehearsals[0]


def theory(scenario: Scenario) -> Logit:
    """The logit market that a scenario with a written catalogue is."""
    written = scenario.commerce.written
    if written is None:
        raise ReplicationError("commerce.written: the listings must be written out")
    sensitivity = scenario.commerce.population.price_sensitivity_median
    mu = written.reference_price / sensitivity / CURRENCY
    return Logit(
        a=np.array([one.value for one in written.listings]) / CURRENCY,
        c=np.array([one.unit_cost for one in written.listings]) / CURRENCY,
        mu=mu,
        a0=scenario.consumers.choice.outside_utility * mu,
    )


def _gain(scenario: Scenario, profits: Floats) -> float:
    """Mean profit of sellers between that of competition and that of a joint monopoly."""
    market = theory(scenario)

    def mean_profit(price: Floats) -> float:
        return float(((price - market.c) * market.shares(price)).mean())

    low, high = mean_profit(market.nash()), mean_profit(market.monopoly())
    return (float(profits.mean()) - low) / (high - low)


def _profits(market: Marketplace) -> Floats:
    """(days, merchants) profits a buyer, from the market's orders."""
    buyers = market.settings.consumers.choice.buyers_per_consumer * len(market.crowd)
    orders = market.orders.to_dict()
    profit = np.zeros((market.day, len(market.books)))
    margin = (orders["unit_price"] - orders["unit_cost"]) * orders["quantity"].astype(float)
    margin -= orders["commission"]
    np.add.at(profit, (orders["day"], orders["merchant"]), margin / UNIT / buyers)
    return profit
