"""What a recommender gains that learns from choices, by the simulator's hidden truth."""

import numpy as np
import pytest
from quiet_markets import SELDOM

from experiments.running import run

OTHERS = ('{name = "popularity"}', '{name = "random"}')

LEARNED = '{name = "learned"}'

SEEDS = (1, 2)


def measured(policy: str, seed: int, *overrides: str) -> np.ndarray:
    """NDCG, regret and consumer surplus a visit, means of the days after the first training."""
    chosen = f"policies.recommendation={policy}"
    result = run("tiny", days=21, seed=seed, overrides=(SELDOM, "events=[]", chosen, *overrides))
    names = ["ndcg", "slate_regret", "surplus_per_visit"]
    mean: np.ndarray = result.indicators[names].iloc[7:].mean().to_numpy()
    return mean


@pytest.mark.slow
def test_the_learned_recommender_beats_popularity_and_random() -> None:
    learned = np.stack([measured(LEARNED, seed) for seed in SEEDS])
    for other in OTHERS:
        gain = learned - np.stack([measured(other, seed) for seed in SEEDS])
        assert (gain[:, 0] > 0.05).all()  # NDCG
        assert (gain[:, 1] < 0).all()  # regret
        assert gain[:, 2].mean() > 0  # surplus


@pytest.mark.slow
def test_correcting_for_places_pays_where_the_log_cannot_tell_what_was_seen() -> None:
    uncorrected = '{name = "learned", position_correction = false}'
    shown = 'platform.logs="shown"'
    gain = [
        measured(LEARNED, seed, shown)[0] - measured(uncorrected, seed, shown)[0]
        for seed in (*SEEDS, 3)
    ]
    assert np.mean(gain) > 0.0
