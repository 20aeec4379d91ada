"""No fraud detection."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from policies.observations import FraudAssessment, FraudObservation
from policies.params import PolicyParams


class NoFraudDetection:
    """Looks for nothing and flags nothing: the baseline of every detector."""

    family: ClassVar[str] = "fraud"
    name: ClassVar[str] = "none"

    class Params(PolicyParams):
        """Looking away has no parameters."""

    def __init__(self, params: Params) -> None:
        self.params = params

    def assess(self, observation: FraudObservation) -> FraudAssessment:
        """Score 0 for every listing, none flagged."""
        count = len(observation.units_sold)
        return FraudAssessment(score=np.zeros(count), flagged=np.zeros(count, dtype=np.bool_))
