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
