"""The platform, its policies and its rival: what feels their settings."""

from felt_cases.case import Case, of, of_policy
from felt_cases.worlds import (
    CROOKS,
    DEARER,
    FORCED,
    LIVELY,
    OWN_FIRST,
    PERSONAL,
    PUNISHED,
    RATED,
    SEARCHED,
    SUBSIDISED,
    WAR,
)

COMPLAINING = (
    "consumers.response.complaint_rate=1.0",
    "consumers.response.false_complaint_rate=0.5",
    *CROOKS,
)

FRAUD = {
    "threshold": "0.9",
    "counts": '"not_genuine"',
    "min_units": "50",
    "confidence": "3.0",
    "delist_days": "1",
}

SILENT_BUT_REVIEWING = (
    *CROOKS,
    "consumers.response.complaint_rate=0.0",
    "consumers.response.false_complaint_rate=0.0",
    "consumers.response.review_rate=1.0",
    "consumers.response.counterfeit_detection=1.0",
)

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

PRIVATE = ('policies.privacy={name = "pseudonymise"}',)

LEARNING = (
    'policies.recommendation={name = "learned", retrain_days = 2, epochs = 2}',
    "commerce.population.visits_per_day=1.0",
)

NEIGHBOURS = (
    'policies.recommendation={name = "neighbours"}',
    "commerce.population.visits_per_day=1.0",
)

AUDIENCE = (
    'policies.reranking={name = "minimum_audience", audience = 20}',
    "consumers.choice.slate_size=3",
    "commerce.population.visits_per_day=1.0",
)

SURGE = ('policies.fees={name = "surge", orders_per_courier = 5.0}', *LIVELY)

AT_WAR = ("rival.discount=0.4", 'policies.rival={name = "withdraw"}')

CASES = [
    Case("policies.fees.name", '"surge"', LIVELY),
    Case("platform.own_brand_merchants", "6", OWN_FIRST, 6),
    Case("platform.fee_notice_days", "0", DEARER, 6),
    Case("platform.forced_discount", "0.3"),
    Case("platform.forced_share", "1.0", FORCED, 8),
    Case("platform.asks_consent", "true", FORCED, 8),
    Case("platform.retaliation", "1.0", PUNISHED, 8),
    Case("platform.parity_clause", "true", ("rival.price_level=0.5",)),
    Case("platform.auto_follow", "1.0", WAR, 5),
    *(
        case
        for name in ("flat", "by_category", "by_size", "surge")
        for case in of_policy(
            "fees", name, {"personal": "0.3"}, (f'policies.fees.name="{name}"', *PERSONAL[1:]), 3
        )
    ),
    *(
        case
        for name in ("flat", "by_category", "by_size", "surge")
        for case in of_policy(
            "fees",
            name,
            {"personal_disclosed": "true"},
            (f'policies.fees={{name = "{name}", personal = 0.3}}', *PERSONAL[1:]),
            3,
        )
    ),
    *of_policy(
        "fees",
        "by_category",
        {"commissions": "{Shoes = 0.4}"},
        ('policies.fees.name="by_category"',),
    ),
    *of_policy(
        "fees",
        "by_size",
        {"small": "0.3", "medium": "0.3", "large": "0.3"},
        (
            'policies.fees.name="by_size"',
            "merchants.small_share=0.5",
            "merchants.large_share=0.2",
        ),
    ),
    *of_policy(
        "fees",
        "surge",
        {"orders_per_courier": "2.0", "fee_response": "2.0", "commission_response": "1.0"},
        (*SURGE, "policies.fees.ceiling=10.0"),
    ),
    *of_policy("fees", "surge", {"ceiling": "1.1"}, SURGE),
    *of_policy("fees", "surge", {"floor": "0.9"}, ('policies.fees={name = "surge"}',)),
    *of_policy("fees", "surge", {"memory": "1.0"}, (*SURGE, "policies.fees.ceiling=10.0"), 5),
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
    Case("platform.logs", '"shown"'),
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
    Case("policies.recommendation.name", '"random"'),
    *of_policy(
        "recommendation",
        "learned",
        {
            "model": '"als"',
            "retrain_days": "3",
            "holdout_days": "1",
            "window_days": "1",
            "real_time": "false",
            "clicks_until": "0",
            "position_correction": "false",
            "rating_weight": "5.0",
            "exploration": "1.0",
            "explore_by": '"uncertainty"',
        },
        LEARNING,
        5,
    ),
    *of_policy(
        "recommendation",
        "learned",
        {"blend": "false", "embedding_size": "4", "epochs": "20"},
        (*LEARNING, 'policies.recommendation.model="als"'),
        5,
    ),
    *of_policy(
        "recommendation",
        "learned",
        {"new_listings": "0.0", "new_days": "1"},
        (*LEARNING, "merchants.entry_rate=0.5", "policies.recommendation.exploration=0.5"),
        6,
    ),
    *of_policy(
        "recommendation",
        "two_tower",
        {
            "size": "4",
            "text_dimensions": "2",
            "pictures": "false",
            "retrain_days": "3",
            "window_days": "1",
            "epochs": "1",
        },
        (
            'policies.recommendation={name = "two_tower", retrain_days = 2, epochs = 3}',
            "commerce.population.visits_per_day=1.0",
        ),
        3,
    ),
    *of_policy("recommendation", "popularity", {"exploration": "1.0"}),
    *of_policy(
        "recommendation",
        "weighted",
        {"consumer_weight": "0.1", "profit_weight": "1.0", "earnings_unit": "0.01"},
        RATED,
    ),
    *of_policy(
        "recommendation",
        "neighbours",
        {"neighbours": "1", "popularity_discount": "1.0"},
        NEIGHBOURS,
    ),
    Case("policies.reranking.name", '"minimum_audience"', AUDIENCE[1:]),
    *of_policy("reranking", "minimum_audience", {"audience": "40", "depth": "2"}, AUDIENCE),
    *of_policy("search", "bm25", {"k1": "0.0", "b": "0.0"}),
    *of_policy("search", "bm25", {"reindex_days": "1"}, ("merchants.entry_rate=0.5",), 4),
    Case("policies.search.name", '"learned"', SEARCHED[1:], 8),
    *of_policy(
        "search",
        "learned",
        {
            "ranker": '"boosted"',
            "loss": '"lambdarank"',
            "epochs": "1",
            "retrain_days": "3",
            "window_days": "1",
            "depth": "1",
            "text_dimensions": "2",
            "personal": "false",
            "position_bias": '"ignored"',
        },
        SEARCHED,
    ),
    *of_policy(
        "search",
        "learned",
        {"trees": "2"},
        ('policies.search={name = "learned", retrain_days = 2, ranker = "boosted"}', *SEARCHED[1:]),
    ),
    Case("policies.fraud.name", '"none"', COMPLAINING, 6),
    *of_policy("fraud", "complaint_rate", FRAUD, (*COMPLAINING, *EASILY_FLAGGED), 5),
    *of_policy(
        "fraud",
        "complaint_rate",
        {"reviews": "1.0"},
        (*SILENT_BUT_REVIEWING, *EASILY_FLAGGED),
        5,
    ),
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
    Case("rival.commission", "0.5"),
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
