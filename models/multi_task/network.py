"""The network: towers of users and items, one shared layer, a head a task.

    h = relu(W [e_u * e_i, e_u, e_i, x] + c)        f_t = w_t . h + b_t

with e_u and e_i the embeddings, x the standardised features; f_t is a logit for a binary task and a
mean for a real one. Each task has a noise s_t = log sigma_t^2, and the loss of a batch is

    sum over t of  n_t (exp(-s_t) L_t + s_t / 2)

L_t the mean over the rows that have a label of half the squared error (real) or of the
cross-entropy (binary, whose sigma is a temperature), n_t their share of the rows: the likelihood of
all labels that there are, so that a task with few labels is not learned by heart. For a real task
its minimum is at sigma_t^2 = the mean squared error, so that what is learned of a noisy task moves
the shared layer less.

Source: Kendall, Gal & Cipolla (2018), "Multi-Task Learning Using Uncertainty to Weigh Losses for
Scene Geometry and Semantics", CVPR; Caruana (1997), "Multitask Learning", Machine Learning 28.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.multi_task.config import MultiTaskConfig

_FIRST_SCALE = 0.3
"""Standard deviation of embeddings at first: products of smaller ones are slow to be heard."""


class MultiTaskNetwork(nn.Module):
    """The parameters and the forward pass. T tasks, H shared units, D numbers an embedding."""

    user: nn.Parameter  # (N + 1, D); the last row: a newcomer
    item: nn.Parameter  # (M + 1, D)
    shared_weight: nn.Parameter  # (H, inputs)
    shared_bias: nn.Parameter  # (H,)
    head_weight: nn.Parameter  # (T, H)
    head_bias: nn.Parameter  # (T,)
    noise: nn.Parameter  # (T,) log of sigma^2, in units of standardised labels

    def __init__(
        self, n_users: int, n_items: int, n_features: int, config: MultiTaskConfig
    ) -> None:
        """Lay out zeros; `draw` starts them."""
        super().__init__()
        size, tasks = config.embedding_size, len(config.tasks)
        self.has_users, self.has_items = n_users > 0, n_items > 0
        self.both = self.has_users and self.has_items
        inputs = n_features + size * (self.has_users + self.has_items + self.both)
        self.user = nn.Parameter(torch.zeros(n_users + 1 if n_users else 0, size))
        self.item = nn.Parameter(torch.zeros(n_items + 1 if n_items else 0, size))
        self.shared_weight = nn.Parameter(torch.zeros(config.hidden_units, inputs))
        self.shared_bias = nn.Parameter(torch.zeros(config.hidden_units))
        self.head_weight = nn.Parameter(torch.zeros(tasks, config.hidden_units))
        self.head_bias = nn.Parameter(torch.zeros(tasks))
        self.noise = nn.Parameter(torch.zeros(tasks))

    def draw(self, generator: torch.Generator) -> None:
        """Start the weights as He et al. (2015) propose."""
        with torch.no_grad():
            self.user.normal_(0.0, _FIRST_SCALE, generator=generator)
            self.item.normal_(0.0, _FIRST_SCALE, generator=generator)
            units, inputs = self.shared_weight.shape
            self.shared_weight.normal_(0.0, math.sqrt(2.0 / max(inputs, 1)), generator=generator)
            self.head_weight.normal_(0.0, math.sqrt(1.0 / units), generator=generator)

    def forward(self, users: Tensor, items: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return (B, T) outputs and () the mean squared length of the rows' embeddings."""
        parts, penalty = [features], torch.zeros(())
        if self.has_users:
            taste = functional.embedding(users, self.user)
            parts.append(taste)
            penalty = penalty + taste.square().sum(1).mean()
        if self.has_items:
            trait = functional.embedding(items, self.item)
            parts.append(trait)
            penalty = penalty + trait.square().sum(1).mean()
        if self.both:
            parts.append(taste * trait)
        hidden = torch.relu(
            functional.linear(torch.cat(parts, dim=1), self.shared_weight, self.shared_bias)
        )
        return functional.linear(hidden, self.head_weight, self.head_bias), penalty

    def newcomers_are_the_mean(self) -> None:
        """Give users and items that no training has seen the mean of those it has."""
        with torch.no_grad():
            for table in (self.user, self.item):
                if len(table) > 1:
                    table[-1] = table[:-1].mean(dim=0)


def task_losses(outputs: Tensor, labels: Tensor, real: Tensor) -> Tensor:
    """Return (T,) the mean loss of each task over the rows that have its label; 0 without any.

    Args:
        outputs: (B, T).
        labels: (B, T), nan where missing.
        real: (T,) whether each task is a real one.
    """
    known = ~torch.isnan(labels)
    target = torch.where(known, labels, torch.zeros(()))
    squared = 0.5 * (outputs - target).square()
    cross = functional.binary_cross_entropy_with_logits(outputs, target, reduction="none")
    loss = torch.where(real, squared, cross) * known
    return loss.sum(dim=0) / known.sum(dim=0).clamp(min=1)


def weighed(losses: Tensor, noise: Tensor, share: Tensor) -> Tensor:
    """Return () the sum of losses weighed by the tasks' noise.

    Args:
        losses: (T,) mean losses.
        noise: (T,) log of sigma^2.
        share: (T,) of the rows that have a label of each.
    """
    return ((torch.exp(-noise) * losses + 0.5 * noise) * share).sum()
