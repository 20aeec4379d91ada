"""SASRec: what comes next in a user's sequence, by a transformer over the newest items.

Every place of a sequence predicts the item after it, out of all items (full cross-entropy; with
sampled negatives the same network ranks far worse). Attention looks backwards only.

Source: Kang & McAuley (2018), "Self-Attentive Sequential Recommendation", ICDM; the loss:
Klenitskiy & Vasilev (2023), "Turning Dross Into Gold Loss: is BERT4Rec really better than
SASRec?", RecSys.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from models.array_checks import IdArray
from models.histories import Histories
from models.interactions import Interactions
from models.product_top_k import multiplies_bfloat16
from models.reproducible import reproducible_torch
from models.retrieval.retriever import (
    UNTRAINED,
    FitReport,
    Retriever,
    ScoreArray,
    TrainingRefusedError,
    Vectors,
)
from models.training.adam import Adam
from models.training.descent import Descent, Objective, descend, one_pass
from models.training.fitting import Fitting
from models.training.growing import grown

_MASKED = -1e9


class SasrecConfig(BaseModel):
    """The transformer's size and how it learns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int = Field(64, ge=2, le=1024, description="numbers that describe an item, or a place")
    blocks: int = Field(2, ge=1, le=24, description="layers of attention and feed-forward network")
    heads: int = Field(1, ge=1, le=32, description="parts that attention is split into")
    length: int = Field(128, ge=2, le=2048, description="newest items of a sequence that are seen")
    dropout: float = Field(0.3, ge=0.0, lt=1.0, description="share of numbers dropped in training")
    learning_rate: float = Field(0.002, gt=0.0, le=1.0, description="Adam's step size")
    batch_size: int = Field(64, ge=1, le=100_000, description="sequences in one gradient step")
    epochs: int = Field(60, ge=1, le=10_000, description="passes over the sequences at most")
    patience: int = Field(
        10, ge=1, le=10_000, description="epochs without a better held-out loss before it stops"
    )
    validation_share: float = Field(
        0.1, ge=0.0, le=0.5, description="share of users whose newest item decides when to stop"
    )


class _Block(nn.Module):
    """Attention and a feed-forward network, each on a normalised input and added to it."""

    def __init__(self, config: SasrecConfig) -> None:
        super().__init__()
        size = config.size
        self.heads, self.dropout = config.heads, config.dropout
        self.before_attention = nn.LayerNorm(size)
        self.query_key_value = nn.Linear(size, 3 * size)
        self.mixed = nn.Linear(size, size)
        self.before_network = nn.LayerNorm(size)
        self.inner = nn.Linear(size, 2 * size)
        self.outer = nn.Linear(2 * size, size)

    def forward(self, state: Tensor, mask: Tensor) -> Tensor:
        rows, places, size = state.shape
        parts = self.query_key_value(self.before_attention(state))
        parts = parts.view(rows, places, 3, self.heads, size // self.heads).permute(2, 0, 3, 1, 4)
        query, key, value = parts[0], parts[1], parts[2]
        weight = query @ key.mT / math.sqrt(size // self.heads) + mask
        attention = dropped(weight.softmax(dim=-1), self.dropout, self.training)
        seen = (attention @ value).transpose(1, 2).reshape(rows, places, size)
        state = state + dropped(self.mixed(seen), self.dropout, self.training)
        inner = functional.gelu(self.inner(self.before_network(state)))
        return state + dropped(self.outer(inner), self.dropout, self.training)


def dropped(values: Tensor, share: float, training: bool) -> Tensor:
    """Return values of which a share is 0 and the others grow accordingly; all in evaluation.

    As `torch.nn.functional.dropout`, with a share in steps of 1/256: eight numbers are taken from
    one draw, which on processors is several times as fast.
    """
    levels = round(share * 256)
    if not training or levels == 0:
        return values
    drawn = torch.empty(-(-values.numel() // 8), dtype=torch.int64, device=values.device)
    byte = drawn.random_(-(2**63), None).view(torch.uint8)[: values.numel()].view(values.shape)
    return values * (byte >= levels) * (256.0 / (256 - levels))


class _Network(nn.Module):
    """Items, places and blocks. Item 0 stands for no item; item i of the log is row i + 1."""

    def __init__(self, n_items: int, config: SasrecConfig) -> None:
        super().__init__()
        self.item = nn.Parameter(torch.empty(n_items + 1, config.size))
        self.place = nn.Parameter(torch.empty(config.length, config.size))
        self.bias = nn.Parameter(torch.zeros(n_items + 1))
        self.blocks = nn.ModuleList(_Block(config) for _ in range(config.blocks))
        self.last = nn.LayerNorm(config.size)
        self.dropout = config.dropout

    def forward(self, sequences: Tensor) -> Tensor:
        """(B, T, d) the state after each place of right-aligned sequences (B, T)."""
        places = sequences.shape[1]
        state = functional.embedding(sequences, self.item) * math.sqrt(self.item.shape[1])
        state = state + self.place[-places:]
        state = dropped(state, self.dropout, self.training)
        empty = sequences == 0
        later = torch.ones(places, places, dtype=torch.bool, device=empty.device).triu(1)
        mask = (later | empty[:, None, :])[:, None].float() * _MASKED
        for block in self.blocks:
            state = block(state, mask)
        normalised: Tensor = self.last(state)
        return normalised

    def logits(self, state: Tensor) -> Tensor:
        """(R, M) scores of all items after states (R, d): the dearest step of a training.

        In bfloat16 where the processor multiplies that several times as fast.
        """
        if not multiplies_bfloat16(state.device):
            return state @ self.item[1:].T + self.bias[1:]
        return (state.bfloat16() @ self.item[1:].bfloat16().T).float() + self.bias[1:]


@dataclass(frozen=True, slots=True)
class _Examples:
    """Right-aligned sequences of rows of items, 0 where there is none."""

    seen: Tensor  # (B, T)
    after: Tensor  # (B, T) what came after each place


class Sasrec(Retriever):
    """A transformer over what was taken last; users are known by their sequences alone."""

    name = "sasrec"
    Config = SasrecConfig

    def __init__(self, config: SasrecConfig | None = None) -> None:
        self.config = config or SasrecConfig()
        super().__init__(self.config)
        if self.config.size % self.config.heads:
            raise TrainingRefusedError(
                f"sasrec: heads = {self.config.heads} must divide size = {self.config.size}"
            )
        self._network: _Network | None = None

    def _fit(self, log: Interactions, how: Fitting) -> FitReport:
        config = self.config
        histories = Histories.of_log(log)
        long_enough = np.flatnonzero(histories.lengths >= 2)
        if len(long_enough) == 0:
            raise TrainingRefusedError(
                "sasrec: no user of the log took two items, so that nothing comes next"
            )
        newest = histories.rows(long_enough).newest(config.length + 1) + 1
        rng = np.random.default_rng(how.seed)
        asked = rng.random(len(newest)) < config.validation_share
        asked &= (newest > 0).sum(axis=1) >= 3
        training = newest.copy()
        # Whoever decides when to stop does not teach her newest item.
        training[asked] = np.concatenate(
            [np.zeros((int(asked.sum()), 1), dtype=np.int64), newest[asked, :-1]], axis=1
        )
        with reproducible_torch(how.device), torch.random.fork_rng():
            torch.manual_seed(how.seed)
            network = self._started(log.n_items, warm=how.warm).to(how.device)
            descent = _trained(network, _examples(training), _examples(newest[asked]), config, how)
        self._network = network.cpu()
        return FitReport(len(log), len(descent.losses), descent.losses, descent.held_out)

    def _scores(self, users: IdArray, items: IdArray, histories: Histories) -> ScoreArray:
        vectors = self._vectors(users, histories)
        pool = torch.from_numpy(items)
        assert vectors.bias is not None
        with reproducible_torch():
            scores: ScoreArray = (
                vectors.users @ vectors.items[pool].T + vectors.bias[pool]
            ).numpy()
        return scores

    def _vectors(self, users: IdArray, histories: Histories) -> Vectors:
        if self._network is None:
            raise ValueError(UNTRAINED)
        network = self._network.eval()
        sequences = histories.newest(self.config.length) + 1
        told = (sequences > 0).any(axis=0)
        sequences = sequences[:, min(int(told.argmax()), sequences.shape[1] - 1) :]
        with reproducible_torch(), torch.no_grad():
            last = network(torch.from_numpy(sequences))[:, -1]
            last[torch.from_numpy(sequences[:, -1] == 0)] = 0.0  # newcomers: by popularity
        return Vectors(last, network.item.detach()[1:], network.bias.detach()[1:])

    def _started(self, n_items: int, *, warm: bool) -> _Network:
        """A network to train: drawn, or what was learned with rows for items that are new."""
        network = _Network(n_items, self.config)
        if warm and self._network is not None:
            weights = self._network.state_dict()
            generator = torch.Generator().manual_seed(torch.initial_seed())
            scale = self.config.size**-0.5
            weights["item"] = grown(weights["item"], n_items + 1, scale, generator)
            weights["bias"] = grown(weights["bias"], n_items + 1, 0.0, generator)
            network.load_state_dict(weights)
            return network
        for name, weight in network.named_parameters():
            if weight.ndim == 2:
                scale = self.config.size**-0.5 if name == "item" else 0.02
                nn.init.normal_(weight, std=scale)
        return network

    def _state(self) -> dict[str, Tensor]:
        if self._network is None:
            raise ValueError(UNTRAINED)
        return dict(self._network.state_dict())

    def _blank(self, n_users: int, n_items: int) -> Mapping[str, Tensor]:
        return _Network(n_items, self.config).state_dict()

    def _restore(self, state: Mapping[str, Tensor]) -> None:
        self._network = _Network(len(state["bias"]) - 1, self.config)
        self._network.load_state_dict(state)


def _examples(sequences: IdArray) -> _Examples:
    return _Examples(torch.from_numpy(sequences[:, :-1]), torch.from_numpy(sequences[:, 1:]))


def _trained(
    network: _Network,
    training: _Examples,
    validation: _Examples,
    config: SasrecConfig,
    how: Fitting,
) -> Descent:
    """Train in place, with the weights of the best epoch."""
    parameters = list(network.parameters())
    optimizer = Adam(parameters, config.learning_rate, betas=(0.9, 0.98))

    def batches() -> Iterator[_Examples]:
        for rows in torch.randperm(len(training.seen)).split(config.batch_size):  # type: ignore[no-untyped-call]
            yield _Examples(training.seen[rows], training.after[rows])

    def run_pass(_: int) -> float:
        network.train()
        return one_pass(
            optimizer, batches(), lambda batch: _objective(network, batch), longest_gradient=5.0
        )

    return descend(
        parameters,
        run_pass,
        passes=how.passes or config.epochs,
        learning_rate=config.learning_rate,
        held_out_loss=(lambda: _last_loss(network, validation)) if len(validation.seen) else None,
        patience=config.patience,
        watch=how.watch,
    )


def _objective(network: _Network, batch: _Examples) -> Objective:
    """Mean cross-entropy over the places that are told."""
    first = int((batch.seen > 0).any(dim=0).int().argmax())  # columns that are empty for all
    seen = batch.seen[:, first:].to(network.item.device)
    after = batch.after[:, first:].to(network.item.device)
    told = (seen > 0) & (after > 0)
    logits = network.logits(network(seen)[told])
    return Objective(functional.cross_entropy(logits, after[told] - 1), len(logits))


def _last_loss(network: _Network, examples: _Examples) -> float:
    network.eval()
    with torch.no_grad():
        device = network.item.device
        logits = network.logits(network(examples.seen.to(device))[:, -1])
        return float(functional.cross_entropy(logits, examples.after[:, -1].to(device) - 1))
