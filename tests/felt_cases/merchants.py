"""Merchants, their misconduct and their pricing strategies: what feels their settings."""

from felt_cases.case import Case, of
from felt_cases.worlds import (
    COST_PLUS,
    CROOKS,
    EMERGENCY,
    FORCED,
    INSPECTED,
    LIVELY,
    THIN_STOCK,
    all_use,
)

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

RIVALRY = ("merchants.fixed_cost_per_listing=8.0", "merchants.capital_days=1.0")

Q_LEARNERS = ("merchants.strategies={q_learning = 1.0}",)

FORECAST = ('merchants.restocking.method="hierarchical"', *THIN_STOCK)

REHEARSED = (
    "merchants.strategies={q_learning = 1.0}",
    "commerce.generated.merchants=2",
    (
        "policies.merchant_pricing={q_learning = {rehearsal = true, m = 4, beta = 0.001, "
        "patience = 5000, max_periods = 20000}}"
    ),
)

RUINOUS = (
    'events=[{kind = "change", day = 10, key = "platform.commission", value = 0.7}]',
    "platform.fee_notice_days=0",
    *LIVELY,
)


def of_strategy(
    name: str, values: dict[str, str], world: tuple[str, ...] = (), days: int = 3, **params: str
) -> list[Case]:
    return of(
        f"policies.merchant_pricing.{name}", values, (*all_use(name, **params), *world), days=days
    )


RATIONAL = (*INSPECTED, 'merchants.deterrence.model="expected_sanction"')

CASES = [
    Case("merchants.fee_exit_share", "1.0", (*RUINOUS, "merchants.fee_exit_share=0.0"), 12),
    Case("merchants.refusal_share", "0.0", FORCED, 8),
    *of("merchants", MERCHANTS),
    Case("merchants.capital_days", "5.0", RIVALRY, 12),
    Case("merchants.capital_log_sd", "2.0", RIVALRY, 12),
    Case("merchants.grace_days", "1", RIVALRY, 12),
    Case("merchants.stock_cover_days", "1.0", THIN_STOCK),
    Case("merchants.stock_minimum", "3", THIN_STOCK),
    Case("merchants.restocking.method", '"hierarchical"', THIN_STOCK),
    Case("merchants.restocking.method", '"tsb"', FORECAST, 6),
    *of(
        "merchants.restocking",
        {"service_level": "0.6", "smoothing": "0.9", "window_days": "7"},
        FORECAST,
        days=6,
    ),
    Case("merchants.lead_time_days", "0.0", THIN_STOCK, 8),
    Case("merchants.entry_elasticity", "20.0", ("merchants.entry_rate=0.2",), 6),
    Case("merchants.entrant_listings", "40", ("merchants.entry_rate=0.5",), 4),
    Case("merchants.entrant_variation", "0.3", ("merchants.entry_rate=0.5",), 4),
    Case("merchants.entry_forecast", "true", ("merchants.entry_rate=0.5",), 4),
    *of("merchants.misconduct", MISCONDUCT, (*CROOKS, COST_PLUS), days=5),
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
    Case("merchants.shelf_life_days", "{Shoes = 2}", THIN_STOCK, 5),
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
