"""What platform and carriers tell one another of a day's parcels and couriers.

`none`: a carrier hears of a parcel when it is ready and the merchant calls. `forecasts`: it is told
of orders when they are placed, and of those to be expected. `positions`: the platform sees all
couriers and gives each new parcel to the carrier that can be at the shop first. `full`: parcels
and couriers of all carriers are planned together.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from policies.protocols import Dispatch
from sim.delivery.carriers import Carriers, Condition, Forecast, live_together
from sim.delivery.engine import DeliveryDay
from sim.delivery.forecast import past_orders
from sim.delivery.jobs import Jobs, Shifts
from sim.delivery.records import DayOutcome

if TYPE_CHECKING:
    from sim.market import Marketplace


def live_day(market: Marketplace, jobs: Jobs, shifts: Shifts, world: Condition) -> DayOutcome:
    """Live the couriers' day with as much shared as the scenario says.

    Args:
        market: the market, whose deliveries learn which carrier has them.
        jobs: today's parcels.
        shifts: today's couriers.
        world: what holds all day.
    """
    sharing, table = market.settings.delivery.sharing, market.deliveries
    if sharing == "none":
        jobs = _told_when_ready(jobs)
    dispatchers = market.policies.dispatchers
    of_courier = np.array([market.couriers[row].carrier for row in shifts.courier.tolist()], int)
    if sharing == "full" or len(dispatchers) == 1:
        outcome = DeliveryDay(
            jobs,
            shifts,
            world.conditions,
            market.policies.dispatch,
            world.travel_at,
            accepts=world.accepts,
            slowdown=world.slowdown,
            forecast=_forecast(market, market.policies.dispatch),
        ).live()
    else:
        outcome, table["carrier"][jobs.number] = live_together(
            jobs,
            shifts,
            Carriers(
                dispatchers,
                table["carrier"][jobs.number].astype(np.int64),
                of_courier,
                first_at_shop=sharing == "positions",
            ),
            world,
            [_forecast(market, one, carrier) for carrier, one in enumerate(dispatchers)],
        )
    fetched = outcome.courier >= 0
    table["carrier"][outcome.job[fetched]] = of_courier[outcome.courier[fetched]]
    return outcome


def _forecast(
    market: Marketplace, dispatch: Dispatch, carrier: int | None = None
) -> Forecast | None:
    """What a dispatcher is told of orders to come, if it wants to know; without carrier: all."""
    if market.settings.delivery.sharing == "none" or not getattr(dispatch, "uses_forecast", False):
        return None
    past = past_orders(market, carrier)
    return None if past is None else past.next_hour


def _told_when_ready(jobs: Jobs) -> Jobs:
    """Carriers hear of a parcel when the merchant calls, and then know that it is ready."""
    return replace(jobs, known_at=np.maximum(jobs.known_at, jobs.ready), expected_ready=jobs.ready)
