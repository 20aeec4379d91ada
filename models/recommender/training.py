"""Training on a log of (user, item, label): Adam on mini-batches, stopped on held-out pairs.

The loss is the binary cross-entropy plus the negative log of Gaussian priors on the parameters,
so that training looks for the posterior mode. The prior of a user counts once however many rows
she has: it enters each of her rows divided by their number. Plain weight decay would not do:
Adam divides a rare id's tiny decay by its own size and so wipes out what little was learned.

Source: Salakhutdinov & Mnih (2007), "Probabilistic Matrix Factorization", NIPS (priors per user and
item); Prechelt (1998), "Early Stopping, but When?".
"""

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor
from torch.nn import functional

from models.array_checks import IdArray
from models.pair_hashing import chosen_pairs
from models.recommender.config import RecommenderConfig
from models.recommender.network import EmbeddingProductNetwork, start_anew_if_mute
from models.training.adam import Adam
from models.training.descent import Objective, descend, one_pass
from models.training.fitting import Fitting

SPLIT_KEY = 0x5EED
"""Chooses which pairs are held out, the same ones in every training."""

_ROWS_AT_A_TIME = 32_768
"""Held-out rows scored together, so that a long log fits in memory."""


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What one training did. Losses are mean binary cross-entropies in nats a row, priors apart."""

    rows_trained: int  # rows that gradients were taken on
    rows_held_out: int  # rows that decided when to stop
    training_loss: tuple[float, ...]  # one an epoch, mean over its batches as they went
    validation_loss: tuple[float, ...]  # one an epoch; empty if nothing was held out
    initial_validation_loss: float  # of the network before this training; NaN if nothing held out
    best_epoch: int  # whose weights were kept, counted from 1; 0: those before this training


@dataclass(frozen=True, slots=True)
class LabelledPairs:
    """Rows of a log as tensors."""

    users: Tensor  # (E,) int64
    items: Tensor  # (E,) int64
    labels: Tensor  # (E,) float32 in [0, 1]

    def __len__(self) -> int:
        """Return the number of rows."""
        return self.users.shape[0]

    def rows(self, index: Tensor) -> "LabelledPairs":
        """Return the rows at `index`, positions or a mask."""
        return LabelledPairs(self.users[index], self.items[index], self.labels[index])

    def to(self, device: torch.device) -> "LabelledPairs":
        """Return the rows on a device."""
        return LabelledPairs(self.users.to(device), self.items.to(device), self.labels.to(device))


def held_out_rows(users: IdArray, items: IdArray, share: float, key: int) -> Tensor:
    """Return a mask (E,) of the rows held out, the same pairs in every training under one key.

    A hash of the pair decides. A pair shown ten times is held out ten times or not at all, and a
    pair held out this week still is when the grown log comes back next week; a draw by row would
    let the warm-started network be judged on rows it has learned.

    Args:
        users: (E,) user ids.
        items: (E,) item ids.
        share: Expected share of distinct pairs held out, in [0, 0.5].
        key: 64 bits that choose the split.
    """
    if share == 0.0:
        return torch.zeros(len(users), dtype=torch.bool)
    held_out = chosen_pairs(users, items, share, key)
    if held_out.all():
        return torch.zeros(len(users), dtype=torch.bool)
    return torch.from_numpy(held_out)


def train(
    network: EmbeddingProductNetwork,
    log: LabelledPairs,
    held_out: Tensor,
    config: RecommenderConfig,
    generator: torch.Generator,
    how: Fitting,
) -> TrainingReport:
    """Train a network in place and leave it with the weights of its best epoch.

    Args:
        network: its tables cover all ids of `log`; on the device of `how`.
        log: the rows, E of them.
        held_out: (E,) bool, the rows that decide when to stop.
        config: how to train.
        generator: the stream that shuffles the rows.
        how: a warm start keeps the weights it came with if no epoch improves on them.

    Raises:
        FloatingPointError: if the loss leaves the finite numbers.
    """
    training, validation = log.rows(~held_out), log.rows(held_out)
    prior = Prior.of(network, training, config)
    parameters = list(network.parameters())
    optimizer = Adam(parameters, config.learning_rate)

    initial_loss = mean_loss(network, validation)
    start = copy.deepcopy(network.state_dict())
    if how.warm:
        start_anew_if_mute(network, training.users, training.items, config.initial_scale, generator)

    def batches() -> Iterator[LabelledPairs]:
        order = torch.randperm(len(training), generator=generator)
        for index in torch.split(order, config.batch_size):
            yield training.rows(index)

    descent = descend(
        parameters,
        lambda _: one_pass(optimizer, batches(), lambda batch: objective(network, prior, batch)),
        passes=how.passes or config.max_epochs,
        learning_rate=config.learning_rate,
        held_out_loss=(lambda: mean_loss(network, validation)) if len(validation) else None,
        patience=config.patience,
        watch=how.watch,
    )
    best_epoch = descent.best_pass
    if how.warm and initial_loss <= descent.best_loss:
        best_epoch = 0
        network.load_state_dict(start)
    if best_epoch:
        network.user_trained[training.users] = True
        network.item_trained[training.items] = True
    return TrainingReport(
        rows_trained=len(training),
        rows_held_out=len(validation),
        training_loss=descent.losses,
        validation_loss=descent.held_out,
        initial_validation_loss=initial_loss,
        best_epoch=best_epoch,
    )


class Prior:
    """The negative log prior of the parameters that a batch touches, a row's share each."""

    def __init__(
        self,
        network: EmbeddingProductNetwork,
        rows_of_user: Tensor,
        rows_of_item: Tensor,
        config: RecommenderConfig,
    ) -> None:
        """Share the prior out over the rows of a log.

        Args:
            network: whose parameters are meant.
            rows_of_user: (N,) rows of the log of each user.
            rows_of_item: (M,) rows of the log of each item.
            config: the precisions.
        """
        device = network.user_bias.device
        self._network = network
        self._config = config
        self._rows = max(int(rows_of_user.sum()), 1)
        self._user_share = 1.0 / rows_of_user.clamp(min=1).to(device, torch.float32)
        self._item_share = 1.0 / rows_of_item.clamp(min=1).to(device, torch.float32)

    @classmethod
    def of(
        cls, network: EmbeddingProductNetwork, training: LabelledPairs, config: RecommenderConfig
    ) -> Self:
        """Return the prior over the rows that are trained on."""
        return cls(
            network,
            torch.bincount(training.users, minlength=network.n_users),
            torch.bincount(training.items, minlength=network.n_items),
            config,
        )

    def mean_penalty(self, tastes: Tensor, traits: Tensor, users: Tensor, items: Tensor) -> Tensor:
        """Return the penalty () in nats a row; its mean over all rows is the whole prior.

        Args:
            tastes: (B, D) embeddings of the users.
            traits: (B, D) embeddings of the items.
            users: (B,) ids.
            items: (B,) ids.
        """
        network, config = self._network, self._config
        of_users = (
            config.embedding_precision * tastes.square().sum(dim=1)
            + config.user_bias_precision * network.user_bias[users].square()
        ) * self._user_share[users]
        of_items = (
            config.embedding_precision * traits.square().sum(dim=1)
            + config.item_bias_precision * network.item_bias[items].square()
        ) * self._item_share[items]
        of_network = config.network_precision * (
            network.hidden_weight.square().sum() + network.output_weight.square().sum()
        )
        return 0.5 * ((of_users + of_items).mean() + of_network / self._rows)


def objective(network: EmbeddingProductNetwork, prior: Prior, batch: LabelledPairs) -> Objective:
    """Return the mean cross-entropy of a batch, and its share of the prior beside it."""
    batch = batch.to(network.user_bias.device)
    # Looked up once for loss and prior: its gradient is the dearest part of a step.
    tastes, traits = network.embeddings(batch.users, batch.items)
    logits = network.logits(tastes, traits, batch.users, batch.items)
    return Objective(
        functional.binary_cross_entropy_with_logits(logits, batch.labels),
        len(batch),
        prior.mean_penalty(tastes, traits, batch.users, batch.items),
    )


def mean_loss(network: EmbeddingProductNetwork, pairs: LabelledPairs) -> float:
    """Return the mean cross-entropy of some rows, NaN if there are none."""
    if not len(pairs):
        return math.nan
    total = 0.0
    with torch.no_grad():
        for start in range(0, len(pairs), _ROWS_AT_A_TIME):
            rows = torch.arange(start, min(start + _ROWS_AT_A_TIME, len(pairs)))
            block = pairs.rows(rows).to(network.user_bias.device)
            logits = network(block.users, block.items)
            total += functional.binary_cross_entropy_with_logits(
                logits, block.labels, reduction="sum"
            ).item()
    return total / len(pairs)
