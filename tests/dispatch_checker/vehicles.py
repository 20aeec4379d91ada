"""Pickup and delivery with time windows (Li & Lim 2001).

Driving takes the Euclidean distance. Service begins within the window and takes its minutes; a
pickup comes before its delivery, in the same vehicle, within its capacity; vehicles begin and end
at the depot within its window. An order that reaches its door late, or never, is not delivered.
"""

import math
from pathlib import Path

from tests.dispatch_checker.reading import (
    TOLERANCE,
    differ,
    measures_differ,
    read,
    rows_differ,
    visits,
)

DEPOT = "0"


def vehicle_violations(instance: Path, solution: Path) -> list[str]:
    """What is wrong with a solution of a pickup and delivery instance."""
    lines = [line.split() for line in instance.read_text("utf-8-sig").splitlines() if line.split()]
    fleet, capacity = int(float(lines[0][0])), float(lines[0][1])
    points = {fields[0]: [float(field) for field in fields] for fields in lines[1:]}
    pairs = {
        f"{int(p[0])}-{int(p[8])}": (str(int(p[0])), str(int(p[8])))
        for p in points.values()
        if p[8] > 0
    }
    given = read(solution)
    if sorted(given.orders) != sorted(pairs):
        return ["orders.csv does not hold the instance's pairs"]
    wrong = visits(given, set(pairs))
    if wrong:
        return wrong
    brought: set[str] = set()
    distance, used = 0.0, 0
    opens, closes = points[DEPOT][4:6]
    for vehicle, stops in given.stops.items():
        here, free, load = DEPOT, opens, 0.0
        bag: list[str] = []
        fetched = driven = 0.0
        for number, stop in enumerate(stops):
            kind, order = stop["kind"], stop["order"]
            name = f"{vehicle} stop {number} ({kind} {order})"
            if kind in ("pickup", "dropoff"):
                point = pairs[order][kind == "dropoff"]
            elif kind in ("move", "return") and not order and stop["point"] in points:
                point = DEPOT if kind == "return" else stop["point"]
            else:
                return [*wrong, f"{name}: is no stop that there can be"]
            _, x, y, demand, earliest, latest, service, _, _ = points[point]
            if differ(stop["sequence"], number):
                wrong.append(f"{name}: its sequence is {stop['sequence']}")
            if (stop["point"], stop["origin"]) != (point, here) or (stop["x"], stop["y"]) != (x, y):
                wrong.append(f"{name}: goes from {stop['origin']} to {stop['point']}")
            if differ(stop["parcels"], len(bag)):
                wrong.append(f"{name}: carries {stop['parcels']}, not {len(bag)}")
            drive = math.dist((x, y), points[here][1:3])
            driven += drive
            if stop["left"] < free - TOLERANCE or differ(stop["arrived"] - stop["left"], drive):
                wrong.append(f"{name}: left at {stop['left']}, arrived at {stop['arrived']}")
            here = point
            free = begins = stop["arrived"]
            if kind in ("pickup", "dropoff"):
                begins = max(stop["arrived"], earliest)
                in_time = begins <= latest + TOLERANCE
                load += demand
                free = begins + service
                if load > capacity + TOLERANCE:
                    wrong.append(f"{name}: carries {load}, more than {capacity}")
                if kind == "pickup":
                    bag.append(order)
                    fetched += 1
                    if not in_time:
                        wrong.append(f"{name}: service begins at {begins}, after {latest}")
                elif order not in bag:
                    return [*wrong, f"{name}: is not on board"]
                else:
                    bag.remove(order)
                    brought |= {order} if in_time else set()
            if differ(stop["handover"], begins):
                wrong.append(f"{name}: service begins at {stop['handover']}, not at {begins}")
            following = stops[number + 1]["left"] if number + 1 < len(stops) else free
            if differ(stop["departed"], following):
                wrong.append(f"{name}: departed at {stop['departed']}, not at {following}")
        if here != DEPOT:
            wrong.append(f"{vehicle}: does not return to the depot")
        elif free > closes + TOLERANCE:
            wrong.append(f"{vehicle}: is back at {free}, after {closes}")
        wrong += rows_differ(
            vehicle, given.couriers[vehicle], {"pickups": fetched, "metres": driven}
        )
        distance += driven
        used += fetched > 0
    if used > fleet or len(given.couriers) != fleet:
        wrong.append(f"{used} of {len(given.couriers)} vehicles, but there are {fleet}")
    for order in pairs:
        status = "delivered" if order in brought else "undelivered"
        wrong += rows_differ(order, given.orders[order], {"status": status})
    vehicles, best = _best_known(instance)
    return wrong + measures_differ(
        given.measures,
        {
            "orders": len(pairs),
            "delivered": len(brought),
            "vehicles": used,
            "best_vehicles": vehicles,
            "distance": distance,
            "best_distance": best,
            "gap": 100 * (distance / best - 1) if best and len(brought) == len(pairs) else None,
        },
    )


def _best_known(instance: Path) -> tuple[int | None, float | None]:
    """Vehicles and distance in the name of a solution beside: NAME.VEHICLES_DISTANCE.txt."""
    beside = [path.stem for path in instance.parent.glob(f"{instance.stem}.*_*.txt")]
    known = [name.removeprefix(f"{instance.stem}.").split("_") for name in beside]
    best = min(((int(a), float(b)) for a, b in known), default=None)
    return best or (None, None)
