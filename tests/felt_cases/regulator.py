"""The regulator, its other rules and its sanctions: what feels their settings."""

from felt_cases.case import Case, of, of_policy
from felt_cases.worlds import (
    COST_PLUS,
    CROOKS,
    DEARER,
    INSPECTED,
    OWN_FIRST,
    PERSONAL,
    PUNISHED,
    WAR,
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

BAITED = ("policies.rules={bait_price = {}}", *CROOKS, "merchants.grace_days=300")

RELAPSING = (
    *BAITED,
    "regulator.deterrence_days=2",
    "merchants.fixed_cost_per_listing=100.0",
    "merchants.capital_days=0.1",
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


FEW_INSPECTIONS = (*INSPECTED, "regulator.inspections_per_day=6")

CASES = [
    Case("policies.rules.fee_notice.days", "2", (*DEARER, "policies.rules={fee_notice = {}}"), 4),
    *of("policies.rules.forced_loss", {"fall": "0.99"}, PUNISHED, days=11),
    *of("policies.rules.forced_loss", {"window": "3"}, PUNISHED, days=15),
    *of("policies.rules.forced_loss", {"refusals": "900"}, PUNISHED, days=11),
    *of("policies.rules.parity", {"follow_ratio": "1.0", "moves": "9"}, WAR, days=9),
    *of("policies.rules.parity", {"least_move": "0.5", "window": "2"}, WAR, days=9),
    *of("policies.rules.personal_price", {"spread": "0.9", "t_value": "90.0"}, PERSONAL, days=5),
    *of("policies.rules.self_preferencing", {"above_share": "1.0"}, OWN_FIRST, days=6),
    *of("policies.rules.self_preferencing", {"pairs": "90000"}, OWN_FIRST, days=6),
    *of("policies.rules.self_preferencing", {"excess": "90.0"}, OWN_FIRST, days=6),
    Case("regulator.inspect_every_days", "4", INSPECTED, 12),
    Case("regulator.appeal_success", "1.0", WRONGED, 14),
    Case("regulator.appeal_days", "2", WRONGED, 14),
    Case("regulator.deterrence_days", "0", INSPECTED, 12),
    Case("policies.rules", "{}", INSPECTED, 9),
    *of("policies.rules.below_cost", {"days": "2"}, INSPECTED, days=6),
    *of("policies.rules.below_cost", {"window": "5"}, TWICE_DEAR, days=10),
    *of("policies.rules.false_discount", {"tolerance": "5.0"}, INSPECTED, days=9),
    Case("regulator.inspections_per_day", "1", INSPECTED, 9),
    Case("policies.sanctions.name", '"none"', INSPECTED, 9),
    *of_policy("sanctions", "ladder", LADDER, UNDETERRED, 14),
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
    *of("regulator", {"risk_share": "0.0", "risk_memory_days": "1"}, FEW_INSPECTIONS, days=14),
    Case("regulator.restitution_days", "1", RELAPSING, 9),
    *of_policy(
        "sanctions",
        "ladder",
        {"pay_days": "1", "restitution_share": "0.0"},
        RELAPSING,
        9,
    ),
    *of_policy(
        "sanctions",
        "ladder",
        {"recheck_days": "5"},
        (*INSPECTED, "regulator.deterrence_days=2", "policies.sanctions.notices=0"),
        12,
    ),
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
    *of_policy(
        "sanctions",
        "ladder",
        {"serious_cap": "2.0"},
        (*FINED_PLATFORM, "policies.sanctions.serious_floor=1.0"),
        6,
    ),
]
