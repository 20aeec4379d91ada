"""What all rankers of search results share: trained on pages, asked for scores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel
from torch import Tensor

from models.array_checks import FloatArray, checked_floats
from models.search_ranking.pages import ChoiceLists, SearchPages, choice_lists
from models.weight_files import ModelFileError, read_weights, write_weights

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
    config: BaseModel

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

    def save(self, folder: Path) -> Path:
        """Write the ranker as one safetensors file into a folder, whole or not at all.

        Raises:
            ValueError: if it was not trained.
            OSError: if the file cannot be written.
        """
        if not self.trained:
            raise ValueError("the ranker was not trained yet: call fit first")
        header = {
            "format": FORMAT,
            "name": self.name,
            "features": self._features,
            "config": self.config.model_dump(mode="json"),
        }
        return write_weights(self._path(folder), self._tensors(), HEADER_KEY, header)

    @classmethod
    @abstractmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; it scores as the saved one would."""

    @classmethod
    def _path(cls, folder: Path) -> Path:
        return folder / f"{cls.name}.safetensors"

    @classmethod
    def _read(cls, folder: Path) -> tuple[dict[str, Tensor], dict[str, Any], int]:
        """Tensors, header and number of features of the file in a folder.

        Raises:
            ModelFileError: if the file is missing, damaged, or not of this kind and format.
        """
        path = cls._path(folder)
        tensors, header = read_weights(path, HEADER_KEY, cls.__name__, FORMAT)
        features = header.get("features")
        if header.get("name") != cls.name or not isinstance(features, int) or features < 1:
            raise ModelFileError(f"{path}: holds no {cls.name!r}")
        return tensors, header, features

    @abstractmethod
    def _tensors(self) -> Mapping[str, Tensor]:
        """What was learned, by name."""

    @abstractmethod
    def _fit(
        self, features: npt.NDArray[np.float32], lists: ChoiceLists, seed: int
    ) -> tuple[float, ...]:
        """Learn from lists that are not empty; the losses as it went."""

    @abstractmethod
    def _scores(self, features: npt.NDArray[np.float32]) -> ScoreArray:
        """(E,) scores of checked features."""
