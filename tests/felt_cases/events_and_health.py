"""Events, the health index, and the run itself: what feels their settings."""

from felt_cases.case import Case
from felt_cases.worlds import EMERGENCY, all_use

INDEX = (
    (
        "health.index.goalposts={trust = {worst = 0.3, best = 0.9}, "
        "active_share = {worst = 0.0, best = 2.0}}"
    ),
)


def of_event(kind: str, settings: str, other: dict[str, str]) -> list[Case]:
    """The keys of an event of days 1 and 2: what happens if one of them is another."""
    until = "" if kind == "data_breach" else ", until = 2"  # its harm is done on its day
    event = f'events=[{{kind = "{kind}", day = 1{until}{settings}}}]'
    when = f'kind = "{kind}"'
    values = {"day": "0", "until": "4", **other} if kind != "data_breach" else {"day": "0"}
    return [
        Case(f"events[].{key}", value, (event,), 4, when, f"events.0.{key}")
        for key, value in values.items()
    ]


CASES = [
    Case(
        "events[].kind",
        '"counterfeit_wave"',
        ('events=[{kind = "courier_shortage", day = 1, share = 0.9}]',),
        sets="events.0.kind",
    ),
    *of_event("demand_surge", ", factor = 3.0", {"factor": "0.0"}),
    *of_event("rival_price_war", ", discount = 0.5", {"discount": "0.9"}),
    *of_event("courier_shortage", ", share = 0.5", {"share": "1.0"}),
    *of_event(
        "road_closure",
        ", share = 0.3, slowdown = 5.0",
        {"share": "0.05", "slowdown": "50.0", "closed": "true"},
    ),
    *of_event("supply_shock", ", factor = 3.0", {"factor": "0.3", "category": '"Shoes"'}),
    *of_event("counterfeit_wave", ", share = 0.5", {"share": "1.0"}),
    *of_event("data_breach", "", {}),
    *of_event(
        "change",
        ', key = "platform.commission", value = 0.01',
        {"key": '"platform.complaint_cost"', "value": "0.1"},
    ),
    Case("health.sample_every_days", "2"),
    Case("health.sample_sessions", "10", ("commerce.population.visits_per_day=1.0",)),
    Case("health.index.aggregation", '"minimum"'),
    Case("health.index.weights", "{consumers = 1.0}"),
    *(
        Case(
            f"health.index.goalposts.<name>.{key}",
            value,
            INDEX,
            sets=f"health.index.goalposts.trust.{key}",
        )
        for key, value in {"worst": "0.1", "best": "0.95", "weight": "9.0"}.items()
    ),
    Case("days", "5"),
    Case("seed", "2"),
    *(
        Case(
            f"events[].{key}",
            value,
            (*all_use("gouging"), EMERGENCY),
            4,
            'kind = "emergency"',
            f"events.0.{key}",
        )
        for key, value in {"day": "0", "until": "4", "category": '"Shoes"'}.items()
    ),
]
