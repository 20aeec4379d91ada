"""Closed forms of price competition under logit demand, to hold the market against.

Demand of firm i is `q_i = exp((a_i - p_i)/mu) / (sum_j exp((a_j - p_j)/mu) + exp(a0/mu))`. Nothing
here knows the simulator; prices and values are in units of theory.

Source: Anderson, de Palma & Thisse (1992), "Discrete Choice Theory of Product Differentiation",
ch. 7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar, root
from scipy.special import lambertw

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Logit:
    """A logit market of n firms with one product each."""

    a: Floats  # (n,) values
    c: Floats  # (n,) unit costs
    mu: float = 0.25  # how far tastes differ, > 0
    a0: float = 0.0  # value of the outside option; -inf: none

    @classmethod
    def symmetric(
        cls, n: int, *, a: float = 2.0, c: float = 1.0, mu: float = 0.25, a0: float = 0.0
    ) -> Logit:
        """A market of n firms alike."""
        return cls(np.full(n, a), np.full(n, c), mu, a0)

    def shares(self, price: Floats) -> Floats:
        """(n,) quantities a buyer at (n,) net prices."""
        weight = np.exp((self.a - price) / self.mu)
        share: Floats = weight / (weight.sum() + np.exp(self.a0 / self.mu))
        return share

    def surplus(self, price: Floats) -> float:
        """Consumer surplus a buyer beyond that of the outside option alone."""
        total = np.exp((self.a - price) / self.mu).sum()
        return float(self.mu * np.log(total + np.exp(self.a0 / self.mu)) - self.a0)

    def nash(self, subsidy: float | Floats = 0.0, commission: float = 0.0) -> Floats:
        """(n,) equilibrium prices that buyers pay.

        Args:
            subsidy: (n,) or for all, a unit sold.
            commission: share of the price that the platform keeps.

        Raises:
            ArithmeticError: if the root finder does not converge.
        """
        cost = (self.c - subsidy) / (1.0 - commission)

        def first_order(price: Floats) -> Floats:
            return price - cost - self.mu / (1.0 - self.shares(price))

        found = root(first_order, cost + 1.5 * self.mu, tol=1e-12)
        price: Floats = found.x
        if np.abs(first_order(price)).max() > 1e-9:
            raise ArithmeticError(f"no equilibrium found: {found.message}")
        return price

    def monopoly(self) -> Floats:
        """(n,) prices of one owner of all products: a common markup, by Lambert's W."""
        inside = np.exp((self.a - self.c - self.a0) / self.mu - 1.0).sum()
        price: Floats = self.c + self.mu * (1.0 + float(np.real(lambertw(inside))))
        return price


def welfare_with_subsidy(market: Logit, subsidy: Floats) -> float:
    """Consumer surplus and profits less what the subsidies cost: the resource cost of net prices.

    Args:
        market: the firms.
        subsidy: (n,) a unit sold.
    """
    price = market.nash(subsidy)
    return market.surplus(price) + float(((price - market.c) * market.shares(price)).sum())


def best_subsidy(market: Logit, given_to: Floats) -> float:
    """The subsidy a unit that makes welfare largest.

    Args:
        market: the firms.
        given_to: (n,) 1.0 for firms that get it, 0.0 for others.
    """
    found = minimize_scalar(
        lambda s: -welfare_with_subsidy(market, s * given_to),
        bounds=(0.0, 1.0),
        method="bounded",
        options={"xatol": 1e-10},
    )
    return float(found.x)


def firms_of_free_entry(mu: float, fixed_cost: float) -> int:
    """Firms that free entry leaves without an outside option: n - 1 <= mu/F, F a firm and buyer."""
    return int(np.floor(1.0 + mu / fixed_cost))


def firms_welfare_wants(mu: float, fixed_cost: float) -> int:
    """Number of firms that makes `mu ln n - n F` largest: variety against the cost of a firm."""
    n = np.arange(1, int(np.ceil(mu / fixed_cost)) + 2)
    return int(n[np.argmax(mu * np.log(n) - n * fixed_cost)])
