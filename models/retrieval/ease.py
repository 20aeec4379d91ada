"""EASE: items predict each other by one closed-form regression, none by itself.

With X the users-by-items matrix, G = X'X and P = (G + l2 I)^-1, the weights are
B = I - P diag(1 / diag(P)); a history x scores x B. One inverse of an items-by-items matrix in
double precision: 8 M^2 bytes and M^3 operations, a second for 2,000 items, half a minute for 8,000.

Source: Steck (2019), "Embarrassingly Shallow Autoencoders for Sparse Data", WWW.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from scipy import linalg
from torch import Tensor

from models.array_checks import IdArray
from models.histories import Histories
from models.interactions import Interactions
from models.retrieval.retriever import FitReport, Retriever, ScoreArray
from models.training.fitting import Fitting


class EaseConfig(BaseModel):
    """The one setting of EASE."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    l2: float = Field(
        300.0, gt=0.0, le=1e9, description="penalty on the squared weights, in events of an item"
    )
    most_items: int = Field(
        20_000, ge=1, le=100_000, description="items above which it refuses: 8 bytes each pair"
    )


class Ease(Retriever):
    """Linear item-to-item weights in closed form; also scores histories it was not trained on."""

    name = "ease"
    Config = EaseConfig

    def __init__(self, config: EaseConfig | None = None) -> None:
        self.config = config or EaseConfig()
        super().__init__(self.config)
        self._weights = np.empty((0, 0), dtype=np.float32)

    @property
    def weights(self) -> ScoreArray:
        """(M, M) what having taken the row's item adds to the score of the column's."""
        return self._weights

    def _fit(self, log: Interactions, how: Fitting) -> FitReport:
        if log.n_items > self.config.most_items:
            raise ValueError(
                f"log: {log.n_items} items, but most_items is {self.config.most_items}; raise it "
                f"if {8e-9 * log.n_items**2:.1f} GB are there, or use a model of factors"
            )
        taken = log.matrix()
        gram = np.asarray((taken.T @ taken).todense(), dtype=np.float64)
        self._weights = closed_form_weights(gram, self.config.l2)
        return FitReport(events=len(log), passes=1)

    def _scores(self, users: IdArray, items: IdArray, histories: Histories) -> ScoreArray:
        return linear_scores(histories, items, self._weights)

    def _state(self) -> dict[str, Tensor]:
        return {"weights": torch.from_numpy(self._weights)}

    def _blank(self, n_users: int, n_items: int) -> Mapping[str, Tensor]:
        return {"weights": torch.empty((n_items, n_items), device="meta")}

    def _restore(self, state: Mapping[str, Tensor]) -> None:
        self._weights = state["weights"].numpy()


def linear_scores(histories: Histories, items: IdArray, weights: ScoreArray) -> ScoreArray:
    """Return (U, I) what the items of each history add to the scores of some items.

    Args:
        histories: U rows.
        items: (I,) ascending ids.
        weights: (M, M) what having taken the row's item adds to the column's.
    """
    chosen = weights if len(items) == len(weights) else weights[:, items]
    return np.ascontiguousarray(histories.matrix() @ chosen, dtype=np.float32)


def closed_form_weights(gram: np.ndarray, l2: float) -> ScoreArray:
    """Return EASE's weights (M, M), with a diagonal of zeros.

    Args:
        gram: (M, M) how many users took both items; overwritten.
        l2: the penalty, above 0.

    Raises:
        FloatingPointError: if the penalised Gram matrix is not positive definite.
    """
    diagonal = np.arange(len(gram))
    gram[diagonal, diagonal] += l2
    factor, failed = linalg.lapack.dpotrf(gram, lower=1, overwrite_a=1)
    if failed:
        raise FloatingPointError("the penalised Gram matrix is not positive definite: raise l2")
    inverse, _ = linalg.lapack.dpotri(factor, lower=1, overwrite_c=1)
    lower = np.tril(inverse)
    inverse = lower + np.tril(inverse, -1).T
    weights = inverse / -inverse[diagonal, diagonal]
    weights[diagonal, diagonal] = 0.0
    return np.ascontiguousarray(weights, dtype=np.float32)
