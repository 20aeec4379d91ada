"""What a bandit asks of a model of rewards: what it expects, and how sure it is."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from models.array_checks import FloatArray


class RewardModel(Protocol):
    """Scores A actions in S contexts."""

    def mean(self, actions: npt.ArrayLike, contexts: npt.ArrayLike) -> FloatArray:
        """(S, A) expected rewards."""

    def drawn(
        self,
        actions: npt.ArrayLike,
        contexts: npt.ArrayLike,
        generator: np.random.Generator,
        scale: float,
    ) -> FloatArray:
        """(S, A) rewards by one draw of the model, its spread multiplied by `scale`."""

    def optimistic(
        self, actions: npt.ArrayLike, contexts: npt.ArrayLike, width: float
    ) -> FloatArray:
        """(S, A) expected rewards and `width` standard deviations of them on top."""
