"""Q-learning as a pricing strategy: what it does with a morning's view."""

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from records import pricing_view

from policies.merchant_pricing.q_learning import QLearning, RehearsalError
from policies.observations import DemandKnowledge, Prominence

UNIT = 100_000
MU = 0.25
SHORT = {"m": 5, "beta": 2e-3, "patience": 2000, "max_periods": 20_000, "rehearsal": True}


def strategy(**params: Any) -> QLearning:
    return QLearning(QLearning.Params(name="q_learning", **params))


class Market:
    """Sellers of one category under logit demand, `buyers` a day; all use the strategy."""

    def __init__(
        self, policy: QLearning, n: int = 2, buyers: float = 1000.0, **columns: Any
    ) -> None:
        self.policy, self.buyers, self.columns = policy, buyers, columns
        self.value = np.full(n, 2.0)
        self.cost = np.full(n, UNIT)
        self.price = np.full(n, round(1.5 * UNIT))
        self.day = 0
        self.prices, self.units = np.zeros((28, n), int), np.zeros((28, n))
        self.rng = np.random.default_rng(5)

    @property
    def weight(self) -> np.ndarray:
        return np.exp((self.value - self.price / UNIT) / MU)

    def view(self, **given: Any) -> Any:
        n = len(self.price)
        own = np.array([self.price[np.arange(n) != i].mean() if n > 1 else 0 for i in range(n)])
        columns = {
            "day": self.day,
            "category_mean_price": own.astype(int),
            "price_history": self.prices,
            "units_history": self.units,
            "draw": self.rng.random(n),
            "demand": DemandKnowledge(
                value=self.value * UNIT,
                scale=np.full(n, MU * UNIT),
                others=self.weight.sum() - self.weight + 1.0,
            ),
        }
        return pricing_view(self.price, self.cost, **(columns | self.columns | given))

    def live(self, days: int = 1, **given: Any) -> "Market":
        for _ in range(days):
            self.price = np.asarray(self.policy.price(self.view(**given)))
            sold = self.buyers * self.weight / (self.weight.sum() + 1.0)
            self.prices = np.vstack([self.prices[1:], self.price])
            self.units = np.vstack([self.units[1:], sold])
            self.day += 1
        return self


def test_prices_stay_between_competition_and_monopoly_and_their_margin() -> None:
    market = Market(strategy())
    seen = np.array([market.live().price for _ in range(60)]) / UNIT
    assert seen.min() >= 1.4277
    assert seen.max() <= 1.9703
    assert len(np.unique(seen)) == 15


def test_in_trade_it_comes_to_know_what_pays() -> None:
    """Impatient and against a rival who stands still, the best of its prices is a best response."""
    market = Market(strategy(delta=0.0, beta=0.01, alpha=0.3))
    rival = round(1.5 * UNIT)

    def profit(price: float) -> float:
        weight = np.exp((2.0 - price) / MU)
        return float((price - 1.0) * weight / (weight + np.exp(0.5 / MU) + 1.0))

    asked = []
    for _ in range(900):
        market.price[1] = rival
        market.live(category_mean_price=np.array([rival, rival]))
        market.prices[-1, 1], market.price[1] = rival, rival
        sold = market.buyers * market.weight / (market.weight.sum() + 1.0)
        market.units[-1] = sold
        asked.append(market.price[0] / UNIT)
    grid = np.unique(asked)
    best = max(grid, key=profit)
    step = grid[1] - grid[0]
    assert len(grid) == 15
    assert abs(np.median(asked[-100:]) - best) <= step + 1e-9


def test_between_two_decisions_the_price_stands_still() -> None:
    market = Market(strategy(period=7))
    seen = np.array([market.live().price[0] for _ in range(70)])
    changes = np.flatnonzero(np.diff(seen)) + 1
    assert len(changes) > 4
    assert all(day % 7 == 0 for day in changes)


def test_exploration_fades() -> None:
    market = Market(strategy(beta=0.5)).live(40)
    last = np.array([market.live().price for _ in range(12)])
    early = Market(strategy(beta=1e-9))
    wild = np.array([early.live().price for _ in range(12)])
    assert len(np.unique(last[:, 0])) < len(np.unique(wild[:, 0]))


def test_sellers_who_join_later_learn_as_well() -> None:
    market = Market(strategy(m=4, beta=0.5)).live(5)
    view = market.view()
    later = Market(market.policy, n=3)
    later.day, later.price[:2] = 5, market.price
    assert len(market.policy.price(later.view())) == 3
    assert len(market.policy.price(view)) == 2


def test_the_listings_of_a_merchant_carry_one_markup() -> None:
    market = Market(strategy(), n=3, merchant=np.array([0, 0, 1]))
    market.cost = np.array([UNIT, UNIT // 2, UNIT])
    for _ in range(5):
        markup = market.live().price - market.cost
        assert markup[0] == markup[1]


def test_a_dearer_unit_cost_raises_the_price_by_as_much() -> None:
    market = Market(strategy(**SHORT)).live(30)
    before, view = market.price.copy(), market.view(draw=np.full(2, 0.5))
    assert view.price.tolist() == before.tolist()
    market.cost = market.cost + 5_000
    market.price = market.price + 5_000
    ahead = market.policy.price(market.view()) - market.policy.price(view)
    np.testing.assert_array_equal(ahead, 5_000)


def test_rehearsed_sellers_are_greedy_from_the_first_day_on() -> None:
    one, other = Market(strategy(**SHORT)), Market(strategy(**SHORT))
    one.live(), other.live()
    one.rng = np.random.default_rng(99)  # other luck from now on changes nothing
    np.testing.assert_array_equal(one.live(20).prices, other.live(20).prices)
    (rehearsal,) = one.policy.rehearsals()
    assert rehearsal.converged


def test_rehearsed_prices_follow_the_strategies_from_yesterdays_prices() -> None:
    market = Market(strategy(**SHORT)).live(3)
    (rehearsal,) = market.policy.rehearsals()
    grid = np.unique(np.rint(np.linspace(1.42772, 1.97019, 5) * UNIT)).astype(int)
    for deviation in grid:
        market.price = np.array([deviation, grid[3]])
        asked = market.policy.price(market.view())
        node = int(np.abs(grid - deviation).argmin()) + 5 * 3
        np.testing.assert_allclose(asked, grid[rehearsal.greedy[node]], atol=2)


def test_a_rehearsal_reckons_with_steering() -> None:
    def rehearsed(prominence: Prominence) -> np.ndarray:
        market = Market(strategy(**SHORT))
        demand = market.view().demand
        known = DemandKnowledge(demand.value, demand.scale, demand.others, 1.0, prominence)
        market.policy.price(market.view(demand=known, draw=np.full(2, 0.3)))
        return market.policy.rehearsals()[0].value

    free = rehearsed(Prominence())
    one = rehearsed(Prominence(shown=1))
    kept = rehearsed(Prominence(shown=1, keeps=True, tolerance=0.03))
    assert free.shape == one.shape
    assert not np.array_equal(free, one)
    assert len(kept) == 2 * len(free)  # who holds the place is part of the state


def test_the_holder_of_the_place_is_part_of_what_sellers_remember() -> None:
    market = Market(strategy(**SHORT, grid_margin=0.2))
    demand = market.view().demand
    rule = Prominence(shown=1, keeps=True, tolerance=0.03)
    known = DemandKnowledge(demand.value, demand.scale, demand.others, 1.0, rule)
    market.live(demand=known)
    (rehearsal,) = market.policy.rehearsals()
    differ = (rehearsal.greedy[0::2] != rehearsal.greedy[1::2]).any(axis=1)
    assert differ.any()
    node = int(np.flatnonzero(differ)[0])
    grid = np.unique(market.policy._played[0].game.price[0])
    market.price = grid[[node % 5, node // 5]]
    for holder in range(2):
        asked = market.policy.price(market.view(demand=known, shown=np.arange(2) == holder))
        np.testing.assert_array_equal(asked, grid[rehearsal.greedy[2 * node + holder]])


def test_sellers_rehearse_anew_when_one_leaves() -> None:
    market = Market(strategy(**SHORT), n=3).live()
    assert market.policy.rehearsals()[0].greedy.shape == (125, 3)
    left = Market(market.policy, n=2)
    left.day = 1
    market.policy.price(left.view())
    assert market.policy.rehearsals()[0].greedy.shape == (25, 2)


def test_a_table_that_no_memory_holds_is_refused_with_what_to_do() -> None:
    market = Market(strategy(rehearsal=True), n=8)
    with pytest.raises(RehearsalError, match=r"8 sellers with m = 15 .* smaller m"):
        market.live()


def test_several_listings_of_a_seller_cannot_rehearse_under_steering() -> None:
    market = Market(strategy(**SHORT), n=3, merchant=np.array([0, 0, 1]))
    demand = market.view().demand
    known = DemandKnowledge(demand.value, demand.scale, demand.others, 1.0, Prominence(shown=1))
    with pytest.raises(RehearsalError, match="one listing a category"):
        market.live(demand=known)


def test_without_knowledge_of_demand_there_is_no_grid() -> None:
    with pytest.raises(ValueError, match="demand"):
        strategy().price(pricing_view([100], [50]))


@pytest.mark.parametrize(
    "wrong",
    [{"alpha": 0.0}, {"delta": 1.0}, {"beta": -1.0}, {"m": 1}, {"period": 29}, {"patience": 0}],
)
def test_parameters_out_of_range_are_refused(wrong) -> None:
    with pytest.raises(ValidationError):
        QLearning.Params(name="q_learning", **wrong)


def test_an_intervention_on_the_number_of_prices_starts_anew() -> None:
    market = Market(strategy(m=15, beta=1e-9)).live(20)
    market.policy.params = QLearning.Params(name="q_learning", m=2, beta=1e-9)
    seen = np.array([market.live().price[0] for _ in range(30)])
    assert len(np.unique(seen)) == 2


def test_sellers_whose_goods_nobody_wants_still_ask_a_price() -> None:
    market = Market(strategy(m=4))
    market.value = np.array([2.0, -900.0])
    for _ in range(5):
        assert market.live().price.min() >= 1


def test_exploration_that_has_died_out_is_no_trouble() -> None:
    market = Market(strategy(m=4, beta=10.0)).live(120)
    assert len(np.unique(market.prices[-20:, 0])) <= 4
