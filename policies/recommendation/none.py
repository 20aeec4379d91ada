"""No recommendations: consumers find what they search for, and nothing else."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from policies.observations import RecommendationObservation
from policies.params import PolicyParams


class NoRecommendation:
    """Leaves every slate empty: the control that shows what a recommender does."""

    family: ClassVar[str] = "recommendation"
    name: ClassVar[str] = "none"

    class Params(PolicyParams):
        """There is nothing to set."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def recommend(self, observation: RecommendationObservation) -> NDArray[np.int32]:
        """(S, K) empty places."""
        shape = len(observation.sessions.category), observation.slate_size
        return np.full(shape, -1, dtype=np.int32)
