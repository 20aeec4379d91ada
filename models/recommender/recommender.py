"""The recommender as its users see it: fit, predict, rank, save, load."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from models.array_checks import (
    PADDING_ID,
    check_count,
    check_same_length,
    checked_floats,
    checked_ids,
)
from models.recommender.config import RecommenderConfig
from models.recommender.network import EmbeddingProductNetwork, first_network, grown_network
from models.recommender.scoring import ScoringTables, linear_scores, matrix_logits, pair_logits
from models.recommender.training import LabelledPairs, TrainingReport, held_out_rows, train
from models.reproducible import reproducible_torch
from models.top_k import top_k_by_score

FORMAT = 1
SHORTLIST = 8
"""Candidates that the dot product keeps for the exact ranking, per place of the slate."""

SPLIT_KEY = 0x5EED
"""Chooses which pairs are held out, the same ones in every training."""


class ModelFileError(ValueError):
    """A folder that holds no recommender, or not one of this format."""


class NeuralRecommender:
    """Predicts the probability that a user takes an item she is shown."""

    def __init__(self, config: RecommenderConfig | None = None) -> None:
        self.config = config or RecommenderConfig()
        self._network: EmbeddingProductNetwork | None = None
        self._tables: ScoringTables | None = None

    def fit(
        self,
        users: npt.ArrayLike,
        items: npt.ArrayLike,
        labels: npt.ArrayLike,
        *,
        n_users: int | None = None,
        n_items: int | None = None,
        seed: int = 0,
    ) -> TrainingReport:
        """Train on a log; a second call goes on from what was learned.

        Args:
            users: (E,) user ids.
            items: (E,) item ids.
            labels: (E,) in [0, 1]: taken or not, or how much liked.
            n_users: users that there are; absent: as many as the log names.
            n_items: items that there are.
            seed: of the weights' start and of the shuffling.

        Returns:
            What the training did.

        Raises:
            ValueError: if columns differ in length, are empty, or hold what is not allowed.
            FloatingPointError: if the training diverges.
        """
        user_ids, item_ids = checked_ids("users", users), checked_ids("items", items)
        targets = checked_floats("labels", labels, lower=0.0, upper=1.0)
        check_same_length(users=user_ids, items=item_ids, labels=targets)
        if len(user_ids) == 0:
            raise ValueError("users: a log of at least one row is needed")
        needed_users, needed_items = int(user_ids.max()) + 1, int(item_ids.max()) + 1
        all_users = needed_users if n_users is None else n_users
        all_items = needed_items if n_items is None else n_items
        check_count("n_users", all_users, lower=needed_users)
        check_count("n_items", all_items, lower=needed_items)
        with reproducible_torch():
            generator = torch.Generator().manual_seed(seed)
            first = self._network is None
            if self._network is None:
                network = first_network(
                    all_users, all_items, self.config, float(targets.mean()), generator
                )
            else:
                network = grown_network(
                    self._network,
                    max(all_users, self._network.n_users),
                    max(all_items, self._network.n_items),
                    self.config,
                    generator,
                )
            log = LabelledPairs(
                torch.from_numpy(user_ids),
                torch.from_numpy(item_ids),
                torch.from_numpy(targets.astype(np.float32)),
            )
            held_out = held_out_rows(user_ids, item_ids, self.config.validation_share, SPLIT_KEY)
            report = train(network, log, held_out, self.config, generator, may_keep_start=not first)
            self._network, self._tables = network, ScoringTables.of(network)
        return report

    def predict(self, users: npt.ArrayLike, items: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """(E,) probabilities of pairs; ids never trained on count as the mean of those that were.

        Raises:
            ValueError: if it was not trained, or ids are not allowed.
        """
        user_ids, item_ids = checked_ids("users", users), checked_ids("items", items)
        check_same_length(users=user_ids, items=item_ids)
        with reproducible_torch():
            logits = pair_logits(self._trained(), user_ids, item_ids)
        return 1.0 / (1.0 + np.exp(-logits.astype(np.float64)))

    def score_matrix(
        self, users: npt.ArrayLike, items: npt.ArrayLike | None = None
    ) -> npt.NDArray[np.float32]:
        """(U, I) logits of every user with every item; absent items: all that were trained.

        Raises:
            ValueError: as `predict`.
        """
        tables = self._trained()
        item_ids = np.arange(len(tables.item_bias) - 1) if items is None else items
        with reproducible_torch():
            return matrix_logits(
                tables, checked_ids("users", users), checked_ids("items", item_ids)
            )

    def top_k(
        self, users: npt.ArrayLike, k: int, *, candidates: npt.ArrayLike | None = None
    ) -> npt.NDArray[np.int32]:
        """The items with the highest probabilities for each user.

        A dot product makes a shortlist, which the network ranks.

        Args:
            users: (U,) user ids.
            k: items a user, at least 1.
            candidates: (I,) item ids to choose from; absent: all.

        Returns:
            (U, k) item ids, best first, ties by place among the candidates, -1 padded.

        Raises:
            ValueError: as `predict`.
        """
        check_count("k", k, lower=1)
        tables = self._trained()
        pool = checked_ids(
            "candidates", np.arange(len(tables.item_bias) - 1) if candidates is None else candidates
        )
        asked, back = np.unique(checked_ids("users", users), return_inverse=True)
        if len(asked) == 0 or len(pool) == 0:
            return np.full((len(back), k), PADDING_ID, dtype=np.int32)
        with reproducible_torch():
            if len(pool) <= SHORTLIST * k:
                best = top_k_by_score(matrix_logits(tables, asked, pool), k)
            else:
                shortlist = top_k_by_score(linear_scores(tables, asked, pool), SHORTLIST * k)
                shortlist = np.sort(shortlist, axis=1)
                width = shortlist.shape[1]
                logits = pair_logits(tables, np.repeat(asked, width), pool[shortlist.ravel()])
                place = top_k_by_score(logits.reshape(len(asked), width), k)
                best = np.take_along_axis(shortlist, place, axis=1)
        ids = np.where(best >= 0, pool[best], PADDING_ID).astype(np.int32)
        chosen: npt.NDArray[np.int32] = ids[back]
        return chosen

    def save(self, folder: Path) -> None:
        """Write weights (safetensors) and settings (JSON) into a folder.

        Raises:
            ValueError: if it was not trained.
        """
        self._trained()
        assert self._network is not None
        folder.mkdir(parents=True, exist_ok=True)
        save_file(self._network.state_dict(), folder / "recommender.safetensors")
        meta = {
            "format": FORMAT,
            "n_users": self._network.n_users,
            "n_items": self._network.n_items,
            "config": self.config.model_dump(),
        }
        (folder / "recommender.json").write_text(json.dumps(meta, indent=2) + "\n", "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote.

        Raises:
            ModelFileError: if files are missing or do not fit together.
        """
        try:
            meta = json.loads((folder / "recommender.json").read_text("utf-8"))
            if meta["format"] != FORMAT:
                raise ModelFileError(
                    f"{folder}: format {meta['format']}, but this version reads {FORMAT}"
                )
            model = cls(RecommenderConfig.model_validate(meta["config"]))
            network = EmbeddingProductNetwork(meta["n_users"], meta["n_items"], model.config)
            network.load_state_dict(load_file(folder / "recommender.safetensors"))
        except (OSError, KeyError, RuntimeError, json.JSONDecodeError, SafetensorError) as error:
            raise ModelFileError(f"{folder}: holds no readable recommender: {error}") from error
        model._network, model._tables = network, ScoringTables.of(network)
        return model

    def _trained(self) -> ScoringTables:
        if self._tables is None:
            raise ValueError("the recommender was not trained yet: call fit first")
        return self._tables
