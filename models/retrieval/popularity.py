"""What most users took: the baseline that a personal ranking has to beat."""

from __future__ import annotations

import numpy as np

from models.array_checks import IdArray
from models.histories import Histories
from models.interactions import Interactions
from models.retrieval.retriever import FitReport, Retriever, ScoreArray


class Popularity(Retriever):
    """Every user the same ranking: by how many users took an item."""

    def __init__(self) -> None:
        super().__init__()
        self._counts = np.empty(0, dtype=np.float32)

    def _fit(self, log: Interactions, seed: int) -> FitReport:
        self._counts = log.popularity().astype(np.float32)
        return FitReport(events=len(log), passes=1)

    def _scores(self, users: IdArray, items: IdArray, histories: Histories) -> ScoreArray:
        return np.tile(self._counts[items], (len(users), 1))
