"""The pricing game among the sellers of a category: its price grids, profits and benchmarks.

Demand is logit, `q_i = exp((a_i - p_i) / mu) / (sum_j exp((a_j - p_j) / mu) + O)`, j over the
sellers that a buyer is shown and O all else that she could choose. A seller with several listings
of the category asks one markup over effective cost for all of them, as it should under logit, and
then counts as one seller of worth `log sum exp((a - c) / mu)`.

Source: Anderson, de Palma & Thisse (1992), "Discrete Choice Theory of Product Differentiation",
ch. 7; grid, first values and benchmarks: Calvano et al. (2020), American Economic Review 110(10);
sellers shown by a platform: Johnson, Rhodes & Wildenbeest (2023), Econometrica 91(5).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from policies.observations import Prominence

NARROWEST = 0.2
"""Least distance in scales (mu) between competitive and monopoly markup that a grid spans, so that
a seller without rivals, whose two markups are the same, has something to try as well."""


@dataclass(frozen=True, slots=True)
class Sellers:
    """Who plays, n sellers. Money in cents."""

    worth: NDArray[np.float64]  # (n,) logit units: value less effective cost, over scale
    cost: NDArray[np.float64]  # (n,) effective cost of a unit
    margin: NDArray[np.float64]  # (n,) share of its markup that a seller keeps: 1 - commission
    scale: float  # mu of the logit
    rest: float  # sum of exp(utility) over what is sold by others, and buying nothing
    alone: float  # the same without what is sold by others of the category


def competitive_markup(worth: NDArray[np.float64], rest: float) -> NDArray[np.float64]:
    """Nash markups: every seller's `1 / (1 - q_i)`, in scales.

    Args:
        worth: (n,) value less effective cost, over scale.
        rest: attraction of all else, > 0.

    Returns:
        (n,) markups over scale. Found by best responses, which are contractions under logit
        demand; each is exact: `1 + W(exp(worth - 1) / others)`, W Lambert's function.
    """
    markup = 1.0 + _lambert(worth - 1.0 - np.log(rest))
    for _ in range(100_000):
        attraction = np.exp(worth - markup)
        others = rest + attraction.sum() - attraction
        answer = 1.0 + _lambert(worth - 1.0 - np.log(others))
        if np.abs(answer - markup).max() < 1e-13:
            return answer
        markup = answer
    return markup


def joint_markup(worth: NDArray[np.float64], alone: float) -> float:
    """The one markup, in scales, that brings all sellers together most.

    Args:
        worth: (n,) value less effective cost, over scale.
        alone: attraction of what a buyer could choose instead of them all, > 0.
    """
    return float(1.0 + _lambert(np.asarray(np.logaddexp.reduce(worth) - 1.0 - np.log(alone))))


def _lambert(log_of_argument: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lambert's W of exp(x), without the overflow of exp."""
    from scipy.special import wrightomega

    result: NDArray[np.float64] = np.asarray(wrightomega(log_of_argument), dtype=np.float64)
    return result


def markup_grid(sellers: Sellers, points: int, margin: float) -> NDArray[np.float64]:
    """Markups that each seller may ask: equal steps about the competitive and the joint markup.

    Args:
        sellers: n sellers.
        points: m, number of markups, >= 2.
        margin: xi; how far the grid goes beyond either markup, share of the distance of the two.

    Returns:
        (n, m) cents over effective cost, ascending, such that cost plus markup is whole cents > 0.
    """
    low = competitive_markup(sellers.worth, sellers.rest)
    high = np.full_like(low, joint_markup(sellers.worth, sellers.alone))
    width = np.maximum(high - low, NARROWEST)
    steps = np.linspace(-margin, 1.0 + margin, points)
    markup = sellers.scale * (low[:, None] + width[:, None] * steps)
    price = np.maximum(np.rint(sellers.cost[:, None] + markup), 1.0)
    return price - sellers.cost[:, None]


@dataclass(frozen=True, slots=True)
class Game:
    """Sellers, the prices that each may ask, and whom the platform shows. n sellers, m prices.

    A *node* is what sellers remember of the last period: the profile of their actions, numbered
    `sum of action_i * m**i`; where one can keep its place, `profile * n + who holds it`.
    """

    sellers: Sellers
    price: NDArray[np.int64]  # (n, m) cents, ascending
    attraction: NDArray[np.float64]  # (n, m) exp(utility) at each price
    gain: NDArray[np.float64]  # (n, m) cents kept a unit, times attraction
    prominence: Prominence

    @classmethod
    def of(cls, sellers: Sellers, grid: NDArray[np.float64], prominence: Prominence) -> Game:
        """The game on a grid of markups, (n, m) in cents."""
        attraction = np.exp(sellers.worth[:, None] - grid / sellers.scale)
        return cls(
            sellers=sellers,
            price=np.rint(sellers.cost[:, None] + grid).astype(np.int64),
            attraction=attraction,
            gain=sellers.margin[:, None] * grid * attraction,
            prominence=prominence,
        )

    @property
    def places(self) -> int:
        """How many sellers are shown."""
        n = len(self.price)
        return min(self.prominence.shown or n, n)

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        n, m = self.price.shape
        nodes: int = m**n * (n if self.prominence.keeps else 1)
        return nodes

    def first_values(self, delta: float) -> NDArray[np.float64]:
        """What an action is worth for ever if the others choose at random: Calvano's Q0.

        Args:
            delta: discount factor, in [0, 1).

        Returns:
            (n, m) cents a buyer. Where not all sellers are shown, a place counts as given to the
            cheapest, equals by chance.
        """
        n, m = self.price.shape
        action = np.arange(m**n)[:, None] // m ** np.arange(n) % m
        profit = self._expected_profit(action)
        first = np.empty((n, m))
        for i in range(n):
            first[i] = np.bincount(action[:, i], profit[:, i], minlength=m)
        first /= (1.0 - delta) * m ** (n - 1)
        return first

    def _expected_profit(self, action: NDArray[np.int64]) -> NDArray[np.float64]:
        """(profiles, n) cents a buyer, expected over the chances of equally cheap sellers."""
        n, seller = len(self.price), np.arange(len(self.price))
        attraction, gain = self.attraction[seller, action], self.gain[seller, action]
        places = 1 if self.prominence.keeps else self.places
        asked = self.price[seller, action]
        last = np.sort(asked, axis=1)[:, places - 1, None]
        expected, ways = np.zeros(gain.shape), np.zeros((len(gain), 1))
        for shown in combinations(range(n), places):
            visible = np.isin(seller, shown)
            possible = np.where(visible, asked <= last, asked >= last).all(axis=1, keepdims=True)
            total = self.sellers.rest + attraction[:, visible].sum(axis=1, keepdims=True)
            expected += np.where(possible & visible, gain / total, 0.0)
            ways += possible
        expected /= ways
        return expected
