"""What all rankers of search results share: trained on pages, asked for scores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from models.array_checks import FloatArray, checked_floats
from models.search_ranking.pages import ChoiceLists, SearchPages, choice_lists

FORMAT = 1
"""Of the files that hold trained rankers."""

HEADER_KEY = "weal_search_ranker"

ScoreArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class RankerReport:
    """What one training did."""

    lists: int  # choices learned from; 0: there was nothing to learn, the ranker is as before
    losses: tuple[float, ...]  # one a pass, or a tree, over them


class SearchRanker(ABC):
    """Scores results by their features. Subclasses learn in `_fit` and score in `_scores`."""

    name: ClassVar[str]  # of the kind of ranker, and of its file

    def __init__(self) -> None:
        self._features = -1  # F; -1: not trained

    @property
    def trained(self) -> bool:
        """Whether it has learned anything."""
        return self._features >= 0

    def fit(
        self, pages: SearchPages, *, examination: FloatArray | None = None, seed: int = 0
    ) -> RankerReport:
        """Train on pages, going on from an earlier training.

        Args:
            pages: what was shown and taken.
            examination: (P,) chance that each place is looked at, as
                `position_bias.examination_by_place` estimates it; None: all are.
            seed: of all that the training draws.

        Raises:
            ValueError: if the features are others than those of an earlier training.
            FloatingPointError: if the training diverges.
        """
        lists = choice_lists(pages, examination)
        if len(lists.weight) == 0:
            return RankerReport(0, ())
        width = pages.features.shape[1]
        if self.trained and width != self._features:
            raise ValueError(f"features: {width}, but the ranker was trained on {self._features}")
        losses = self._fit(pages.features, lists, seed)
        self._features = width
        return RankerReport(len(lists.weight), losses)

    def scores(self, features: npt.ArrayLike) -> ScoreArray:
        """Score results; higher is better.

        Args:
            features: (E, F).

        Returns:
            (E,) float32.

        Raises:
            ValueError: if it was not trained, or the features are not of its training's width.
        """
        told = checked_floats("features", features, ndim=2).astype(np.float32)
        if not self.trained:
            raise ValueError("the ranker was not trained yet: call fit first")
        if told.shape[1] != self._features:
            raise ValueError(
                f"features: {told.shape[1]} a result, but the ranker was trained on "
                f"{self._features}"
            )
        return self._scores(told)

    @abstractmethod
    def save(self, folder: Path) -> Path:
        """Write the ranker as one safetensors file into a folder, whole or not at all."""

    @classmethod
    @abstractmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; it scores as the saved one would."""

    @classmethod
    def _path(cls, folder: Path) -> Path:
        return folder / f"{cls.name}.safetensors"

    @abstractmethod
    def _fit(
        self, features: npt.NDArray[np.float32], lists: ChoiceLists, seed: int
    ) -> tuple[float, ...]:
        """Learn from lists that are not empty; the losses as it went."""

    @abstractmethod
    def _scores(self, features: npt.NDArray[np.float32]) -> ScoreArray:
        """(E,) scores of checked features."""


def page_ndcg(scores: npt.ArrayLike, pages: SearchPages, places: int = 10) -> float:
    """Mean NDCG of the order that scores give to pages, over pages with a gain.

    Args:
        scores: (E,) of the pages' results; equal ones keep the order of the page.
        pages: with gains.
        places: that count.

    Returns:
        In [0, 1]; nan where no page has a gain.

    Source: Järvelin & Kekäläinen (2002), ACM TOIS 20(4).
    """
    table = pages.table()
    score = checked_floats("scores", scores)
    gain = np.where(table >= 0, np.append(pages.gain, 0.0)[table], 0.0)
    shown = np.where(table >= 0, np.append(score, 0.0)[table], -np.inf)
    by_score = np.take_along_axis(gain, np.argsort(-shown, axis=1, kind="stable"), axis=1)
    best = -np.sort(-gain, axis=1)
    discount = 1.0 / np.log2(np.arange(2, min(places, table.shape[1]) + 2))
    ideal = best[:, :places] @ discount
    useful = ideal > 0
    if not useful.any():
        return float("nan")
    return float(((by_score[:, :places] @ discount)[useful] / ideal[useful]).mean())
