"""Q-learning from a seller's own sales, a step every few days.

A seller's state is the markup that it asked last and where the prices of the others stand, each on
the same grid of m points; with one rival that is all that Calvano et al. let it remember, with more
the others count by their mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from policies.arrays import FloatArray

LEAST_SHARE = 1e-9
"""Share of buyers that a seller expects at least, so that it can tell their number from sales."""


@dataclass(slots=True)
class Learners:
    """What K sellers have learned so far, m markups each."""

    grid: NDArray[np.float64]  # (K, m) cents over effective cost, ascending
    shape: NDArray[np.float64]  # (K, m) profit a buyer to be expected of each, if others stay
    share: NDArray[np.float64]  # (K, m) share of buyers to be expected at each
    value: NDArray[np.float32]  # (K, m * m, m) learned worth of each action in each state
    known: NDArray[np.bool_]  # (K,) `value` has been started from first sales
    state: NDArray[np.int64]  # (K,)
    action: NDArray[np.int64]  # (K,)
    periods: NDArray[np.int64]  # (K,) decisions taken so far
    decided_on: NDArray[np.int64]  # (K,) day of the latest
    opening_price: NDArray[np.float64]  # (K,) cents
    opening_mean: NDArray[np.float64]  # (K,) cents that others asked on average at that time

    @classmethod
    def new(
        cls,
        grid: NDArray[np.float64],
        shape: NDArray[np.float64],
        share: NDArray[np.float64],
        opening_price: NDArray[np.float64],
        opening_mean: NDArray[np.float64],
    ) -> Learners:
        """Sellers that have learned nothing yet; arguments as of the fields."""
        K, m = grid.shape
        return cls(
            grid=grid,
            shape=shape,
            share=share,
            value=np.zeros((K, m * m, m), dtype=np.float32),
            known=np.zeros(K, dtype=np.bool_),
            state=np.zeros(K, dtype=np.int64),
            action=np.zeros(K, dtype=np.int64),
            periods=np.zeros(K, dtype=np.int64),
            decided_on=np.zeros(K, dtype=np.int64),
            opening_price=opening_price,
            opening_mean=opening_mean,
        )

    def __len__(self) -> int:
        """Number of sellers."""
        return len(self.grid)

    @classmethod
    def all_of(cls, parts: Sequence[Learners]) -> Learners:
        """The sellers of several records in one, in their order."""
        return cls(
            **{
                one.name: np.concatenate([getattr(part, one.name) for part in parts])
                for one in fields(cls)
            }
        )

    def place_of_others(
        self, who: NDArray[np.int64], mean: FloatArray, cost: FloatArray
    ) -> NDArray[np.int64]:
        """(k,) grid point where the others stand: their mean price in terms of a seller's own.

        Args:
            who: (k,) sellers.
            mean: (k,) cents that others ask on average; 0: there are none.
            cost: (k,) cents of effective cost.
        """
        opening = self.opening_mean[who]
        moved = np.divide(mean, opening, out=np.ones(len(who)), where=(opening > 0) & (mean > 0))
        markup = self.opening_price[who] * moved - cost
        low, high, last = self.grid[who, 0], self.grid[who, -1], self.grid.shape[1] - 1
        place = np.rint((markup - low) / np.maximum(high - low, 1.0) * last)
        point: NDArray[np.int64] = np.clip(place, 0, last).astype(np.int64)
        return point

    def start(
        self, who: NDArray[np.int64], units: NDArray[np.float64], period: int, delta: float
    ) -> None:
        """Give sellers first values: what they expect of each action for ever, from first sales.

        Args:
            who: (k,) sellers whose first period is over.
            units: (k,) that they sold in it.
            period: days of it.
            delta: discount factor, in [0, 1).
        """
        # Half a unit more than was sold: who sold nothing does not believe that nobody comes.
        share = np.maximum(self.share[who, self.action[who]], LEAST_SHARE)
        buyers = (units + 0.5) / (share * period)
        first = buyers[:, None] * self.shape[who] / (1.0 - delta)
        self.value[who] = first[:, None, :]
        self.known[who] = True

    def learn(
        self,
        who: NDArray[np.int64],
        profit: NDArray[np.float64],
        others: NDArray[np.int64],
        alpha: float,
        delta: float,
    ) -> None:
        """One step of Q-learning.

        Args:
            who: (k,) sellers.
            profit: (k,) cents a day that their last action earned.
            others: (k,) where the others stand now.
            alpha: learning rate.
            delta: discount factor.
        """
        state, action = self.state[who], self.action[who]
        ahead = self.value[who, action * self.grid.shape[1] + others].max(axis=1)
        old = self.value[who, state, action]
        self.value[who, state, action] = old + alpha * (profit + delta * ahead - old)

    def decide(
        self,
        who: NDArray[np.int64],
        others: NDArray[np.int64],
        luck: FloatArray,
        beta: float,
        day: int,
    ) -> None:
        """Move to the present state and choose: mostly the best action, else any.

        Args:
            who: (k,) sellers.
            others: (k,) where the others stand now.
            luck: (k,) uniform draws in (0, 1).
            beta: decay of exploration a decision.
            day: today.
        """
        m = self.grid.shape[1]
        state = self.action[who] * m + others
        explore = np.exp(-beta * self.periods[who])
        worth = np.where(self.known[who, None], self.value[who, state], self.shape[who])
        # Given that it lies below `explore`, luck / explore is uniform again.
        tried = np.minimum(luck / np.maximum(explore, luck) * m, m - 1).astype(np.int64)
        self.action[who] = np.where(luck < explore, tried, worth.argmax(axis=1))
        self.state[who] = state
        self.periods[who] += 1
        self.decided_on[who] = day
