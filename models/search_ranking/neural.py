"""A ranker in PyTorch: a linear score plus a small perceptron, trained on lists of choices."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor

from models.reproducible import reproducible_torch
from models.search_ranking.losses import LOSSES
from models.search_ranking.pages import ChoiceLists
from models.search_ranking.ranker import ScoreArray, SearchRanker
from models.weight_files import ModelFileError, check_shapes

CLIP = 8.0
"""Standard deviations beyond which a feature counts no further."""


class NeuralRankerConfig(BaseModel):
    """How large the perceptron is and how it is learned."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    units: int = Field(16, ge=1, le=4096, description="hidden units")
    loss: Literal["softmax", "lambdarank"] = Field(
        "softmax", description="softmax: listwise likelihood; lambdarank: pairs by their NDCG"
    )
    learning_rate: float = Field(0.01, gt=0.0, le=1.0, description="Adam's step size")
    l2: float = Field(0.001, ge=0.0, le=1e3, description="penalty on the squared weights")
    batch_size: int = Field(128, ge=1, le=100_000, description="choices in one gradient step")
    epochs: int = Field(8, ge=1, le=10_000, description="passes over the choices")


class NeuralRanker(SearchRanker):
    """score(x) = w . x + v . relu(W x + c), on standardised features x."""

    name = "neural_ranker"
    config: NeuralRankerConfig

    def __init__(self, config: NeuralRankerConfig | None = None) -> None:
        super().__init__()
        self.config = config or NeuralRankerConfig()
        self._weights: dict[str, Tensor] = {}

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; it scores as the saved one would.

        Raises:
            ModelFileError: if the file is missing, damaged, or not of this kind and format.
        """
        path = cls._path(folder)
        tensors, header, features = cls._read(folder)
        try:
            config = NeuralRankerConfig.model_validate(header.get("config"))
        except ValidationError as error:
            raise ModelFileError(f"{path}: its settings are not valid: {error}") from error
        check_shapes(path, tensors, _blank(features, config.units))
        ranker = cls(config)
        ranker._features, ranker._weights = features, tensors
        return ranker

    def _tensors(self) -> dict[str, Tensor]:
        return self._weights

    def _fit(
        self, features: npt.NDArray[np.float32], lists: ChoiceLists, seed: int
    ) -> tuple[float, ...]:
        config, loss_of = self.config, LOSSES[self.config.loss]
        generator = torch.Generator().manual_seed(seed)
        with reproducible_torch():
            start = self._weights
            if not start or start["v"].shape[0] != config.units:
                start = _first(features, config.units, generator)
            fixed = {name: start[name] for name in ("mean", "scale")}
            learned = {
                name: value.clone().requires_grad_()
                for name, value in start.items()
                if name not in fixed
            }
            x = _standardised(torch.from_numpy(features), fixed)
            row = torch.from_numpy(lists.row)
            weight = torch.from_numpy(lists.weight).float()
            optimizer = torch.optim.Adam(learned.values(), lr=config.learning_rate)
            losses = []
            for epoch in range(1, config.epochs + 1):
                total = 0.0
                for batch in torch.split(
                    torch.randperm(len(row), generator=generator), config.batch_size
                ):
                    there = row[batch] >= 0
                    scores = _network(x[row[batch].clamp(min=0)], learned)
                    loss = (weight[batch] * loss_of(scores, there)).sum() / len(batch)
                    penalty = sum(value.square().sum() for value in learned.values())
                    optimizer.zero_grad()
                    (loss + config.l2 * penalty).backward()  # type: ignore[no-untyped-call]
                    optimizer.step()
                    total += float(loss.detach()) * len(batch)
                losses.append(total / len(row))
                if not math.isfinite(losses[-1]):
                    raise FloatingPointError(
                        f"training diverged in epoch {epoch}: lower learning_rate, now "
                        f"{config.learning_rate:g}"
                    )
        self._weights = fixed | {name: value.detach() for name, value in learned.items()}
        return tuple(losses)

    def _scores(self, features: npt.NDArray[np.float32]) -> ScoreArray:
        with reproducible_torch(), torch.no_grad():
            x = _standardised(torch.from_numpy(features), self._weights)
            scores: ScoreArray = _network(x, self._weights).numpy()
        return scores


def _first(
    features: npt.NDArray[np.float32], units: int, generator: torch.Generator
) -> dict[str, Tensor]:
    """Weights before any training; means and spreads are those of the first log."""
    spread = features.std(axis=0, dtype=np.float64)
    weights = {name: torch.zeros(like.shape) for name, like in _blank(len(spread), units).items()}
    weights["mean"] = torch.from_numpy(features.mean(axis=0, dtype=np.float64)).float()
    weights["scale"] = torch.from_numpy(1.0 / np.where(spread > 1e-6, spread, 1.0)).float()
    weights["W"].normal_(0.0, (2.0 / len(spread)) ** 0.5, generator=generator)
    weights["v"].normal_(0.0, 0.1 * units**-0.5, generator=generator)
    return weights


def _blank(features: int, units: int) -> dict[str, Tensor]:
    """Tensors of the names and shapes of a ranker's weights."""
    shapes: Mapping[str, tuple[int, ...]] = {
        "mean": (features,),
        "scale": (features,),
        "w": (features,),
        "W": (units, features),
        "c": (units,),
        "v": (units,),
    }
    return {name: torch.empty(shape, device="meta") for name, shape in shapes.items()}


def _standardised(features: Tensor, weights: Mapping[str, Tensor]) -> Tensor:
    return ((features - weights["mean"]) * weights["scale"]).clamp(-CLIP, CLIP)


def _network(x: Tensor, weights: Mapping[str, Any]) -> Tensor:
    hidden = torch.relu(x @ weights["W"].T + weights["c"])
    scores: Tensor = x @ weights["w"] + hidden @ weights["v"]
    return scores
