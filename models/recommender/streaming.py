"""The network trained on a log that is read in shards: events against negatives drawn beside them.

The rows that decide when to stop are drawn once and kept; all others come by once a pass, with new
negatives each time. A user's prior is shared out over her events and their negatives, an item's
over its events and the negatives that are expected of it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from models.array_checks import IdArray
from models.pair_hashing import chosen_pairs
from models.recommender.config import RecommenderConfig
from models.recommender.network import EmbeddingProductNetwork, first_network, grown_network
from models.recommender.training import (
    SPLIT_KEY,
    LabelledPairs,
    Prior,
    TrainingReport,
    mean_loss,
    objective,
)
from models.training.adam import Adam
from models.training.descent import descend, one_pass
from models.training.fitting import Fitting
from models.training.pair_filter import PairFilter
from models.training.processes import Processes
from models.training.shards import Events, ShardedLog

_ROWS_THAT_DECIDE = 200_000
"""Held-out rows at most that are kept in memory."""


def train_on_shards(
    network: EmbeddingProductNetwork | None,
    log: ShardedLog,
    negatives: int,
    config: RecommenderConfig,
    how: Fitting,
    processes: Processes,
) -> tuple[EmbeddingProductNetwork, TrainingReport]:
    """Train a network on a sharded log.

    Args:
        network: to go on from; absent: a new one. It is left as it was.
        log: events, each a positive.
        negatives: items drawn beside each event, those dropped that the user took.
        config: the network's size and how to train it.
        how: seed, passes, device.
        processes: that share the rows out.

    Returns:
        The trained network, on the processor, and what the training did.

    Raises:
        FloatingPointError: if the training diverges.
    """
    generator = torch.Generator().manual_seed(how.seed)
    if network is None:
        rate = 1.0 / (1 + negatives)
        trained = first_network(log.n_users, log.n_items, config, rate, generator)
    else:
        trained = grown_network(network, log.n_users, log.n_items, config, generator)
    trained.to(how.device)
    known = log.known_pairs()
    validation, decided = _rows_that_decide(log, known, negatives, config, how.seed)
    expected = negatives * log.training_rows / log.n_items
    prior = Prior(
        trained,
        torch.from_numpy(log.events_of_user * (1 + negatives)),
        torch.from_numpy(log.events_of_item) + round(expected),
        config,
    )
    parameters = list(trained.parameters())
    optimizer = Adam(parameters, config.learning_rate)
    positives = max(config.batch_size // (1 + negatives), 1)

    def batches(number: int) -> Iterator[LabelledPairs | None]:
        seed = int(np.random.SeedSequence([how.seed, number]).generate_state(1)[0])
        rng = np.random.default_rng([how.seed, number, processes.rank])
        shares = log.batches(positives, seed, rank=processes.rank, of=processes.size)
        for events in shares:
            pairs = None if events is None else _labelled(events, known, negatives, rng)
            if pairs is not None and decided > 0.0:
                pairs = pairs.rows(~_decide(pairs, decided))
            yield pairs if pairs is not None and len(pairs) else None

    def run_pass(number: int) -> float:
        cost = lambda batch: objective(trained, prior, batch)  # noqa: E731 - one line of the call
        return one_pass(optimizer, batches(number), cost, processes=processes)

    def held_out_loss() -> float:
        return processes.sums(mean_loss(trained, validation))[0] / processes.size

    initial_loss = held_out_loss()
    descent = descend(
        parameters,
        run_pass,
        passes=how.passes or config.max_epochs,
        learning_rate=config.learning_rate,
        held_out_loss=held_out_loss if len(validation) else None,
        patience=config.patience,
        watch=how.watch,
    )
    trained.user_trained |= torch.from_numpy(log.events_of_user > 0).to(how.device)
    trained.item_trained[:] = True
    report = TrainingReport(
        rows_trained=log.training_rows * (1 + negatives) - len(validation),
        rows_held_out=len(validation),
        training_loss=descent.losses,
        validation_loss=descent.held_out,
        initial_validation_loss=initial_loss,
        best_epoch=descent.best_pass,
    )
    return trained.cpu(), report


def _labelled(
    events: Events, known: PairFilter, negatives: int, rng: np.random.Generator
) -> LabelledPairs:
    """Events with label 1, and beside them items with label 0 that their users did not take."""
    users = np.repeat(events.users, negatives)
    items = rng.integers(0, known.n_items, len(users))
    fresh = ~known.knows(users, items)
    labels = np.zeros(len(events) + int(fresh.sum()), dtype=np.float32)
    labels[: len(events)] = 1.0
    return LabelledPairs(
        torch.from_numpy(np.concatenate([events.users, users[fresh]])),
        torch.from_numpy(np.concatenate([events.items, items[fresh]])),
        torch.from_numpy(labels),
    )


def _rows_that_decide(
    log: ShardedLog, known: PairFilter, negatives: int, config: RecommenderConfig, seed: int
) -> tuple[LabelledPairs, float]:
    """Rows that no pass sees, and the share of all pairs that they are."""
    rows = log.training_rows * (1 + negatives)
    share = min(config.validation_share, _ROWS_THAT_DECIDE / rows)
    rng = np.random.default_rng([seed, 0])
    parts: list[LabelledPairs] = []
    if share > 0.0:
        for events in log.batches(1 << 16, seed):
            assert events is not None
            pairs = _labelled(events, known, negatives, rng)
            parts.append(pairs.rows(_decide(pairs, share)))
    nothing: IdArray = np.empty(0, dtype=np.int64)
    empty = torch.from_numpy(nothing)
    validation = LabelledPairs(
        torch.cat([empty, *(one.users for one in parts)]),
        torch.cat([empty, *(one.items for one in parts)]),
        torch.cat([empty.float(), *(one.labels for one in parts)]),
    )
    return validation, share


def _decide(pairs: LabelledPairs, share: float) -> Tensor:
    return torch.from_numpy(
        chosen_pairs(pairs.users.numpy(), pairs.items.numpy(), share, SPLIT_KEY)
    )
