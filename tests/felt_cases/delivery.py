"""Couriers, delivery and dispatch: what feels their settings."""

from felt_cases.case import Case, of, of_policy

DELIVERY = {
    "pickup": '"hub"',
    "addresses": "4",
    "promise_minutes": "10.0",
    "pickup_service_minutes": "15.0",
    "dropoff_service_minutes": "15.0",
    "preparation_noise": "1.5",
    "failure_rate": "0.6",
    "peak_slowdown": "4.0",
    "grams_co2_per_km": "200.0",
}

COURIERS = {
    "count": "2",
    "shift_hours": "1.0",
    "days_per_week": "2.0",
    "speed_factor_sd": "0.8",
    "pay_per_delivery": "20.0",
    "hourly_guarantee": "20.0",
}

POST = ("couriers.count=0",)

DISPATCH = {"lateness_weight": "50.0", "door_weight": "0.0", "most_stops": "2"}

UNHURRIED = (
    "couriers.count=6",
    "commerce.population.visits_per_day=1.0",
    "merchants.preparation_minutes=60.0",
)

BUSY = ("couriers.count=2", "commerce.population.visits_per_day=1.0")

TWO_CARRIERS = ("couriers.carriers=2", 'delivery.sharing="forecasts"')

CASES = [
    *of("couriers", COURIERS),
    Case("couriers.capacity", "1", BUSY),
    *of("delivery", DELIVERY),
    Case("couriers.carriers", "2", ('delivery.sharing="none"',)),
    Case("couriers.carrier_shares", "[0.8, 0.2]", TWO_CARRIERS),
    Case("couriers.multi_carrier_share", "1.0", TWO_CARRIERS),
    Case("delivery.sharing", '"none"', TWO_CARRIERS),
    Case("delivery.attempts", "5", ("delivery.failure_rate=0.7",)),
    Case("delivery.give_up_days", "1", ("couriers.days_per_week=0.5",), 5),
    Case("delivery.postal_days", "0", POST),
    Case("delivery.postage", "9.0", POST),
    Case("policies.dispatch.name", '"nearest"', BUSY),
    *of_policy("dispatch", "cheapest_insertion", DISPATCH, BUSY),
    *of_policy(
        "dispatch", "cheapest_insertion", {"leave_late": "false", "arrive_early": "30.0"}, UNHURRIED
    ),
]
