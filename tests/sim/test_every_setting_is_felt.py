"""Every setting and every policy parameter changes something, in a world where it matters.

A case is a small market and another value of one key; a new key without a case fails.
"""

from dataclasses import dataclass
from functools import cache
from typing import get_args

import numpy as np
import pytest

from experiments.running import resolve
from policies import registry
from policies.protocols import BY_NAME
from scenarios.build import build
from scenarios.fields import fields
from scenarios.schema import Scenario
from sim.health.index import composite_index
from sim.settings.events import Event

EVENT_KINDS = [
    str(get_args(kind.model_fields["kind"].annotation)[0]) for kind in get_args(get_args(Event)[0])
]

FELT_BY_NOBODY = {
    ("name", ""),
    ("title", ""),
    ("description", ""),
    ("roads.attribution", ""),
    ("roads.coordinates", ""),  # of a GraphML file; `tests/scenarios` reads such
    ("commerce.population.groups[].name", ""),
    ("commerce.imported", ""),  # names a folder; `tests/scenarios/commerce` reads such
    ("policies.search.name", ""),  # there is one only
    ("policies.subsidy.campaigns[].title", 'name = "campaigns"'),
    ("policies.rules.subsidy_limit.launch_days", ""),  # no category opens after the first day
    *(("events[].label", f'kind = "{kind}"') for kind in EVENT_KINDS),
}
"""Keys by which readers call things, and such as have a single value here."""

TABLES = (
    "orders",
    "deliveries",
    "shifts",
    "reviews",
    "complaints",
    "returns",
    "sanctions",
    "findings",
    "turnover",
)


@dataclass(frozen=True)
class Case:
    """A market, a key of it, and another value of that key."""

    key: str
    value: str
    world: tuple[str, ...] = ()
    days: int = 3
    when: str = ""  # the choice for which the key exists, as `scenarios.fields` tells it
    sets: str = ""  # what is set, where it is not the key itself


SMALL = (
    "roads.rows=5",
    "roads.columns=5",
    "commerce.generated.listings=60",
    "commerce.generated.merchants=12",
    "commerce.generated.categories=3",
    "consumers.count=150",
    "consumers.response.community=40",
    "couriers.count=4",
    "delivery.addresses=15",
    "merchants.misconduct.counterfeit_share=0.0",
    "merchants.misconduct.fake_list_price_share=0.0",
    "merchants.misconduct.bait_share=0.0",
    "merchants.misconduct.bought_review_share=0.0",
    "merchants.misconduct.below_cost_share=0.0",
    'policies.subsidy.name="none"',
    'policies.price_regulation.name="none"',
    "policies.rules={}",
    'policies.privacy.name="keep_all"',
    "events=[]",
)

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

CHOICE = {
    "demand": '"expected"',
    "outside_utility": "2.0",
    "base_utility": "1.0",
    "quality_weight": "6.0",
    "taste_weight": "4.0",
    "appeal_weight": "0.2",
    "loyalty_weight": "5.0",
    "reference_weight": "2.0",
    "trust_weight": "8.0",
    "search_share": "0.9",
    "examined_mean": "2.0",
    "slate_size": "3",
    "result_size": "3",
    "show_all": "true",
    "attention": '"rank"',
    "once": "true",
    "visit_trust": "2.0",
}

RESPONSE = {
    "prior_rating": "3.0",
    "prior_weight": "1.0",
    "rating_noise": "0.0",
    "review_rate": "0.9",
    "disconfirmation": "2.0",
    "trust_model": '"beta"',
    "complaint_rate": "0.9",
    "false_complaint_rate": "0.5",
    "return_rate": "0.5",
    "trust_initial": "0.2",
    "trust_gain": "0.3",
    "trust_loss": "0.9",
    "word_of_mouth": "0.3",
    "friends": "2",
    "churn_rate": "0.9",
}

MERCHANTS = {
    "strategies": "{fixed = 1.0}",
    "small_share": "0.5",
    "large_share": "0.4",
    "fixed_cost_per_listing": "5.0",
    "unlimited_stock": "true",
    "preparation_minutes": "60.0",
    "opening_hour": "12.0",
    "closing_hour": "18.0",
    "entry_rate": "0.5",
}

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

CROOKS = (
    "merchants.misconduct.counterfeit_share=0.4",
    "merchants.misconduct.fake_list_price_share=0.4",
    "merchants.misconduct.bait_share=0.4",
    "merchants.misconduct.bought_review_share=0.4",
    "merchants.misconduct.below_cost_share=1.0",
    "merchants.misconduct.war_chest=500.0",
    "merchants.large_share=0.3",
)

COST_PLUS = "merchants.strategies={cost_plus = 1.0}"

MISCONDUCT = {
    "counterfeit_share": "0.0",
    "counterfeit_quality": "0.6",
    "counterfeit_cost": "0.9",
    "counterfeit_price_cut": "0.6",
    "fake_list_price_share": "0.0",
    "fake_list_price_markup": "2.0",
    "bait_share": "0.0",
    "bait_discount": "0.6",
    "bought_review_share": "0.0",
    "bought_reviews_per_day": "3.0",
    "bought_review_price": "50.0",
    "below_cost_share": "0.0",
    "below_cost_depth": "0.6",
    "war_chest": "1.0",
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

POST = ("couriers.count=0",)
RIVALRY = ("merchants.fixed_cost_per_listing=8.0", "merchants.capital_days=1.0")
THIN_STOCK = ("merchants.stock_cover_days=2.0", "merchants.stock_minimum=1")
RATED = (
    'consumers.ratings.model="latent"',
    'policies.recommendation={name = "weighted"}',
    "commerce.population.visits_per_day=1.0",
)
ASPIRING = (*RATED, 'consumers.response.satisfaction="aspiration"')
RATINGS = {
    "model": '"none"',
    "mean": "4.9",
    "consumer_sd": "1.5",
    "listing_sd": "1.5",
    "match_sd": "1.5",
    "error_sd": "2.0",
    "lowest": "3.3",
}
SUBSIDISED = ('policies.subsidy={name = "flat", share = 0.3}',)
INSPECTED = ("policies.rules={below_cost = {}, false_discount = {}}", *CROOKS)
COMPLAINING = (
    "consumers.response.complaint_rate=1.0",
    "consumers.response.false_complaint_rate=0.5",
    *CROOKS,
)
SUBSIDY = {
    "amount": "2.0",
    "share": "0.6",
    "to_seller": "true",
    "daily_budget": "5.0",
    "categories": '["Shoes"]',
    "off_fee": "1.5",
    "merchant_share": "0.5",
    "cap_per_order": "1.0",
    "total_budget": "20.0",
    "from_day": "1",
    "until_day": "1",
    "from_hour": "14.0",
    "until_hour": "14.0",
}
NOTICE = {"announced_total": "100.0", "undisclosed": '["method"]'}
DISCLOSED = (
    "policies.rules={subsidy_disclosure = {}}",
    'policies.sanctions.name="none"',
)
DISCLOSING = "share = 0.3, total_budget = 50.0, until_day = 2"
DISCLOSING_A = f'title = "a", {DISCLOSING}'
ONE_CAMPAIGN = (
    'policies.subsidy={name = "campaigns", campaigns = [{title = "a", share = 0.3}]}',
    "commerce.population.visits_per_day=1.0",
)
STACKED = (
    'policies.subsidy={name = "campaigns", campaigns = [{title = "a", amount = 1.0}, '
    '{title = "b", share = 0.2}]}'
)
CAPPED = ('policies.price_regulation={name = "cap"}', *SUBSIDISED)
PHASED = (
    'policies.price_regulation={name = "cap", max_share_of_price = 0.1, phase_in_days = 4}',
    *SUBSIDISED,
)
GENEROUS = (
    "policies.rules={subsidy_limit = {}}",
    'policies.sanctions.name="none"',
    'policies.subsidy={name = "flat", share = 0.6}',
    "commerce.population.visits_per_day=1.0",
)
TWICE_GENEROUS = (
    "policies.rules={subsidy_limit = {days = 4}}",
    'policies.sanctions.name="none"',
    (
        'policies.subsidy={name = "campaigns", campaigns = [{title = "a", share = 0.6, '
        'until_day = 3}, {title = "b", share = 0.6, from_day = 6}]}'
    ),
    "commerce.population.visits_per_day=1.0",
)
DEPARTING = (
    *GENEROUS,
    "policies.subsidy.share=0.3",
    "merchants.fixed_cost_per_listing=8.0",
    "merchants.capital_days=1.0",
    "merchants.grace_days=1",
    "policies.rules.subsidy_limit.platform_share=0.0",
)
TARGETED = (
    'policies.subsidy={name = "targeted", share = 0.3, recipients = "newcomers"}',
    "commerce.population.visits_per_day=1.0",
)
LADDER = {
    "weakest_grade": '"A"',
    "notices": "0",
    "cure_days": "3",
    "step_days": "2",
    "decay_days": "1",
    "delist_days": "2",
    "demotion": "1.0",
    "demotion_days": "0",
    "fine_multiple": "0.0",
    "fine_floor": "9000.0",
    "fine_cap": "1.0",
    "closing_days": "2",
    "closing_points": "14",
    "points_memory": "1",
    "delist_points": "48",
    "demotion_points": "0",
    "fine_points": "48",
    "close_points": "0",
    "restitution_share": "0.0",
}
UNDETERRED = (
    *INSPECTED,
    "regulator.deterrence_days=0",
    "merchants.grace_days=300",
    "merchants.misconduct.war_chest=100000.0",
    (
        'policies.sanctions={name = "ladder", step_days = 0, delist_days = 1, closing_days = 1, '
        "fine_floor = 1.0}"
    ),
)
RELAPSING = (
    *INSPECTED,
    "regulator.deterrence_days=2",
    'policies.sanctions={name = "ladder", notices = 0, step_days = 0}',
    "merchants.fixed_cost_per_listing=8.0",
    "merchants.capital_days=0.1",
    "merchants.grace_days=300",
)
FINED_PLATFORM = (
    "policies.rules={subsidy_limit = {}}",
    'policies.subsidy={name = "flat", share = 0.6}',
    'policies.sanctions={name = "ladder", notices = 0, step_days = 0}',
    "commerce.population.visits_per_day=1.0",
)
SLOW_PRICES = (
    "policies.rules={below_cost = {days = 4}}",
    COST_PLUS,
)


def dear_supplies(*days: tuple[int, int]) -> str:
    """Supplies cost four times as much for some days: slow prices stay below cost, by no design."""
    shocks = [
        f'{{kind = "supply_shock", day = {day}, until = {until}, factor = 4.0}}'
        for day, until in days
    ]
    return f"events=[{', '.join(shocks)}]"


TWICE_DEAR = (*SLOW_PRICES, dear_supplies((1, 4), (7, 9)))
WRONGED = (*SLOW_PRICES, dear_supplies((1, 12)))
FRAUD = {
    "threshold": "0.9",
    "counts": '"not_genuine"',
    "min_units": "50",
    "confidence": "3.0",
    "delist_days": "1",
}
EASILY_FLAGGED = (
    'policies.fraud={name = "complaint_rate", threshold = 0.02, min_units = 1, confidence = 0.0}',
)
PROTECTION = {
    "small_amount": "100.0",
    "suspect_rate": "1.0",
    "suspect_evidence": "0.9",
    "trusted_complaints": "0",
    "abuser_evidence": "0.0",
    "late_share": "1.0",
    "checkout_price_share": "1.0",
    "goods_share": "0.1",
}
INDEX = (
    (
        "health.index.goalposts={trust = {worst = 0.3, best = 0.9}, "
        "active_share = {worst = 0.0, best = 2.0}}"
    ),
)
Q_LEARNERS = ("merchants.strategies={q_learning = 1.0}",)
REHEARSED = (
    "merchants.strategies={q_learning = 1.0}",
    "commerce.generated.merchants=2",
    (
        "policies.merchant_pricing={q_learning = {rehearsal = true, m = 4, beta = 0.001, "
        "patience = 5000, max_periods = 20000}}"
    ),
)
DISPATCH = {"lateness_weight": "50.0", "door_weight": "0.0", "most_stops": "2"}
PRIVATE = ('policies.privacy={name = "pseudonymise"}',)
LEARNING = (
    'policies.recommendation={name = "learned", retrain_days = 2, epochs = 2}',
    "commerce.population.visits_per_day=1.0",
)
UNHURRIED = (
    "couriers.count=6",
    "commerce.population.visits_per_day=1.0",
    "merchants.preparation_minutes=60.0",
)
BUSY = ("couriers.count=2", "commerce.population.visits_per_day=1.0")


def of(prefix: str, values: dict[str, str], world: tuple[str, ...] = (), **more: int) -> list[Case]:
    return [Case(f"{prefix}.{name}", value, world, **more) for name, value in values.items()]


def of_policy(
    family: str, name: str, values: dict[str, str], world: tuple[str, ...] = (), days: int = 3
) -> list[Case]:
    when = f'name = "{name}"'
    return [
        Case(f"policies.{family}.{key}", value, world, days, when) for key, value in values.items()
    ]


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
    Case("roads.network", '"coquimbo"'),
    *of("roads", {"rows": "9", "columns": "9", "spacing_m": "900.0", "speed_kph": "8.0"}),
    Case("commerce.source", '"generated"', WRITTEN),
    *of("commerce.generated", GENERATED),
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
    Case("consumers.count", "100"),
    Case("consumers.budget_days", "1", ("commerce.population.income_median=3.0",)),
    *of("consumers.choice", CHOICE),
    Case("consumers.choice.buyers_per_consumer", "50", ('consumers.choice.demand="expected"',)),
    Case("consumers.choice.rank_concentration", "50.0", ('consumers.choice.attention="rank"',)),
    *of("consumers.response", RESPONSE),
    Case("consumers.response.satisfaction", '"aspiration"', RATED),
    Case("consumers.response.aspiration_quantile", "0.1", ASPIRING),
    Case("consumers.response.aspiration_days", "1", (*ASPIRING, "consumers.choice.once=true"), 4),
    Case("consumers.response.trust_prior", "50.0", ('consumers.response.trust_model="beta"',)),
    *(
        Case(f"consumers.ratings.{key}", value, RATED if key == "model" else ASPIRING)
        for key, value in RATINGS.items()
    ),
    Case("consumers.response.lateness_penalty", "5.0", ("delivery.promise_minutes=5.0",)),
    Case("consumers.response.deception_penalty", "5.0", CROOKS),
    Case("consumers.response.cancellation_penalty", "0.0", ("delivery.failure_rate=1.0",)),
    Case("consumers.response.stockout_penalty", "4.0", THIN_STOCK),
    Case("consumers.response.counterfeit_detection", "0.0", CROOKS),
    Case("consumers.response.rewiring", "1.0", ("consumers.response.word_of_mouth=0.3",)),
    Case("consumers.response.community", "20", ("consumers.response.word_of_mouth=0.3",)),
    Case("consumers.response.comeback_rate", "0.9", ("consumers.response.churn_rate=0.9",), 4),
    *of("merchants", MERCHANTS),
    Case("merchants.capital_days", "5.0", RIVALRY, 12),
    Case("merchants.capital_log_sd", "2.0", RIVALRY, 12),
    Case("merchants.grace_days", "1", RIVALRY, 12),
    Case("merchants.stock_cover_days", "1.0", THIN_STOCK),
    Case("merchants.stock_minimum", "3", THIN_STOCK),
    Case("merchants.lead_time_days", "0.0", THIN_STOCK, 8),
    Case("merchants.entry_elasticity", "20.0", ("merchants.entry_rate=0.2",), 6),
    Case("merchants.entrant_listings", "40", ("merchants.entry_rate=0.5",), 4),
    Case("merchants.entrant_variation", "0.3", ("merchants.entry_rate=0.5",), 4),
    Case("merchants.entry_forecast", "true", ("merchants.entry_rate=0.5",), 4),
    *of("merchants.misconduct", MISCONDUCT, (*CROOKS, COST_PLUS), days=5),
    *of("couriers", COURIERS),
    Case("couriers.capacity", "1", BUSY),
    *of("delivery", DELIVERY),
    Case("delivery.attempts", "5", ("delivery.failure_rate=0.7",)),
    Case("delivery.give_up_days", "1", ("couriers.days_per_week=0.5",), 5),
    Case("delivery.postal_days", "0", POST),
    Case("delivery.postage", "9.0", POST),
    *of(
        "platform",
        {
            "commission": "0.4",
            "delivery_fee": "9.0",
            "capital": "1000.0",
            "running_cost_per_day": "900.0",
        },
    ),
    Case("platform.log_days", "1"),
    Case("platform.own_brand_merchants", "2", ('policies.steering={name = "self_preferencing"}',)),
    Case("policies.steering.name", '"price_directed_prominence"'),
    *of_policy("steering", "k_cheapest", {"k": "1"}, ('policies.steering={name = "k_cheapest"}',)),
    *of_policy(
        "steering",
        "dynamic_prominence",
        {"tolerance": "0.9"},
        (
            'policies.steering={name = "dynamic_prominence", tolerance = 0.0}',
            "merchants.strategies={adaptive = 1.0}",
            "policies.merchant_pricing={adaptive = {period = 1, step = 0.1}}",
        ),
        8,
    ),
    *of(
        "platform",
        {"complaint_staff": "0", "complaint_cost": "40.0", "complaints_per_staff": "1"},
        COMPLAINING,
        days=5,
    ),
    *of(
        "rival",
        {"present": "false", "price_level": "0.5", "discount": "0.5", "utility": "4.0"},
    ),
    Case("policies.rival.name", '"match"', SUBSIDISED),
    *of_policy(
        "rival",
        "match",
        {"share": "0.1", "speed": "1.0"},
        (*SUBSIDISED, 'policies.rival={name = "match"}'),
    ),
    Case("regulator.inspect_every_days", "4", INSPECTED, 12),
    Case("regulator.appeal_success", "1.0", WRONGED, 14),
    Case("regulator.appeal_days", "2", WRONGED, 14),
    Case("regulator.deterrence_days", "0", INSPECTED, 12),
    Case("policies.recommendation.name", '"random"'),
    *of_policy(
        "recommendation",
        "learned",
        {
            "embedding_size": "4",
            "retrain_days": "3",
            "window_days": "1",
            "epochs": "20",
            "rating_weight": "1.0",
            "exploration": "1.0",
        },
        LEARNING,
        5,
    ),
    *of_policy("recommendation", "popularity", {"exploration": "1.0"}),
    *of_policy(
        "recommendation",
        "weighted",
        {"consumer_weight": "0.1", "profit_weight": "1.0", "earnings_unit": "0.01"},
        RATED,
    ),
    *of_policy("search", "bm25", {"k1": "0.0", "b": "0.0"}),
    *of_policy("search", "bm25", {"reindex_days": "1"}, ("merchants.entry_rate=0.5",), 4),
    Case("policies.subsidy.name", '{name = "none"}', SUBSIDISED, sets="policies.subsidy"),
    *of_policy("subsidy", "flat", SUBSIDY, SUBSIDISED),
    *of_policy(
        "subsidy",
        "flat",
        NOTICE,
        (*DISCLOSED, f'policies.subsidy={{name = "flat", {DISCLOSING}}}'),
    ),
    *of_policy(
        "subsidy",
        "targeted",
        NOTICE,
        (*DISCLOSED, f'policies.subsidy={{name = "targeted", {DISCLOSING}}}'),
    ),
    *(
        Case(
            f"policies.subsidy.campaigns[].{key}",
            value,
            ONE_CAMPAIGN,
            3,
            'name = "campaigns"',
            f"policies.subsidy.campaigns.0.{key}",
        )
        for key, value in (SUBSIDY | {"recipients": '"newcomers"'}).items()
    ),
    Case(
        "policies.subsidy.campaigns[].newcomer_orders",
        "1",
        (*ONE_CAMPAIGN, 'policies.subsidy.campaigns.0.recipients="newcomers"'),
        3,
        'name = "campaigns"',
        "policies.subsidy.campaigns.0.newcomer_orders",
    ),
    *(
        Case(
            f"policies.subsidy.campaigns[].{key}",
            value,
            (
                *DISCLOSED,
                f'policies.subsidy={{name = "campaigns", campaigns = [{{{DISCLOSING_A}}}]}}',
            ),
            3,
            'name = "campaigns"',
            f"policies.subsidy.campaigns.0.{key}",
        )
        for key, value in NOTICE.items()
    ),
    *of_policy("subsidy", "campaigns", {"stacking": '"add"'}, (STACKED,)),
    *of_policy("subsidy", "targeted", SUBSIDY, TARGETED),
    *of_policy(
        "subsidy", "targeted", {"recipients": '"small_merchants"', "newcomer_orders": "1"}, TARGETED
    ),
    Case(
        "policies.price_regulation.name",
        '{name = "cap", max_share_of_price = 0.05}',
        SUBSIDISED,
        sets="policies.price_regulation",
    ),
    *of_policy(
        "price_regulation",
        "cap",
        {"max_per_unit": "0.5", "max_share_of_price": "0.05", "max_share_of_gmv": "0.05"},
        CAPPED,
    ),
    *of_policy(
        "price_regulation",
        "cap",
        {"max_share_of_revenue": "0.1", "total_budget": "10.0", "from_day": "2"},
        (*CAPPED, "policies.price_regulation.max_share_of_price=0.2"),
    ),
    *of_policy("price_regulation", "cap", {"phase_in_days": "0", "phase_in_factor": "1.5"}, PHASED),
    *of(
        "policies.rules.subsidy_limit",
        {
            "max_share_of_gmv": "1.0",
            "max_share_of_price": "1.0",
            "total_budget": "1.0",
            "days": "14",
            "cover_days": "0.0",
        },
        GENEROUS,
        days=9,
    ),
    *of("policies.rules.subsidy_limit", {"window": "4"}, TWICE_GENEROUS, days=9),
    *of(
        "policies.rules.subsidy_limit",
        dict.fromkeys(("fresh", "seasonal"), '["Kitchen", "Shoes", "Lighting"]'),
        GENEROUS,
        days=9,
    ),
    *of(
        "policies.rules.subsidy_limit",
        {"life_left": "1.0"},
        (*GENEROUS, "merchants.shelf_life_days={Kitchen = 9, Shoes = 9, Lighting = 9}"),
        days=9,
    ),
    *of("policies.rules.subsidy_limit", {"platform_share": "1.0"}, DEPARTING, days=10),
    *of(
        "policies.rules.subsidy_disclosure",
        {"max_announced": "0.5", "min_paid": "0.0", "memory_days": "0"},
        (
            *DISCLOSED,
            'policies.subsidy={name = "flat", share = 0.3, total_budget = 5000.0, until_day = 2}',
        ),
        days=5,
    ),
    Case("policies.rules", "{}", INSPECTED, 9),
    *of("policies.rules.below_cost", {"days": "2"}, INSPECTED, days=6),
    *of("policies.rules.below_cost", {"window": "5"}, TWICE_DEAR, days=10),
    *of("policies.rules.false_discount", {"tolerance": "5.0"}, INSPECTED, days=9),
    Case("regulator.inspections_per_day", "1", INSPECTED, 9),
    Case("policies.sanctions.name", '"none"', INSPECTED, 9),
    *of_policy("sanctions", "ladder", LADDER, UNDETERRED, 14),
    Case("policies.fraud.name", '"none"', COMPLAINING, 6),
    *of_policy("fraud", "complaint_rate", FRAUD, (*COMPLAINING, *EASILY_FLAGGED), 5),
    Case("policies.protection.name", '"refund_all"', COMPLAINING),
    *of_policy("protection", "refund_by_rule", PROTECTION, COMPLAINING, 8),
    *of_policy(
        "protection",
        "refund_by_rule",
        {"min_evidence": "1.0"},
        (*COMPLAINING, "policies.protection.suspect_rate=1.0"),
    ),
    Case("policies.privacy.name", '"pseudonymise"'),
    *of_policy("privacy", "pseudonymise", {"secret": '"other"', "rotate_days": "1"}, PRIVATE, 4),
    *of_policy("privacy", "pseudonymise", {"retention": "1"}, PRIVATE, 4),
    Case("policies.dispatch.name", '"nearest"', BUSY),
    *of_policy("dispatch", "cheapest_insertion", DISPATCH, BUSY),
    *of_policy("dispatch", "cheapest_insertion", {"replan": "false"}, UNHURRIED),
    Case("policies.merchant_pricing", "{cost_plus = {markup = 2.0}}"),
    *of(
        "policies.merchant_pricing.cost_plus",
        {"markup": "2.0", "adjustment": "1.0"},
        (COST_PLUS,),
    ),
    *of(
        "policies.merchant_pricing.adaptive",
        {"period": "2", "step": "0.3"},
        ("merchants.strategies={adaptive = 1.0}", "policies.merchant_pricing.adaptive.period=1"),
        days=5,
    ),
    *of(
        "policies.merchant_pricing.q_learning",
        {
            "alpha": "0.9",
            "delta": "0.0",
            "beta": "1.0",
            "m": "5",
            "grid_margin": "1.0",
            "period": "3",
        },
        (*Q_LEARNERS, "policies.merchant_pricing={q_learning = {beta = 0.5}}"),
        days=8,
    ),
    *of(
        "policies.merchant_pricing.q_learning",
        {"patience": "1", "max_periods": "1", "rehearsal": "false"},
        REHEARSED,
    ),
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
        "road_closure", ", share = 0.3, slowdown = 5.0", {"share": "0.05", "slowdown": "50.0"}
    ),
    *of_event("supply_shock", ", factor = 3.0", {"factor": "0.3", "category": '"Shoes"'}),
    *of_event("counterfeit_wave", ", share = 0.5", {"share": "1.0"}),
    *of_event("data_breach", "", {}),
    *of_event(
        "change",
        ', key = "platform.commission", value = 0.5',
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
]

RESTLESS = (
    "merchants.strategies={adaptive = 1.0}",
    "policies.merchant_pricing.adaptive.step=0.3",
)
"""Merchants who try other prices all the time, so that a strict monitor finds moves."""


def monitored(**params: object) -> tuple[str, ...]:
    own = {"turns": 1, "max_range": 0.02, "quiet_days": 0} | params
    table = ", ".join(f"{key} = {value}" for key, value in own.items())
    return (f"policies.rules={{price_monitor = {{{table}}}}}", *RESTLESS)


CONCENTRATED = (
    (
        "policies.rules={concentration = {every_days = 1, window = 2, compare_days = 1, "
        "rise = 0.0, high_index = 100.0, quiet_days = 0}}"
    ),
)

CASES += [
    *of(
        "policies.rules.price_monitor",
        {"turns": "2", "max_range": "5.0", "quiet_days": "30", "detector": '"step"'},
        monitored(),
        days=6,
    ),
    Case(
        "policies.rules.price_monitor.max_step",
        "5.0",
        monitored(detector='"step"', max_step=0.01),
        6,
    ),
    Case(
        "policies.rules.price_monitor.max_deviation", "1000.0", monitored(detector='"hampel"'), 25
    ),
    Case(
        "policies.rules.price_monitor.penalty",
        "90.0",
        monitored(detector='"kernel_change"', penalty=0.1, turns=4),
        16,
    ),
    Case(
        "policies.rules.price_monitor.max_drift",
        "5.0",
        monitored(max_range=5.0, max_drift=0.01, turns=5),
        95,
    ),
    *of(
        "policies.rules.concentration",
        {
            "every_days": "3",
            "window": "1",
            "compare_days": "3",
            "rise": "5000.0",
            "high_index": "10000.0",
            "quiet_days": "30",
        },
        CONCENTRATED,
        days=8,
    ),
    Case(
        "policies.rules.concentration.large_share",
        "1.0",
        (
            CONCENTRATED[0],
            "policies.rules.concentration.high_index=10000.0",
            "policies.rules.concentration.large_share=0.1",
        ),
        8,
    ),
]


def all_use(strategy: str, **params: str) -> tuple[str, ...]:
    """A world whose merchants all use one strategy, with some parameters of it."""
    given = ", ".join(f"{key} = {value}" for key, value in params.items())
    return (
        f"merchants.strategies={{{strategy} = 1.0}}",
        f"policies.merchant_pricing={{{strategy} = {{{given}}}}}",
    )


def of_strategy(
    name: str, values: dict[str, str], world: tuple[str, ...] = (), days: int = 3, **params: str
) -> list[Case]:
    return of(
        f"policies.merchant_pricing.{name}", values, (*all_use(name, **params), *world), days=days
    )


EMERGENCY = 'events=[{kind = "emergency", day = 1, until = 2}]'
AT_WAR = ("rival.discount=0.4", 'policies.rival={name = "withdraw"}')

CASES += [
    Case("consumers.choice.one_stop_utility", "4.0", ("commerce.population.lines_per_visit=3.0",)),
    Case("consumers.multi_homing", "0.3"),
    Case("consumers.rival_home", "1.0", ("consumers.multi_homing=0.3",)),
    Case("rival.commission", "0.5"),
    *of(
        "merchants.strategies_by_size",
        dict.fromkeys(("small", "medium", "large"), "{undercutting = 1.0}"),
        ("merchants.small_share=0.5", "merchants.large_share=0.2"),
    ),
    *of_strategy(
        "undercutting",
        {"against": '"category"', "step": "0.3", "least_margin": "1.0", "markup": "2.0"},
    ),
    *of_strategy("loss_leader", {"leaders": "2", "depth": "0.6", "markup": "1.0"}),
    *of_strategy("predation", {"begin": "2", "depth": "0.6"}),
    *of_strategy("predation", {"markup": "1.0"}, begin="9"),
    *of_strategy("predation", {"exit_share": "0.1"}, RIVALRY, 12, exit_share="1.0"),
    *of_strategy("predation", {"recoup_markup": "0.2"}, RIVALRY, 12, exit_share="0.1"),
    *of_strategy(
        "fake_list_price",
        {"raised_days": "1", "sale_days": "2", "rise": "0.1", "markup": "1.0"},
    ),
    *of_strategy(
        "gouging", {"multiple": "1.5", "speed": "1.0", "markup": "1.0"}, (EMERGENCY,), speed="0.3"
    ),
    *of_strategy(
        "surge",
        {
            "cover_days": "100.0",
            "window": "1",
            "sensitivity": "4.0",
            "lowest": "0.3",
            "highest": "5.0",
            "markup": "1.0",
            "speed": "1.0",
        },
        THIN_STOCK,
        6,
        window="2",
    ),
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
    *of_policy(
        "rival",
        "escalate",
        {"step": "0.3", "ceiling": "0.1"},
        (*SUBSIDISED, 'policies.rival={name = "escalate"}'),
    ),
    *of_policy("rival", "withdraw", {"war_chest": "0.0", "patience_days": "1"}, AT_WAR),
    *of_policy("rival", "withdraw", {"loss_a_day": "0.0"}, AT_WAR, 10),
    *of_policy(
        "rival", "withdraw", {"leaves": "true"}, (*AT_WAR, "policies.rival.patience_days=1")
    ),
    *of_policy(
        "rival", "withdraw", {"share": "0.2"}, (*SUBSIDISED, 'policies.rival={name = "withdraw"}')
    ),
]


def inspected_for(rule: str, parameters: str = "", *world: str) -> tuple[str, ...]:
    """A market with one rule, whose sanctions come fast, go by any evidence and deter nobody."""
    return (
        f"policies.rules={{{rule} = {{{parameters}}}}}",
        "regulator.deterrence_days=0",
        (
            'policies.sanctions={name = "ladder", weakest_grade = "C", delist_days = 1, '
            "fine_floor = 0.0}"
        ),
        *world,
    )


LIARS = (
    "merchants.strategies={fake_list_price = 1.0}",
    "policies.merchant_pricing={fake_list_price = {raised_days = 3, sale_days = 4}}",
)
PREDATORS = (*CROOKS, COST_PLUS)
GOUGERS = (
    "merchants.strategies={gouging = 1.0}",
    "merchants.entry_rate=0.3",
    'events=[{kind = "emergency", day = 2}]',
)
WAVES = (
    "merchants.strategies={fake_list_price = 1.0}",
    "policies.merchant_pricing={fake_list_price = {raised_days = 10, sale_days = 20}}",
    "commerce.generated.merchants=4",
    'policies.fraud.name="none"',
)
RAISED = inspected_for("discount_base", "tolerance = 5.0, raised_days = 3, usual_days = 7", *LIARS)
BELOW_TOTAL = inspected_for(
    "below_cost",
    "days = 1, min_share = 0.0, share_rise = 0.0, cover_days = 1000.0",
    "merchants.fixed_cost_per_listing=5.0",
)


def rule_cases(rule: str, values: dict[str, str], world: tuple[str, ...], days: int) -> list[Case]:
    return of(f"policies.rules.{rule}", values, world, days=days)


CASES += [
    Case("merchants.shelf_life_days", "{Shoes = 2}", THIN_STOCK, 5),
    *rule_cases(
        "false_discount",
        {"window": "1", "known_days": "60", "perishable": '["Shoes"]'},
        inspected_for("false_discount", "", *LIARS),
        16,
    ),
    *rule_cases(
        "false_discount",
        {"percentage_tolerance": "1.0"},
        inspected_for("false_discount", "tolerance = 5.0", *LIARS),
        16,
    ),
    *rule_cases(
        "discount_base",
        {"tolerance": "5.0", "deal_days": "1"},
        inspected_for("discount_base", "", *LIARS),
        16,
    ),
    *rule_cases(
        "discount_base", {"raised_days": "14", "usual_days": "60", "max_raise": "5.0"}, RAISED, 18
    ),
    *rule_cases(
        "below_cost",
        {"tolerance": "0.9", "cover_days": "0.0", "fresh": '["Shoes"]', "seasonal": '["Shoes"]'},
        inspected_for("below_cost", "days = 3", *PREDATORS),
        8,
    ),
    *rule_cases(
        "below_cost",
        {"life_left": "1.0"},
        inspected_for("below_cost", "days = 3", "merchants.shelf_life_days={Shoes = 9}", *CROOKS),
        8,
    ),
    *rule_cases("below_cost", {"min_share": "1.0", "share_rise": "1.0"}, BELOW_TOTAL, 6),
    *rule_cases(
        "gouging",
        {"max_rise": "10.0", "new_item_markup": "10.0", "days": "1"},
        inspected_for("gouging", "", *GOUGERS),
        12,
    ),
    *rule_cases(
        "bait_price",
        {"disclosed_fee": "1000.0", "tolerance": "1.0", "window": "1"},
        inspected_for("bait_price", "", *CROOKS),
        12,
    ),
    *rule_cases(
        "collusion",
        {"benchmark_margin": "1.0", "excess_margin": "1.0", "max_sellers": "2", "signs": "3"},
        inspected_for(
            "collusion", "max_sellers = 100, benchmark_margin = 0.0, excess_margin = 0.0, signs = 1"
        ),
        31,
    ),
    *rule_cases(
        "collusion",
        {"max_variation": "0.0"},
        inspected_for(
            "collusion",
            "max_sellers = 100, benchmark_margin = 0.0, excess_margin = 0.0, cut = 0.9, "
            "max_variation = 1.0",
        ),
        31,
    ),
    *rule_cases(
        "collusion",
        {"cut": "0.9", "answer_days": "1", "window": "28"},
        inspected_for(
            "collusion",
            "max_sellers = 100, benchmark_margin = 0.0, excess_margin = 0.0, cut = 0.05, "
            "max_variation = 0.0, answer_days = 30",
            *WAVES,
        ),
        48,
    ),
]


FEW_INSPECTIONS = (*INSPECTED, "regulator.inspections_per_day=6")
RATIONAL = (*INSPECTED, 'merchants.deterrence.model="expected_sanction"')

CASES += [
    *of("regulator", {"risk_share": "0.0", "risk_memory_days": "1"}, FEW_INSPECTIONS, days=14),
    Case("regulator.restitution_days", "1", UNDETERRED, 12),
    *of_policy("sanctions", "ladder", {"recheck_days": "5", "pay_days": "0"}, RELAPSING, 14),
    *of_policy(
        "sanctions",
        "ladder",
        {
            "platform_cap": "100000.0",
            "platform_gmv": "10.0",
        },
        FINED_PLATFORM,
        6,
    ),
    *of_policy(
        "sanctions",
        "ladder",
        {"platform_floor": "90000.0", "serious_floor": "900000.0"},
        (*FINED_PLATFORM, "policies.sanctions.fine_multiple=0.0"),
        6,
    ),
    Case(
        "policies.sanctions.serious_cap",
        "2.0",
        (*FINED_PLATFORM, "policies.sanctions.serious_floor=1.0"),
        6,
    ),
    Case("merchants.deterrence.model", '"after_sanction"', RATIONAL, 9),
    *of(
        "merchants.deterrence",
        {
            "review_days": "1",
            "prior_detection": "1.0",
            "prior_sanction": "10000.0",
            "prior_days": "0.0",
            "peers": "0.0",
            "forgetting_days": "1.0",
            "gain_share": "0.0",
            "gain_log_sd": "3.0",
        },
        RATIONAL,
        days=12,
    ),
]


@cache
def outcome(world: tuple[str, ...], days: int) -> tuple[object, ...]:
    """All that a market leaves after some days: indicators, tables, titles and balances."""
    scenario, folder = resolve("tiny", overrides=(*SMALL, f"days={days}", *world))
    market = build(scenario, folder=folder)
    for _ in range(scenario.days):
        market.step()
    tables = [
        getattr(market, name).to_dict()[column]
        for name in TABLES
        for column in getattr(market, name).to_dict()
    ]
    index = composite_index(market.health.latest(), scenario.health.index).value
    arrays = [market.health.values(), index, market.ledger.balance, market.crowd.trust, *tables]
    keys = [day.visitor for day in market.log.days]
    return (tuple(market.titles), *(np.asarray(array).tobytes() for array in (*arrays, *keys)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.key} {case.when}".strip())
def test_another_value_changes_the_market(case: Case) -> None:
    changed = (*case.world, f"{case.sets or case.key}={case.value}")
    assert outcome(changed, case.days) != outcome(case.world, case.days)


def test_every_key_has_a_case() -> None:
    keys = {(one.key, one.when) for one in fields(Scenario)}
    named = {
        (f"policies.{table}.{name}.{parameter}", "")
        for family, table in BY_NAME.items()
        for name in registry.names(family)
        for parameter in registry.find(family, name).Params.model_fields
        if parameter != "name"
    }
    assert {(case.key, case.when) for case in CASES} == (keys | named) - FELT_BY_NOBODY
