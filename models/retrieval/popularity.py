"""What most users took: the baseline that a personal ranking has to beat."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor

from models.array_checks import IdArray
from models.histories import Histories
from models.interactions import Interactions
from models.retrieval.retriever import FitReport, Retriever, ScoreArray
from models.training.fitting import Fitting


class PopularityConfig(BaseModel):
    """Popularity has no settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Popularity(Retriever):
    """Every user the same ranking: by how many users took an item."""

    name = "popularity"
    Config = PopularityConfig

    def __init__(self, config: PopularityConfig | None = None) -> None:
        self.config = config or PopularityConfig()
        super().__init__(self.config)
        self._counts = np.empty(0, dtype=np.float32)

    def _fit(self, log: Interactions, how: Fitting) -> FitReport:
        self._counts = log.popularity().astype(np.float32)
        return FitReport(events=len(log), passes=1)

    def _scores(self, users: IdArray, items: IdArray, histories: Histories) -> ScoreArray:
        return np.tile(self._counts[items], (len(users), 1))

    def _state(self) -> dict[str, Tensor]:
        return {"counts": torch.from_numpy(self._counts)}

    def _blank(self, n_users: int, n_items: int) -> Mapping[str, Tensor]:
        return {"counts": torch.empty(n_items, device="meta")}

    def _restore(self, state: Mapping[str, Tensor]) -> None:
        self._counts = state["counts"].numpy()
