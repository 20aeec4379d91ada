"""The recommender as its users see it: fit, predict, rank, save, load."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import torch

from models.array_checks import (
    PADDING_ID,
    IdArray,
    check_count,
    check_same_length,
    checked_floats,
    checked_ids,
)
from models.recommender.config import RecommenderConfig
from models.recommender.network import EmbeddingProductNetwork, first_network, grown_network
from models.recommender.scoring import ScoringTables, linear_scores, matrix_logits, pair_logits
from models.recommender.storage import load_recommender, save_recommender
from models.recommender.training import (
    SPLIT_KEY,
    LabelledPairs,
    TrainingReport,
    held_out_rows,
    train,
)
from models.reproducible import reproducible_torch
from models.top_k import top_k_by_score
from models.training.fitting import Fitting, Watch, device_named

SHORTLIST = 8
"""Candidates that the dot product keeps for the exact ranking, per place of the slate."""

_SCORES_A_BLOCK = 4_000_000
"""Scores of a `top_k` held at a time, so that many users of a large catalogue fit in memory."""


_UNTRAINED = "the recommender was not trained yet: call fit first"


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
        passes: int | None = None,
        watch: Watch | None = None,
        device: str = "cpu",
    ) -> TrainingReport:
        """Train on a log; a second call goes on from what was learned.

        Args:
            users: (E,) user ids.
            items: (E,) item ids.
            labels: (E,) in [0, 1]: taken or not, or how much liked.
            n_users: users that there are; absent: as many as the log names.
            n_items: items that there are.
            seed: of the weights' start and of the shuffling.
            passes: over the log at most; absent: as the settings say.
            watch: is told the losses of every pass.
            device: where the training computes: cpu, cuda, mps, or auto.

        Returns:
            What the training did.

        Raises:
            ValueError: if columns differ in length, are empty, or hold what is not allowed, or if
                there is no such device.
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
        how = Fitting(seed, self._network is not None, passes, watch, device_named(device))
        with reproducible_torch(how.device):
            generator = torch.Generator().manual_seed(seed)
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
            report = train(network.to(how.device), log, held_out, self.config, generator, how)
            network.cpu()
        with reproducible_torch():
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
        # The logistic function written with tanh, which overflows for no logit.
        return 0.5 + 0.5 * np.tanh(0.5 * logits.astype(np.float64))

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
            candidates: (I,) distinct item ids to choose from; absent: all.

        Returns:
            (U, k) item ids, best first, ties by the smaller id, -1 padded.

        Raises:
            ValueError: as `predict`, or if a candidate is named twice.
        """
        check_count("k", k, lower=1)
        tables = self._trained()
        pool = (
            np.arange(len(tables.item_bias) - 1, dtype=np.int64)
            if candidates is None
            else _ascending(checked_ids("candidates", candidates))
        )
        asked, back = np.unique(checked_ids("users", users), return_inverse=True)
        best = np.full((len(asked), k), PADDING_ID, dtype=np.int32)
        users_a_block = max(_SCORES_A_BLOCK // max(len(pool), 1), 1)
        with reproducible_torch():
            for start in range(0, len(asked) if len(pool) else 0, users_a_block):
                block = slice(start, start + users_a_block)
                best[block] = _best_of_pool(tables, asked[block], pool, k)
        chosen: npt.NDArray[np.int32] = best[back]
        return chosen

    def save(self, folder: Path) -> Path:
        """Write weights and settings as one file into a folder, whole or not at all.

        Returns:
            The safetensors file; its header holds the settings as JSON.

        Raises:
            ValueError: if it was not trained.
            OSError: if the file cannot be written.
        """
        return save_recommender(folder, self.network, self.config)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; it predicts, and trains on, as the saved one would.

        Raises:
            ModelFileError: if the file is missing, damaged, or not of this kind and format.
        """
        return cls.of(*load_recommender(folder))

    @classmethod
    def of(cls, network: EmbeddingProductNetwork, config: RecommenderConfig) -> Self:
        """A recommender around a trained network."""
        model = cls(config)
        with reproducible_torch():
            model._network, model._tables = network, ScoringTables.of(network)
        return model

    @property
    def network(self) -> EmbeddingProductNetwork:
        """The trained network.

        Raises:
            ValueError: if it was not trained.
        """
        if self._network is None:
            raise ValueError(_UNTRAINED)
        return self._network

    def _trained(self) -> ScoringTables:
        if self._tables is None:
            raise ValueError(_UNTRAINED)
        return self._tables


def _ascending(candidates: IdArray) -> IdArray:
    """Candidates by id, so that a tie by place is a tie by id."""
    pool = np.sort(candidates)
    twice = pool[1:][pool[1:] == pool[:-1]]
    if len(twice):
        raise ValueError(f"candidates: id {int(twice[0])} is named more than once")
    return pool


def _best_of_pool(
    tables: ScoringTables, users: IdArray, pool: IdArray, k: int
) -> npt.NDArray[np.int32]:
    """(U, k) ids of the best of an ascending pool for each user, -1 padded."""
    if len(pool) <= SHORTLIST * k:
        place = top_k_by_score(matrix_logits(tables, users, pool), k)
    else:
        # Ascending, so that ties of the exact scores too are ties by id.
        shortlist = np.sort(top_k_by_score(linear_scores(tables, users, pool), SHORTLIST * k))
        width = shortlist.shape[1]
        logits = pair_logits(tables, np.repeat(users, width), pool[shortlist.ravel()])
        best = top_k_by_score(logits.reshape(len(users), width), k)
        place = np.take_along_axis(shortlist, best, axis=1)
    return np.where(place >= 0, pool[place], PADDING_ID).astype(np.int32)
