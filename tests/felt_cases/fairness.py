"""Re-rankings: what feels their parameters."""

from felt_cases.case import Case, of_policy
from felt_cases.worlds import LIVELY


def fair(name: str, parameters: str = "", *more: str) -> tuple[str, ...]:
    """A busy market with short slates under a re-ranking."""
    table = f'policies.reranking={{name = "{name}"{parameters}}}'
    return (table, "consumers.choice.slate_size=4", *LIVELY, *more)


TRAINED = (
    (
        'policies.recommendation={name = "learned", model = "fair_softmax", blend = false, '
        "retrain_days = 2, holdout_days = 1, epochs = 2, fair_share = 0.6}"
    ),
    "consumers.choice.slate_size=4",
    *LIVELY,
)

TAIL = ', group = "long_tail"'
NEW = ', group = "new_listings"'
ENTRY = "merchants.entry_rate=0.5"

CASES = [
    Case("policies.reranking.name", '"bonus"', fair("none")),
    *(
        case
        for name in ("bonus", "exposure_share", "fair_prefixes")
        for case in (
            *of_policy("reranking", name, {"group": '"long_tail"', "depth": "1"}, fair(name)),
            *of_policy("reranking", name, {"head": "0.7"}, fair(name, TAIL)),
            *of_policy("reranking", name, {"new_days": "2"}, fair(name, NEW, ENTRY), 6),
        )
    ),
    *of_policy(
        "recommendation",
        "learned",
        {"fair_group": '"long_tail"', "fair_share": "0.0"},
        TRAINED,
        5,
    ),
    *of_policy("reranking", "bonus", {"bonus": "2.0"}, fair("bonus")),
    *of_policy("reranking", "exposure_share", {"goal": '"parity"'}, fair("exposure_share")),
    *of_policy(
        "reranking",
        "exposure_share",
        {"share": "0.9", "over": '"weeks"', "consumers": '"each_group"'},
        fair("exposure_share", TAIL),
    ),
    *of_policy(
        "reranking",
        "fair_prefixes",
        {"proportion": "0.9", "significance": "0.7"},
        fair("fair_prefixes", TAIL),
    ),
    *of_policy(
        "reranking",
        "equity_of_attention",
        {"unit": '"listing"', "pace": "2.0", "half_life": "1.0", "depth": "1"},
        fair("equity_of_attention"),
    ),
]
