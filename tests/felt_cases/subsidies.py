"""Subsidies, their limits and the rules on them: what feels their settings."""

from felt_cases.case import Case, of, of_policy
from felt_cases.worlds import SUBSIDISED

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
LEAVING = (
    (
        'policies.subsidy={name = "targeted", share = 0.3, recipients = "likely_to_leave", '
        "least_risk = 0.2, silence_days = 2, retrain_days = 3}"
    ),
    "commerce.population.visits_per_day=0.6",
)


CASES = [
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
    *of_policy("subsidy", "targeted", {"recipients": '"newcomers"'}, LEAVING, 6),
    *of_policy(
        "subsidy",
        "targeted",
        {"least_risk": "0.0", "silence_days": "1", "retrain_days": "4"},
        LEAVING,
        6,
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
]
