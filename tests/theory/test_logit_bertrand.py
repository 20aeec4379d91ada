"""Closed forms of logit-Bertrand competition, in the simulator's own market.

One unit of theory is 1000 currency units or 100,000 cents. Source of the figures: Anderson, de
Palma & Thisse (1992), "Discrete Choice Theory of Product Differentiation", ch. 7.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pytest
from scipy.optimize import root

from experiments.running import resolve
from policies.observations import SubsidyObservation, SubsidyOffer
from policies.params import PolicyParams
from scenarios.build import build
from sim.market import Marketplace

UNIT = 100_000  # cents
MU = 0.25
BUYERS = 1_000_000


def settled(*overrides: str, days: int = 40) -> Marketplace:
    """The duopoly's market after its prices have converged."""
    scenario, folder = resolve("duopoly", overrides=overrides)
    market = build(scenario, folder=folder)
    for _ in range(days):
        market.step()
    return market


def firms(values: Sequence[float], costs: Sequence[float], prices: Sequence[float]) -> str:
    """`--set` for a market of the given firms, in units of theory."""
    rows = ", ".join(
        f'{{merchant = "Firm {n}", value = {v * 1000}, unit_cost = {c * 1000}, price = {p * 1000}}}'
        for n, (v, c, p) in enumerate(zip(values, costs, prices, strict=True))
    )
    return f"commerce.written.listings=[{rows}]"


def prices(market: Marketplace) -> np.ndarray:
    return market.listings.price / UNIT


def last_day(market: Marketplace) -> dict[str, np.ndarray]:
    """Quantities a buyer, and profits a buyer in units of theory, by firm."""
    orders = market.orders
    rows = np.flatnonzero(orders["day"] == market.day - 1)
    rows = rows[np.argsort(orders["listing"][rows])]
    share = orders["quantity"][rows] / BUYERS
    received = orders["unit_price"][rows] + orders["seller_subsidy"][rows]
    margin = received - orders["unit_cost"][rows]
    commission = orders["commission"][rows] / orders["quantity"][rows]
    return {"share": share, "profit": (margin - commission) / UNIT * share}


def surplus(market: Marketplace) -> float:
    """Consumer surplus a buyer, in units of theory."""
    return float(market.today.session_surplus.mean()) / UNIT


@pytest.mark.parametrize(
    ("n", "price", "profit", "consumers"),
    [
        (2, 1.472927, 0.222927, 0.715098),
        (3, 1.370163, 0.120163, 0.911111),
        (5, 1.311521, 0.061521, 1.094003),
    ],
)
def test_best_responding_merchants_reach_the_nash_price(n, price, profit, consumers) -> None:
    market = settled(firms([2.0] * n, [1.0] * n, list(np.linspace(1.2, 1.9, n))))
    np.testing.assert_allclose(prices(market), price, atol=1e-4)
    np.testing.assert_allclose(last_day(market)["profit"], profit, atol=1e-4)
    assert surplus(market) == pytest.approx(consumers, abs=1e-4)


def test_unequal_firms_reach_the_prices_of_a_root_finder() -> None:
    a, c = np.array([2.0, 2.3, 1.8]), np.array([1.0, 1.2, 0.7])

    def first_order(p: np.ndarray) -> np.ndarray:
        weight = np.exp((a - p) / MU)
        q = weight / (weight.sum() + 1.0)
        return p - c - MU / (1.0 - q)

    nash = root(first_order, c + MU, tol=1e-12).x
    market = settled(firms(a.tolist(), c.tolist(), [1.5, 1.5, 1.5]), days=60)
    np.testing.assert_allclose(prices(market), nash, atol=1e-4)


def test_where_prices_start_does_not_matter() -> None:
    low = settled(firms([2.0, 2.0], [1.0, 1.0], [1.01, 1.02]))
    high = settled(firms([2.0, 2.0], [1.0, 1.0], [2.9, 2.5]))
    np.testing.assert_allclose(prices(low), prices(high), atol=2e-5)


@pytest.mark.parametrize(
    ("s", "net", "profit", "consumers", "bill"),
    [(0.1, 1.38064, 0.23064, 0.80293, 0.09597), (0.2, 1.28639, 0.23639, 0.89400, 0.19440)],
)
@pytest.mark.parametrize("to_seller", ["true", "false"])
def test_it_does_not_matter_who_gets_the_subsidy(
    s, net, profit, consumers, bill, to_seller
) -> None:
    market = settled(
        'policies.subsidy.name="flat"',
        f"policies.subsidy.amount={s * 1000}",
        f"policies.subsidy.to_seller={to_seller}",
    )
    day = last_day(market)
    asked = prices(market) - (0.0 if to_seller == "true" else s)
    np.testing.assert_allclose(asked, net, atol=2e-5)
    np.testing.assert_allclose(day["profit"], profit, atol=5e-5)
    assert surplus(market) == pytest.approx(consumers, abs=5e-5)
    assert s * day["share"].sum() == pytest.approx(bill, abs=5e-5)
    assert market.today.subsidy_paid / UNIT / BUYERS == pytest.approx(bill, abs=5e-5)


@pytest.mark.parametrize(
    ("tau", "price", "revenue", "consumers"),
    [(0.1, 1.57278, 0.14422, 0.62217), (0.2, 1.69331, 0.29536, 0.51418)],
)
def test_a_commission_raises_prices_as_theory_says(tau, price, revenue, consumers) -> None:
    market = settled(f"platform.commission={tau}")
    np.testing.assert_allclose(prices(market), price, atol=2e-5)
    assert surplus(market) == pytest.approx(consumers, abs=5e-5)
    taken = market.orders["commission"][market.today.orders].sum() / UNIT / BUYERS
    assert taken == pytest.approx(revenue, abs=5e-5)


class WarChest:
    """Subsidises what the first merchant sells, and nobody else's."""

    family: ClassVar[str] = "subsidy"
    name: ClassVar[str] = "war_chest"

    class Params(PolicyParams):
        """How much, in currency units."""

        amount: float = 0.0

    def __init__(self, params: Params) -> None:
        self.params = params

    def offer(self, observation: SubsidyObservation) -> SubsidyOffer:
        first = observation.listings.merchant == 0
        return SubsidyOffer(
            per_unit=np.where(first, round(self.params.amount * 100), 0).astype(np.int64),
            eligible=np.ones(len(observation.sessions.category), dtype=np.bool_),
            to_seller=True,
        )


@pytest.mark.parametrize(
    ("s", "own", "rival", "own_profit", "rival_profit", "consumers"),
    [
        (0.1, 1.4108, 1.4473, 0.2608, 0.1973, 0.7573),
        (0.2, 1.3528, 1.4245, 0.3028, 0.1745, 0.7977),
        (0.5, 1.2038, 1.3723, 0.4538, 0.1223, 0.9059),
    ],
)
def test_a_war_chest_hurts_the_rival_while_consumers_gain(
    monkeypatch, s, own, rival, own_profit, rival_profit, consumers
) -> None:
    from policies import registry

    monkeypatch.setitem(registry._plugged, ("subsidy", "war_chest"), WarChest)
    market = settled('policies.subsidy.name="war_chest"', f"policies.subsidy.amount={s * 1000}")
    np.testing.assert_allclose(prices(market), [own, rival], atol=1e-4)
    np.testing.assert_allclose(last_day(market)["profit"], [own_profit, rival_profit], atol=1e-4)
    assert surplus(market) == pytest.approx(consumers, abs=1e-4)


def test_without_an_outside_option_the_markup_is_that_of_the_textbook() -> None:
    n = 3
    market = settled(
        firms([2.0] * n, [1.0] * n, [1.4] * n), "consumers.choice.outside_utility=-40.0"
    )
    np.testing.assert_allclose(prices(market), 1.0 + MU * n / (n - 1), atol=1e-4)
