"""LightGBM's LambdaRank as a ranker (extra `ranker`).

Every choice is a query of its own, of the result that was taken and those that were worth less, and
the weight of a choice that of all its rows. Each training grows a new forest: trees fitted to an
older log are not corrected by later ones.

Source: Ke et al. (2017), "LightGBM: A Highly Efficient Gradient Boosting Decision Tree", NIPS.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.search_ranking.pages import ChoiceLists
from models.search_ranking.ranker import ScoreArray, SearchRanker
from models.weight_files import ModelFileError


class MissingLightGBMError(ValueError):
    """LightGBM is asked for and not installed."""


class BoostedRankerConfig(BaseModel):
    """How many trees, and how they are grown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trees: int = Field(100, ge=1, le=10_000, description="trees")
    leaves: int = Field(15, ge=2, le=4096, description="leaves a tree at most")
    learning_rate: float = Field(0.05, gt=0.0, le=1.0, description="what a tree contributes")
    rows_a_leaf: int = Field(20, ge=1, le=1_000_000, description="rows a leaf has at least")


class BoostedRanker(SearchRanker):
    """Trees that lift what was taken above what was passed over."""

    name = "boosted_ranker"
    config: BoostedRankerConfig
    NOT_SAVED: ClassVar = ("_booster",)

    def __init__(self, config: BoostedRankerConfig | None = None) -> None:
        super().__init__()
        self.config = config or BoostedRankerConfig()
        self._text = ""  # the trees, as LightGBM writes them
        self._booster: Any = None
        lightgbm()

    def after_loading(self) -> None:
        """Read the trees again, which a saved market holds as text."""
        self._booster = lightgbm().Booster(model_str=self._text) if self._text else None

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; it scores as the saved one would.

        Raises:
            ModelFileError: if the file is missing, damaged, or not of this kind and format.
            MissingLightGBMError: if LightGBM is not installed.
        """
        path = cls._path(folder)
        tensors, header, features = cls._read(folder)
        try:
            config = BoostedRankerConfig.model_validate(header.get("config"))
        except ValidationError as error:
            raise ModelFileError(f"{path}: its settings are not valid: {error}") from error
        ranker = cls(config)
        try:
            ranker._text = bytes(tensors["text"].numpy().astype(np.uint8)).decode()
            ranker.after_loading()
        except (KeyError, UnicodeDecodeError, lightgbm().basic.LightGBMError) as error:
            raise ModelFileError(f"{path}: holds no trees of LightGBM: {error}") from error
        if ranker._booster is None or ranker._booster.num_feature() != features:
            raise ModelFileError(f"{path}: its trees are not over {features} features")
        ranker._features = features
        return ranker

    def _tensors(self) -> dict[str, torch.Tensor]:
        return {"text": torch.tensor(list(self._text.encode()), dtype=torch.uint8)}

    def _fit(
        self, features: npt.NDArray[np.float32], lists: ChoiceLists, seed: int
    ) -> tuple[float, ...]:
        there = lists.row >= 0
        count = there.sum(axis=1)
        taken = np.zeros(lists.row.shape, dtype=np.int32)
        taken[:, 0] = 1
        data = lightgbm().Dataset(
            features[lists.row[there]],
            label=taken[there],
            weight=np.repeat(lists.weight, count),
            group=count,
            params={"verbosity": -1, "num_threads": 1},
        )
        told: dict[str, Any] = {}
        booster = lightgbm().train(
            {
                "objective": "lambdarank",
                "num_leaves": self.config.leaves,
                "learning_rate": self.config.learning_rate,
                "min_data_in_leaf": self.config.rows_a_leaf,
                "metric": "ndcg",
                "eval_at": [10],
                "seed": seed,
                "deterministic": True,
                "force_row_wise": True,
                "num_threads": 1,
                "verbosity": -1,
            },
            data,
            num_boost_round=self.config.trees,
            valid_sets=[data],
            callbacks=[lightgbm().record_evaluation(told)],
        )
        self._text = booster.model_to_string()
        self.after_loading()
        return tuple(1.0 - float(ndcg) for ndcg in told["training"]["ndcg@10"])

    def _scores(self, features: npt.NDArray[np.float32]) -> ScoreArray:
        scores: ScoreArray = np.asarray(
            self._booster.predict(features, num_threads=1), dtype=np.float32
        )
        return scores


def lightgbm() -> Any:
    """The library.

    Raises:
        MissingLightGBMError: if it is not installed.
    """
    try:
        import lightgbm as library
    except ImportError:
        raise MissingLightGBMError(
            "the boosted ranker needs LightGBM: pip install 'weal[ranker]'"
        ) from None
    return library
