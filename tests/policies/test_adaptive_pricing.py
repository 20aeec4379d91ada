"""Adaptive pricing on a known demand, and where it has nothing to learn from."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from records import pricing_view
from scipy.special import lambertw

from policies.merchant_pricing.adaptive import Adaptive

HISTORY = 28


class Shop:
    """Listings that price adaptively day after day against a demand of the test's making."""

    def __init__(self, price, cost, demand, period=1, step=0.02, commission=0.0, seed=1) -> None:
        self.policy = Adaptive(Adaptive.Params(name="adaptive", period=period, step=step))
        self.price = np.asarray(price, dtype=np.int64)
        self.cost, self.demand, self.commission = cost, demand, commission
        self.rng = np.random.default_rng(seed)
        self.prices = np.zeros((HISTORY, len(self.price)), dtype=np.int64)
        self.units = np.zeros((HISTORY, len(self.price)))
        self.asked: list[np.ndarray] = []
        self.day = 0

    def live(self, days: int) -> np.ndarray:
        """(days, n) prices asked."""
        n = len(self.price)
        for _ in range(days):
            view = pricing_view(
                self.price,
                self.cost,
                day=self.day,
                commission=np.full(n, self.commission),
                units_yesterday=self.units[-1],
                price_history=self.prices,
                units_history=self.units,
                draw=self.rng.random(n),
            )
            self.price = self.policy.price(view)
            self.prices = np.vstack([self.prices[1:], self.price])
            self.units = np.vstack([self.units[1:], self.demand(self.price)])
            self.asked.append(self.price)
            self.day += 1
        return np.array(self.asked[-days:])


def test_it_settles_around_the_monopoly_price_of_logit_demand() -> None:
    value, cost, mu = 20_000.0, 10_000, 2_500.0
    monopoly = cost + mu * (1.0 + lambertw(np.exp((value - cost) / mu - 1.0)).real)
    start = np.linspace(10_500, 30_000, 20).astype(np.int64)
    shop = Shop(start, cost, lambda p: 1000.0 / (1.0 + np.exp((p - value) / mu)))
    shop.live(200)
    np.testing.assert_allclose(shop.live(100).mean(axis=0), monopoly, rtol=0.03)


def test_it_settles_around_the_monopoly_price_with_a_slower_step_and_a_commission() -> None:
    # Linear demand 40,000 - p: the best price is half of choke price plus cost after commission.
    best = 0.5 * (40_000 + 9_000 / 0.9)
    shop = Shop([12_000, 24_000, 33_000], 9_000, lambda p: np.maximum(40_000.0 - p, 0) / 100, 7)
    shop.commission = 0.1
    shop.live(700)
    np.testing.assert_allclose(shop.live(300).mean(axis=0), best, rtol=0.05)


def test_prices_that_sell_nothing_do_not_drift() -> None:
    shop = Shop(np.full(2_000, 10_000), 2_000, lambda p: np.zeros(len(p)), period=7, step=0.03)
    last = shop.live(365)[-1]
    assert 0.95 < np.exp(np.log(last / 10_000).mean()) < 1.05


def test_a_cheap_listing_still_moves_by_a_cent() -> None:
    asked = Shop([10, 10, 10], 2, lambda p: np.full(len(p), 5.0), step=0.01).live(5)
    assert (np.abs(np.diff(asked, axis=0)) == 1).all()


def test_listings_step_only_when_their_period_is_over_and_not_all_at_once() -> None:
    asked = Shop(np.full(14, 1000), 100, lambda p: 5000.0 - p, period=7).live(28)
    steps = np.diff(asked, axis=0) != 0
    assert (steps.sum(axis=1) == 2).all()
    assert (steps.sum(axis=0) >= 3).all()


@given(
    st.integers(1, 14),
    st.floats(0.001, 0.5),
    st.floats(0.0, 0.8),
    st.integers(1, 50_000),
    st.integers(0, 2**32 - 1),
)
def test_it_never_asks_less_than_a_unit_costs(period, step, commission, cost, seed) -> None:
    rng = np.random.default_rng(seed)
    shop = Shop(
        rng.integers(1, 60_000, 8),
        cost,
        lambda p: rng.poisson(2.0, len(p)).astype(float),
        period,
        step,
        commission,
        seed,
    )
    assert (shop.live(30) * (1.0 - commission) >= cost - 1e-6).all()
