"""Streets, goods and who lives there: what feels their settings."""

from pathlib import Path

from felt_cases.case import Case, of
from felt_cases.worlds import SEARCHED

GENERATED = {
    "listings": "80",
    "merchants": "15",
    "categories": "4",
    "taste_dimensions": "3",
    "zipf_exponent": "0.2",
    "price_worth": "1.0",
    "price_median": "30.0",
    "price_law": '"normal"',
    "price_log_sd_between": "0.2",
    "price_log_sd_within": "0.2",
    "margin_low": "0.4",
    "margin_high": "0.6",
    "merchant_size_tail": "3.0",
    "merchant_focus": "0.0",
    "category_evenness": "50.0",
    "quality_mean": "0.5",
    "quality_sd": "0.05",
    "quality_price_correlation": "0.6",
    "quality_appeal_correlation": "0.6",
    "styles": "3",
    "style_focus": "5.0",
}

POPULATION = {
    "visits_per_day": "0.5",
    "activity_shape": "5.0",
    "lines_per_visit": "2.5",
    "repeat_share": "0.8",
    "repeat_concentration": "100.0",
    "category_concentration": "100.0",
    "taste_focus": "5.0",
    "income_median": "3.0",
    "price_sensitivity_median": "4.0",
    "price_sensitivity_log_sd": "0.1",
    "weekday_profile": "[1.0, 3.0, 1.0, 1.0, 1.0, 1.0, 1.0]",
    "hour_profile": f"[{', '.join(['1.0'] * 24)}]",
}

WRITTEN = (
    'commerce.source="written"',
    (
        "commerce.written={reference_price = 20.0, listings = ["
        '{merchant = "a", value = 25.0, unit_cost = 8.0, price = 16.0}, '
        '{merchant = "b", value = 25.0, unit_cost = 8.0, price = 15.0}]}'
    ),
)

FEW_GROUPS = (
    'commerce.population.groups=[{name = "poor", share = 0.5}, {name = "rich", share = 0.5}]',
)

BUSY_STREETS = ("roads.traffic.on=true", "roads.traffic.volume_to_capacity={residential = 1.2}")

LOADED = (*BUSY_STREETS, "roads.traffic.courier_equivalent=500.0")
"""Streets on which a few couriers are felt."""

TRAFFIC = {
    "demand_factor": "2.0",
    "hourly": f"[{', '.join(['1.0'] * 24)}]",
    "periods": "[0, 12]",
    "volume_to_capacity": "{residential = 0.1}",
    "capacity": "{residential = 100.0}",
    "capacity_factor": "0.5",
}

RING = (f'roads.network="{Path(__file__).with_name("ring_net.tntp")}"', "delivery.addresses=4")
"""A file of streets whose lengths are in kilometres, as only its author knows."""

CASES = [
    Case("roads.traffic.on", "true"),
    *of("roads.traffic", TRAFFIC, BUSY_STREETS),
    *of(
        "roads.traffic",
        {"courier_equivalent": "1.0", "smoothing": "1.0", "tolerance": "1.0"},
        LOADED,
    ),
    Case("roads.network", '"coquimbo"'),
    Case("roads.length_unit", '"km"', RING),
    *of("roads", {"rows": "9", "columns": "9", "spacing_m": "900.0", "speed_kph": "8.0"}),
    Case("commerce.source", '"generated"', WRITTEN),
    *of("commerce.generated", GENERATED),
    *of(
        "commerce.generated",
        {"image_dimensions": "0", "image_noise": "5.0"},
        SEARCHED,
    ),
    Case("commerce.generated.price_sd_within", "0.1", ('commerce.generated.price_law="normal"',)),
    *of("commerce.population", POPULATION),
    Case("commerce.population.income_log_sd", "0.0", ("commerce.population.income_median=3.0",)),
    Case(
        "commerce.population.groups[].share",
        '[{name = "poor", share = 0.9}, {name = "rich", share = 0.1}]',
        FEW_GROUPS,
        sets="commerce.population.groups",
    ),
    *(
        Case(
            f"commerce.population.groups[].{key}",
            "0.2",
            FEW_GROUPS,
            sets=f"commerce.population.groups.0.{key}",
        )
        for key in ("income", "price_sensitivity")
    ),
    Case("commerce.written.reference_price", "10.0", WRITTEN),
    *(
        Case(
            f"commerce.written.listings[].{key}",
            value,
            WRITTEN,
            sets=f"commerce.written.listings.0.{key}",
        )
        for key, value in {
            "merchant": '"b"',
            "value": "30.0",
            "unit_cost": "2.0",
            "price": "18.0",
            "title": '"a fine thing"',
            "category": '"other goods"',
        }.items()
    ),
]
