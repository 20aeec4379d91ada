"""Live an instance's day under a dispatch policy, and lay down what became of everything."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import pandas as pd

from experiments.dispatching.instance import Instance, Problem
from policies.protocols import Dispatch
from sim.delivery.engine import DeliveryDay
from sim.delivery.records import DayOutcome, Stop, StopKind

KINDS = {
    StopKind.PICKUP: "pickup",
    StopKind.DROPOFF: "dropoff",
    StopKind.MOVE: "move",
    StopKind.RETURN: "return",
}


@dataclass(frozen=True, slots=True)
class Solution:
    """What became of an instance's day. Minutes as in the instance."""

    instance: Instance
    policy: str
    orders: pd.DataFrame  # one row an order, in the instance's order
    stops: pd.DataFrame  # one row a stop, by courier and time
    couriers: pd.DataFrame  # one row a courier
    outcome: DayOutcome
    seconds: float  # of the day, with compiling if nothing was rehearsed


def live(instance: Instance, dispatch: Dispatch) -> Solution:
    """Live the day; the dispatcher learns of an order when it is placed, and not before.

    Args:
        instance: the day.
        dispatch: a policy that has dispatched nothing yet.

    Raises:
        DispatchError: The policy's plan cannot be driven.
    """
    begun = time.perf_counter()
    day = DeliveryDay(
        instance.jobs,
        instance.shifts,
        instance.conditions,
        dispatch,
        lambda _minute: instance.travel,
    )
    outcome = day.live()
    seconds = time.perf_counter() - begun
    stops = _stops(instance, outcome)
    return Solution(
        instance=instance,
        policy=dispatch.name,
        orders=_orders(instance, outcome),
        stops=stops,
        couriers=_couriers(instance, outcome, stops),
        outcome=outcome,
        seconds=seconds,
    )


def _orders(instance: Instance, outcome: DayOutcome) -> pd.DataFrame:
    jobs, n = instance.jobs, len(instance.orders)
    columns = {name: np.full(n, np.nan) for name in ("assigned", "picked_up", "delivered")}
    columns["assigned"][outcome.job] = outcome.assigned
    columns["picked_up"][outcome.job] = outcome.picked_up
    columns["delivered"][outcome.job] = outcome.handed_over
    courier = np.full(n, -1, dtype=np.int64)
    courier[outcome.job] = outcome.courier
    names = np.array([*instance.couriers, ""], dtype=object)
    done = np.isfinite(columns["delivered"])
    return pd.DataFrame(
        {
            "order": instance.orders,
            "pickup": [instance.point_names[place] for place in jobs.pickup],
            "dropoff": [instance.point_names[place] for place in jobs.dropoff],
            "placed": jobs.placed,
            "ready": jobs.ready,
            "due": jobs.due,
            "courier": names[courier],
            **columns,
            "status": np.where(done, "delivered", "undelivered"),
        }
    )


def _stops(instance: Instance, outcome: DayOutcome) -> pd.DataFrame:
    ordered = sorted(outcome.stops, key=lambda stop: stop.courier)  # stable: by time within
    table = pd.DataFrame(
        {
            "courier": [instance.couriers[stop.courier] for stop in ordered],
            "kind": [KINDS[stop.kind] for stop in ordered],
            "order": [instance.orders[stop.job] if stop.job >= 0 else "" for stop in ordered],
            "origin": [instance.point_names[stop.origin] for stop in ordered],
            "point": [instance.point_names[stop.place] for stop in ordered],
            "x": instance.x[[stop.place for stop in ordered]] if ordered else [],
            "y": instance.y[[stop.place for stop in ordered]] if ordered else [],
            "left": [stop.left for stop in ordered],
            "arrived": [stop.arrived for stop in ordered],
            "handover": [stop.handover for stop in ordered],
            "departed": _departures(instance, ordered),
            "parcels": [stop.parcels for stop in ordered],
        }
    )
    table.insert(1, "sequence", table.groupby("courier").cumcount() if ordered else [])
    return table


def _departures(instance: Instance, stops: list[Stop]) -> list[float]:
    """Minute at which each stop was left; of a courier's last: at which its service was over."""
    jobs, after = instance.jobs, 1.0 - instance.conditions.service_before
    services = {StopKind.PICKUP: jobs.pickup_service, StopKind.DROPOFF: jobs.dropoff_service}
    departed = []
    for stop, following in zip_longest(stops, stops[1:]):
        if following is not None and following.courier == stop.courier:
            departed.append(following.left)
        else:
            service = services[stop.kind][stop.job] if stop.kind in services else 0.0
            departed.append(stop.handover + after * float(service))
    return departed


def _couriers(instance: Instance, outcome: DayOutcome, stops: pd.DataFrame) -> pd.DataFrame:
    shifts = instance.shifts
    table = pd.DataFrame(
        {
            "courier": instance.couriers,
            "start": shifts.start,
            "end": shifts.end,
            "last_stop": _last_stops(instance, stops),
            "deliveries": outcome.deliveries,
            "pickups": outcome.pickups,
            "pickup_visits": outcome.pickup_visits,
            "metres": outcome.metres,
            "empty_metres": outcome.empty_metres,
            "minutes_driving": outcome.driving,
            "minutes_waiting": outcome.waiting,
        }
    )
    if instance.problem is Problem.MEALS and instance.meal is not None:
        hours = (shifts.end - shifts.start) / 60.0
        piece = outcome.deliveries * instance.meal.pay_per_order
        guarantee = hours * instance.meal.guarantee_per_hour
        table["pay"] = np.maximum(piece, guarantee)
        table["at_guarantee"] = piece < guarantee
    return table


def _last_stops(instance: Instance, stops: pd.DataFrame) -> list[float]:
    last = stops.groupby("courier")["handover"].max().to_dict()
    return [float(last.get(name, np.nan)) for name in instance.couriers]
