"""What the literature measures of a solution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.dispatching.instance import MealTerms, Problem
from experiments.dispatching.living import Solution

Value = float | int | None


@dataclass(frozen=True, slots=True)
class Measure:
    """One measured figure."""

    name: str
    label: str
    unit: str
    value: Value  # None: nothing was measured


def measures(solution: Solution) -> list[Measure]:
    """The measures of an instance's own field.

    Source: for meals Reyes et al. (2018), section 5, and the evaluation of solutions that comes
    with the instances; for pickup and delivery Li & Lim (2001): vehicles first, then distance.
    """
    if solution.instance.problem is Problem.MEALS:
        return _of_meals(solution)
    return _of_vehicles(solution)


def _of_meals(solution: Solution) -> list[Measure]:
    orders, couriers, meal = solution.orders, solution.couriers, solution.instance.meal
    if meal is None:
        raise AssertionError("a meal delivery instance has its terms")
    done = (orders["status"] == "delivered").to_numpy()
    minutes = (orders["delivered"] - orders["placed"]).to_numpy()
    door, pickup = (
        (orders[to] - orders["ready"]).to_numpy()[done] for to in ("delivered", "picked_up")
    )
    shift_hours = float((couriers["end"] - couriers["start"]).sum() / 60.0)
    visits, deliveries = int(couriers["pickup_visits"].sum()), int(done.sum())
    metres = float(couriers["metres"].sum())
    terms = solution.instance.jobs
    served = float(terms.dropoff_service[done].sum()) + visits * float(
        terms.pickup_service.max(initial=0.0)
    )
    busy = float(couriers["minutes_driving"].sum()) + served
    return [
        Measure("orders", "orders", "", len(orders)),
        Measure("delivered", "delivered", "", deliveries),
        Measure("undelivered_share", "undelivered", "%", _percent(~done)),
        Measure("click_to_door", "click to door", "min", _mean(minutes[done])),
        Measure("click_to_door_p10", "  a tenth below", "min", _quantile(minutes[done], 0.1)),
        Measure("click_to_door_p90", "  nine tenths below", "min", _quantile(minutes[done], 0.9)),
        Measure("overage", "over the target", "min", _overage(minutes[done], meal)),
        Measure("on_time_share", "within the target", "%",
                _percent(minutes[done] <= meal.target)),
        Measure("penalised_click_to_door", f"all orders, capped at {meal.worst:g} min", "min",
                penalised(minutes, done, meal.worst)),
        Measure("ready_to_door", "ready to door", "min", _mean(door)),
        Measure("ready_to_pickup", "ready to pickup", "min", _mean(pickup)),
        Measure("orders_per_hour", "orders a courier-hour", "", _ratio(deliveries, shift_hours)),
        Measure("bundles_per_hour", "bundles a courier-hour", "", _ratio(visits, shift_hours)),
        Measure("bundle_size", "orders a bundle", "",
                _ratio(float(couriers["pickups"].sum()), visits)),
        Measure("utilisation", "time driving and serving", "%",
                _ratio(100.0 * busy, 60.0 * shift_hours)),
        Measure("total_pay", "pay of couriers", "", float(couriers["pay"].sum())),
        Measure("pay_per_order", "pay an order", "",
                _ratio(float(couriers["pay"].sum()), deliveries)),
        Measure("at_guarantee_share", "couriers at the guarantee", "%",
                _percent(couriers["at_guarantee"].to_numpy())),
        Measure("kilometres", "driven", "km", metres / 1000.0),
        Measure("kilometres_per_order", "driven an order", "km",
                _ratio(metres / 1000.0, deliveries)),
        Measure("empty_share", "of it empty", "%",
                _ratio(100.0 * float(couriers["empty_metres"].sum()), metres)),
        Measure("courier_hours", "courier-hours", "h", shift_hours),
    ]  # fmt: skip


def _of_vehicles(solution: Solution) -> list[Measure]:
    orders, couriers = solution.orders, solution.couriers
    best = solution.instance.best_known
    done = (orders["status"] == "delivered").to_numpy()
    vehicles, distance = int((couriers["pickups"] > 0).sum()), float(couriers["metres"].sum())
    gap = None
    if best is not None and done.all():  # less distance for fewer pairs is no better
        gap = 100.0 * (distance / best.distance - 1.0)
    return [
        Measure("orders", "pairs", "", len(orders)),
        Measure("delivered", "delivered in time", "", int(done.sum())),
        Measure("vehicles", "vehicles", "", vehicles),
        Measure("best_vehicles", "  best known", "", best.vehicles if best else None),
        Measure("distance", "distance", "", distance),
        Measure("best_distance", "  best known", "", best.distance if best else None),
        Measure("gap", "  above the best known", "%", gap),
    ]


def penalised(minutes: np.ndarray, done: np.ndarray, worst: float) -> float | None:
    """Mean minutes from click to door of all orders, none of which counts more than the worst.

    What is not delivered counts the worst, and what is delivered later than that as well.

    Args:
        minutes: (J,) from click to door.
        done: (J,) whether it was delivered.
        worst: minutes.
    """
    return _mean(np.where(done, np.minimum(np.nan_to_num(minutes), worst), worst))


def _overage(minutes: np.ndarray, meal: MealTerms) -> float | None:
    return _mean(np.maximum(minutes - meal.target, 0.0))


def _mean(values: np.ndarray) -> float | None:
    return float(np.mean(values)) if len(values) else None


def _quantile(values: np.ndarray, q: float) -> float | None:
    return float(np.quantile(values, q)) if len(values) else None


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole > 0 else None


def _percent(holds: np.ndarray) -> float | None:
    return 100.0 * float(np.mean(holds)) if len(holds) else None
