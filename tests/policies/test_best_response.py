"""Best responses against closed forms of logit-Bertrand competition, as plain arrays.

One unit of theory is 1000 currency units or 100,000 cents; a = 2, c = 1, mu = .25, a0 = 0 unless a
test says otherwise. Source of the figures: Anderson, de Palma & Thisse (1992), "Discrete Choice
Theory of Product Differentiation", ch. 7.
"""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from records import pricing_view
from scipy.optimize import root
from scipy.special import lambertw

from policies.merchant_pricing.best_response import BestResponse
from policies.observations import DemandKnowledge, PricingView

UNIT = 100_000  # cents
MU = 0.25
BEST = BestResponse(BestResponse.Params(name="best_response"))


class Competition:
    """Firms that answer each other's prices, in units of theory; one product a row."""

    def __init__(
        self,
        value: Sequence[float],
        cost: Sequence[float],
        owner: Sequence[int] | None = None,
        outside: float = 0.0,
        commission: float = 0.0,
        to_buyers: Sequence[float] | float = 0.0,
        to_sellers: Sequence[float] | float = 0.0,
    ) -> None:
        n = len(value)
        self.value, self.cost = np.asarray(value, float), np.asarray(cost, float)
        self.owner = np.arange(n) if owner is None else np.asarray(owner)
        self.alone = np.exp(outside / MU)
        self.commission = commission
        self.to_buyers = np.broadcast_to(np.asarray(to_buyers, float), n)
        self.to_sellers = np.broadcast_to(np.asarray(to_sellers, float), n)
        self.price = self.cost + 0.3

    def settle(self, rounds: int = 80) -> "Competition":
        """All answer at once, round after round."""
        for _ in range(rounds):
            self.price = BEST.price(self.view()) / UNIT
        return self

    def view(self) -> PricingView:
        n = len(self.value)
        weight = np.exp((self.value + self.to_buyers - self.price) / MU)
        own = np.bincount(self.owner, weight)[self.owner]
        cents = np.rint(self.price * UNIT).astype(np.int64)
        return pricing_view(
            cents,
            np.rint(self.cost * UNIT),
            merchant=self.owner,
            commission=np.full(n, self.commission),
            seller_subsidy=np.rint(self.to_sellers * UNIT).astype(np.int64),
            demand=DemandKnowledge(
                value=(self.value + self.to_buyers) * UNIT,
                scale=np.full(n, MU * UNIT),
                others=weight.sum() - own + self.alone,
            ),
        )

    @property
    def net_price(self) -> np.ndarray:
        """What buyers pay less what sellers get on top: comparable whoever is subsidised."""
        return self.price - self.to_buyers

    @property
    def share(self) -> np.ndarray:
        weight = np.exp((self.value - self.net_price) / MU)
        return weight / (weight.sum() + self.alone)

    @property
    def profit(self) -> np.ndarray:
        received = self.price * (1.0 - self.commission) + self.to_sellers
        return (received - self.cost) * self.share

    @property
    def surplus(self) -> float:
        weight = np.exp((self.value - self.net_price) / MU)
        return float(MU * np.log(weight.sum() + self.alone))


def nash(value: np.ndarray, cost: np.ndarray, owner: np.ndarray, outside: float) -> np.ndarray:
    """Equilibrium prices from the first-order conditions: p - c = mu / (1 - Q of the owner)."""

    def gap(price: np.ndarray) -> np.ndarray:
        weight = np.exp((value - price) / MU)
        share = weight / (weight.sum() + np.exp(outside / MU))
        return price - cost - MU / (1.0 - np.bincount(owner, share)[owner])

    solution = root(gap, cost + 2 * MU, tol=1e-10)
    np.testing.assert_allclose(gap(solution.x), 0.0, atol=1e-8)
    return solution.x


@pytest.mark.parametrize(
    ("n", "price", "profit", "surplus"),
    [
        (2, 1.472927, 0.222927, 0.715098),
        (3, 1.370163, 0.120163, 0.911111),
        (5, 1.311521, 0.061521, 1.094003),
    ],
)
def test_equal_firms_reach_the_nash_price(n, price, profit, surplus) -> None:
    market = Competition([2.0] * n, [1.0] * n).settle()
    np.testing.assert_allclose(market.price, price, atol=1e-4)
    np.testing.assert_allclose(market.profit, profit, atol=1e-5)
    assert market.surplus == pytest.approx(surplus, abs=1e-4)


@pytest.mark.parametrize(
    ("n", "price", "profit", "surplus"),
    [
        (2, 1.924981, 0.337490, 0.327078),
        (3, 2.000000, 0.250000, 0.346574),
        (5, 2.097231, 0.169446, 0.369771),
    ],
)
def test_one_owner_of_all_products_asks_the_monopoly_price(n, price, profit, surplus) -> None:
    market = Competition([2.0] * n, [1.0] * n, owner=[0] * n).settle(2)
    np.testing.assert_allclose(market.price, price, atol=1e-5)
    np.testing.assert_allclose(market.profit, profit, atol=1e-5)
    assert market.surplus == pytest.approx(surplus, abs=1e-4)
    closed_form = 1.0 + MU * (1.0 + lambertw(n * np.exp(1.0 / MU - 1.0)).real)
    np.testing.assert_allclose(market.price, closed_form, atol=1e-5)


@given(
    st.lists(
        st.tuples(st.floats(1.2, 3.0), st.floats(0.3, 1.5), st.integers(min_value=0, max_value=2)),
        min_size=1,
        max_size=6,
    ),
    st.floats(-0.5, 1.0),
)
def test_unequal_firms_with_several_products_reach_a_root_finders_prices(firms, outside) -> None:
    value, cost = (np.round([firm[k] for firm in firms], 5) for k in (0, 1))
    owner = np.array([firm[2] for firm in firms])
    market = Competition(value, cost, owner, outside).settle(200)
    np.testing.assert_allclose(market.price, nash(value, cost, owner, outside), atol=1e-4)


@pytest.mark.parametrize("n", [2, 3, 10])
def test_without_an_outside_option_the_markup_is_mu_n_over_n_less_one(n) -> None:
    market = Competition([2.0] * n, [1.0] * n, outside=-8.0).settle(200)
    np.testing.assert_allclose(market.price, 1.0 + MU * n / (n - 1), atol=1e-4)


@pytest.mark.parametrize(
    ("s", "net", "profit", "surplus", "bill"),
    [(0.1, 1.38064, 0.23064, 0.80293, 0.09597), (0.2, 1.28639, 0.23639, 0.89400, 0.19440)],
)
def test_a_subsidy_has_the_same_effect_whoever_gets_it(s, net, profit, surplus, bill) -> None:
    buyers = Competition([2.0] * 2, [1.0] * 2, to_buyers=s).settle()
    sellers = Competition([2.0] * 2, [1.0] * 2, to_sellers=s).settle()
    for market in (buyers, sellers):
        np.testing.assert_allclose(market.net_price, net, atol=2e-5)
        np.testing.assert_allclose(market.profit, profit, atol=2e-5)
        assert market.surplus == pytest.approx(surplus, abs=2e-5)
        assert s * market.share.sum() == pytest.approx(bill, abs=2e-5)


def test_welfare_is_largest_where_the_subsidised_price_equals_cost() -> None:
    def welfare(s: float) -> float:
        market = Competition([2.0] * 2, [1.0] * 2, to_sellers=s).settle()
        return market.surplus + market.profit.sum() - s * market.share.sum()

    assert welfare(0.0) == pytest.approx(1.16095, abs=2e-5)
    best = 0.4955
    assert welfare(best) == pytest.approx(1.17557, abs=2e-5)
    assert welfare(best) > max(welfare(best - 0.05), welfare(best + 0.05))
    at_best = Competition([2.0] * 2, [1.0] * 2, to_sellers=best).settle()
    np.testing.assert_allclose(at_best.net_price, 1.0, atol=2e-4)


@pytest.mark.parametrize("to", ["to_buyers", "to_sellers"])
@pytest.mark.parametrize(
    ("s", "net", "profit", "surplus"),
    [
        (0.1, (1.4108, 1.4473), (0.2608, 0.1973), 0.7573),
        (0.2, (1.3528, 1.4245), (0.3028, 0.1745), 0.7977),
        (0.5, (1.2038, 1.3723), (0.4538, 0.1223), 0.9059),
    ],
)
def test_one_subsidised_firm_gains_and_its_rival_loses(to, s, net, profit, surplus) -> None:
    market = Competition([2.0] * 2, [1.0] * 2, **{to: [s, 0.0]}).settle()
    np.testing.assert_allclose(market.net_price, net, atol=1e-4)
    np.testing.assert_allclose(market.profit, profit, atol=1e-4)
    assert market.surplus == pytest.approx(surplus, abs=1e-4)


@pytest.mark.parametrize(
    ("tau", "price", "revenue", "surplus"),
    [(0.1, 1.57278, 0.14422, 0.62217), (0.2, 1.69331, 0.29536, 0.51418)],
)
def test_an_ad_valorem_commission_raises_prices(tau, price, revenue, surplus) -> None:
    market = Competition([2.0] * 2, [1.0] * 2, commission=tau).settle()
    np.testing.assert_allclose(market.price, price, atol=2e-5)
    assert tau * (market.price * market.share).sum() == pytest.approx(revenue, abs=2e-5)
    assert market.surplus == pytest.approx(surplus, abs=2e-5)


def test_without_knowledge_of_demand_it_says_what_is_missing() -> None:
    from dataclasses import replace

    view = replace(Competition([2.0], [1.0]).view(), demand=None)
    with pytest.raises(ValueError, match="demand"):
        BEST.price(view)
