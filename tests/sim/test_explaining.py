"""What a run keeps of why its last slates were filled as they were."""

from typing import Any

import numpy as np
import pytest
from quiet_markets import SELDOM, lived

from policies.observations import Explanations
from policies.recommendation.learned import LearnedRecommendation
from sim.explaining import CONSUMERS, LISTINGS
from sim.policy_results import PolicyResultError

LEARNED = (
    SELDOM,
    'policies.recommendation={name = "learned", retrain_days = 3, holdout_days = 1}',
    "policies.recommendation.model=ease",
    "policies.recommendation.rating_weight=0.2",
)


def test_the_parts_of_each_score_add_up_to_it() -> None:
    market = lived(8, *LEARNED)
    kept = market.explanations
    assert (kept["day"] == 7).all()
    assert len(np.unique(kept["consumer"])) == CONSUMERS
    pair = kept["consumer"].astype(np.int64) * 1000 + kept["place"]
    pairs, first, row = np.unique(pair, return_index=True, return_inverse=True)
    assert len(pairs) == CONSUMERS * LISTINGS
    np.testing.assert_allclose(np.bincount(row, kept["value"]), kept["score"][first], atol=1e-4)
    parts = {market.explanation_parts[at] for at in kept["part"]}
    assert {"category", "price", "rating", "own record", "model", "predicted stars"} <= parts
    today = market.today
    for consumer, place, listing in zip(
        kept["consumer"], kept["place"], kept["listing"], strict=True
    ):
        session = np.flatnonzero(today.session_consumer == consumer)[0]
        assert today.slate[session, place] == listing


def test_a_recommender_that_tells_nothing_leaves_none() -> None:
    assert len(lived(2, SELDOM, "policies.recommendation.name=popularity").explanations) == 0


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("because", "must return Explanations, not str"),
        (Explanations(np.array([99]), ("x",), np.array([-1]), np.array([1.0])), "pairs 0 to"),
        (Explanations(np.array([0]), ("x",), np.array([-1]), np.array([np.nan])), "finite"),
        (Explanations(np.array([0]), ("x", "y"), np.array([-1]), np.array([1.0])), "as many"),
    ],
)
def test_a_wrong_explanation_is_refused(
    told: Any, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LearnedRecommendation, "explain", lambda *_: told)
    with pytest.raises(PolicyResultError, match=said):
        lived(1, *LEARNED)
