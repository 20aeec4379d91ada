"""Whether couriers accept the parcels that they are offered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sim.delivery.jobs import Jobs, Shifts
from sim.streams import uniform_at

if TYPE_CHECKING:
    from sim.market import Marketplace


def answers(market: Marketplace, jobs: Jobs, shifts: Shifts) -> Callable[[int, int], bool]:
    """What couriers answer today, drawn by courier, consumer and pickup place.

    Args:
        market: the market.
        jobs: today's parcels.
        shifts: today's couriers.

    Returns:
        Whether the courier of a row of the shifts accepts the parcel of a row of the jobs.
    """
    chance = market.settings.couriers.acceptance
    if chance == 1.0:
        return lambda _courier, _job: True
    key = market.streams.key("accepts", market.day)
    consumer = market.deliveries["consumer"][jobs.number].tolist()
    pickup, courier = jobs.pickup.tolist(), shifts.courier.tolist()
    places = len(market.places)

    def accepts(k: int, j: int) -> bool:
        return bool(uniform_at(key, courier[k], consumer[j] * places + pickup[j]) < chance)

    return accepts
