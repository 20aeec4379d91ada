"""A cap on the platform's subsidies, in every form that a regulator may choose."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.observations import RegulationObservation, Ruling
from policies.params import PolicyParams


class Cap:
    """Caps platform subsidies an order, a day and in all.

    Whatever campaigns the platform stacks, for buyers, merchants or delivery, their sum on an order
    stays within an amount and a share of its price; the tightest limit holds. The share of GMV
    binds while recent subsidies exceed it: then no order may get more than that share of its own
    price, which brings the whole back under. The share of revenue is a budget a day, the total a
    budget over the run.

    The limits hold from a day on. With a phase-in they begin at a multiple of what they will be and
    tighten in a straight line, a step at each inspection; the total is no rate and stays as it is.

    Source: aims of China's Internet Platform Pricing Behaviour Rules (in force 10 April 2026); the
    figures are not fixed by law, they are proposals.
    """

    family: ClassVar[str] = "price_regulation"
    name: ClassVar[str] = "cap"

    class Params(PolicyParams):
        """Parameters of the cap."""

        max_per_unit: float = Field(
            20.0, ge=0.0, le=1e6, description="largest subsidy an order of one unit, currency units"
        )
        max_share_of_price: float = Field(
            0.5,
            ge=0.0,
            le=1.0,
            description="largest subsidy an order, delivery included, share of its price",
        )
        max_share_of_gmv: float = Field(
            0.15, ge=0.0, le=1.0, description="largest subsidies of recent days, share of their GMV"
        )
        max_share_of_revenue: float | None = Field(
            None,
            ge=0.0,
            le=100.0,
            description="largest subsidies a day, share of the platform's recent daily revenue "
            "from commissions and delivery fees; absent: no such limit",
        )
        total_budget: float | None = Field(
            None,
            ge=0.0,
            le=1e12,
            description="largest subsidies over the whole run, currency units; absent: no limit",
        )
        from_day: int = Field(0, ge=0, le=100_000, description="first day on which the limits hold")
        phase_in_days: int = Field(
            0, ge=0, le=100_000, description="days over which the limits tighten; 0: at once"
        )
        phase_in_factor: float = Field(
            3.0,
            ge=1.0,
            le=1000.0,
            description="limits on the first day of the phase-in, times what they will be",
        )

    def __init__(self, params: Params) -> None:
        self.params = params

    def regulate(self, observation: RegulationObservation) -> Ruling:
        """The limits of today."""
        params = self.params
        if observation.day < params.from_day:
            return Ruling(max_subsidy=None)
        looser = self.looseness(observation.day)
        return Ruling(
            max_subsidy=self._an_order(observation, looser),
            max_per_day=self._a_day(observation, looser),
            max_in_all=self._in_all(observation),
            max_share=self._share(observation, looser),
        )

    def looseness(self, day: int) -> float:
        """How many times their final value the limits have on a day, 1 after the phase-in."""
        since, days = day - self.params.from_day, self.params.phase_in_days
        left = max(1.0 - since / days, 0.0) if days > 0 else 0.0
        return 1.0 + (self.params.phase_in_factor - 1.0) * left

    def _an_order(self, observation: RegulationObservation, looser: float) -> NDArray[np.int64]:
        """(L,) cents an order of one unit."""
        share = self._share(observation, looser)
        of_price = np.floor(observation.listings.checkout_price * share)
        limit: NDArray[np.int64] = np.minimum(
            of_price, round(self.params.max_per_unit * looser * 100)
        ).astype(np.int64)
        return limit

    def _share(self, observation: RegulationObservation, looser: float) -> float:
        """Of an order's price, which may fall before the next inspection."""
        params = self.params
        share, of_gmv = params.max_share_of_price * looser, params.max_share_of_gmv * looser
        if observation.subsidy_recently > of_gmv * observation.gmv_recently:
            share = min(share, of_gmv)
        return min(share, 1.0)

    def _a_day(self, observation: RegulationObservation, looser: float) -> int | None:
        """Cents a day. On the very first day there is no revenue to take a share of."""
        share = self.params.max_share_of_revenue
        if share is None or observation.day == 0:
            return None
        return int(share * looser * observation.revenue_recently)

    def _in_all(self, observation: RegulationObservation) -> int | None:
        """Cents from now on."""
        total = self.params.total_budget
        return None if total is None else max(round(total * 100) - observation.subsidy_so_far, 0)
