"""Couriers' work, orders' wishes and the planning of routes: what feels their settings."""

from felt_cases.case import Case, of, of_policy

VEHICLES = (
    "couriers.count=6",
    "commerce.population.visits_per_day=1.0",
    'couriers.vehicles=[{name="bike", share=0.5, capacity=2}, {name="van", share=0.5, capacity=9}]',
)

BUSY = ("couriers.count=4", "commerce.population.visits_per_day=1.0")

BREAKS = (*BUSY, "couriers.break_minutes=60.0", "couriers.break_after_hours=1.0")

LATE = (*BUSY, "delivery.promise_minutes=20.0")

ADAPTIVE = (*BUSY, 'delivery.promise="adaptive"')

COLD = (*BUSY, "delivery.cold_chain_minutes=5.0", 'delivery.cold_chain_categories=["Kitchen"]')

DROPOUT = ('events=[{kind = "courier_dropout", day = 1, until = 2, rate = 2.0}]', *BUSY)

WANTED = (*BUSY, "delivery.failure_rate=0.7")

HEAVY = ("couriers.count=4", "commerce.population.visits_per_day=4.0", "couriers.capacity=12")


def planning(name: str, values: dict[str, str], *world: str) -> list[Case]:
    return of_policy("dispatch", name, values, (*HEAVY, f'policies.dispatch.name="{name}"', *world))


CASES = [
    *of("couriers", {"acceptance": "0.3", "cost_per_km": "1.0", "dropout_rate": "2.0"}, BUSY),
    *of("couriers", {"overtime_factor": "3.0", "break_minutes": "60.0"}, BUSY),
    *of("couriers", {"break_after_hours": "4.0", "paid_breaks": "true"}, BREAKS),
    *(
        Case(f"couriers.vehicles[].{key}", value, VEHICLES, sets=f"couriers.vehicles.1.{key}")
        for key, value in {
            "capacity": "1",
            "hourly": "[" + ", ".join(["1.0"] * 12 + ["3.0"] * 12) + "]",
            "cost_per_km": "2.0",
            "grams_co2_per_km": "500.0",
            "minutes_factor": "3.0",
        }.items()
    ),
    *of("delivery", {"cancel_rate": "3.0"}, LATE),
    *of(
        "delivery",
        {
            "dropoff_minutes_per_unit": "9.0",
            "pickup_minutes_per_unit": "9.0",
            "window_share": "0.8",
        },
        BUSY,
    ),
    Case("delivery.promise_least_minutes", "239.0", ('delivery.promise="adaptive"',), 6),
    Case("delivery.promise", '"adaptive"', BUSY, 6),
    Case("delivery.cold_chain_categories", '["Shoes"]', COLD),
    Case("delivery.cold_chain_minutes", "200.0", COLD),
    Case("delivery.spoiled_at_cost_of", '"merchant"', COLD),
    *of(
        "delivery",
        {
            "promise_quantile": "0.2",
            "promise_most_minutes": "16.0",
        },
        ADAPTIVE,
        days=6,
    ),
    Case("delivery.retry", '"same_day"', WANTED),
    Case("delivery.retry_minutes", "200.0", (*WANTED, 'delivery.retry="same_day"')),
    Case("delivery.window_minutes", "240.0", (*BUSY, "delivery.window_share=0.8")),
    *(
        Case(f"events[].{key}", value, DROPOUT, 4, 'kind = "courier_dropout"', f"events.0.{key}")
        for key, value in {"day": "0", "until": "4", "rate": "30.0"}.items()
    ),
    *planning(
        "cheapest_insertion",
        {
            "candidates": "1",
            "courier_weight": "20.0",
            "decide_every": "30.0",
            "driving_weight": "20.0",
            "fairness": "100.0",
            "hold_back": "40.0",
            "most_detour": "0.0",
            "most_on_board": "1",
            "opening_cost": "500.0",
            "patience": "1",
            "replan": "false",
        },
    ),
    *planning(
        "local_search",
        {
            "candidates": "1",
            "cold": "3.0",
            "courier_weight": "20.0",
            "decide_every": "30.0",
            "door_weight": "0.0",
            "driving_weight": "20.0",
            "fairness": "100.0",
            "hold_back": "40.0",
            "hot": "5.0",
            "iterations": "0",
            "lateness_weight": "50.0",
            "most_detour": "0.0",
            "most_iterations": "1",
            "most_on_board": "1",
            "most_stops": "2",
            "most_waiting": "1",
            "opening_cost": "500.0",
            "ruined": "1.0",
            "seed": "5",
        },
    ),
    *planning(
        "batch_matching",
        {
            "decide_every": "30.0",
            "horizon": "0.0",
            "lateness_weight": "50.0",
            "most_in_bundle": "1",
        },
    ),
    *of_policy(
        "dispatch",
        "local_search",
        {"leave_late": "false", "arrive_early": "30.0"},
        (*BUSY, "merchants.preparation_minutes=60.0", 'policies.dispatch.name="local_search"'),
    ),
    *planning(
        "local_search", {"closing_iterations": "200"}, "policies.dispatch.opening_cost=200.0"
    ),
    *(
        Case(
            "policies.dispatch.preposition",
            "1.0",
            (
                "couriers.count=30",
                "commerce.population.visits_per_day=1.0",
                f'policies.dispatch.name="{name}"',
            ),
            9,
            f'name = "{name}"',
        )
        for name in ("cheapest_insertion", "local_search")
    ),
    Case(
        "couriers.vehicles[].share",
        '[{name = "bike", share = 0.9, capacity = 2}, {name = "van", share = 0.1, capacity = 20}]',
        VEHICLES,
        sets="couriers.vehicles",
    ),
    *planning("nearest", {"decide_every": "30.0"}),
    *planning(
        "vroom",
        {"decide_every": "30.0", "slack": "200.0", "exploration": "5", "vehicle_minutes": "60.0"},
    ),
]
