"""How consumers choose and respond: what feels its settings."""

from felt_cases.case import Case, of
from felt_cases.worlds import CROOKS, RATED, THIN_STOCK

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
    "click_margin": "0.0",
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

CASES = [
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
    Case("consumers.choice.one_stop_utility", "4.0", ("commerce.population.lines_per_visit=3.0",)),
    Case("consumers.multi_homing", "0.3"),
    Case("consumers.rival_home", "1.0", ("consumers.multi_homing=0.3",)),
]
