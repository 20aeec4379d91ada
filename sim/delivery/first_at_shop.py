"""Which carrier can be at a shop first, as a platform sees it that knows where all couriers are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from policies.arrays import FloatArray
from sim.delivery.engine import DeliveryDay


def first_carrier(
    days: Sequence[DeliveryDay], given: Sequence[int], index: int, now: float, own: int
) -> int:
    """The carrier whose courier can be at a parcel's shop first.

    Parcels of a carrier that wait already come before it, each with the next best courier.

    Args:
        days: (C,) the carriers' days, up to just before now.
        given: (C,) parcels that each has been given at this minute.
        index: row of the jobs that the days were given.
        now: minute.
        own: the carrier that has the parcel where nobody is on shift who could fetch it.
    """
    best, found = (np.inf, np.inf), own
    for carrier, day in enumerate(days):
        arrival = np.sort(arrivals(day, index, now))
        couriers = int(np.isfinite(arrival).sum())
        if couriers == 0:
            continue
        queue = len(day.jobs.waiting) + given[carrier]
        minute = float(arrival[queue]) if queue < couriers else np.inf
        key = minute, queue / couriers
        if key < best:
            best, found = key, carrier
    return found


def arrivals(day: DeliveryDay, index: int, now: float) -> FloatArray:
    """When each courier can be at a parcel's shop: on its way, or after its last planned stop.

    On its way is who has a parcel to fetch there, and room for another.

    Args:
        day: the carrier's day.
        index: row of the jobs that the day was given.
        now: minute.

    Returns:
        (K,) minutes; infinite for who is not on shift, or would be there after its end.
    """
    fleet, jobs = day.fleet, day.jobs
    before = day.conditions.service_before
    minutes, pace = day.travel_at(now).minutes, fleet.speed * day.slowdown(now)
    shop, units = day.source.pickup[index], day.source.units[index]
    clock, place, load = np.maximum(fleet.free_at, now), fleet.place.copy(), fleet.load.copy()
    best = np.full(len(clock), np.inf)
    for stop in range(int(fleet.route_length.max(initial=0))):
        drives = fleet.route_length > stop
        job, is_dropoff = np.maximum(fleet.route_job[:, stop], 0), fleet.route_is_dropoff[:, stop]
        target = np.where(is_dropoff, jobs.dropoff[job], jobs.pickup[job])
        target = np.where(drives, target, place)
        service = np.where(is_dropoff, jobs.dropoff_service[job], jobs.pickup_service[job])
        earliest = np.where(is_dropoff, jobs.not_before[job], jobs.ready[job])
        arrival = clock + minutes[place, target] * pace
        load += np.where(drives, np.where(is_dropoff, -jobs.units[job], jobs.units[job]), 0)
        there = drives & ~is_dropoff & (target == shop) & (load + units <= fleet.capacity)
        best = np.where(there, np.minimum(best, arrival), best)
        done = np.maximum(arrival + before * service, earliest) + (1.0 - before) * service
        clock = np.where(drives, done, clock)
        place = target
    best = np.minimum(best, clock + minutes[place, shop] * pace)
    return np.where(fleet.on_shift & (best <= fleet.shift_end), best, np.inf)
