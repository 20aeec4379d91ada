"""Scores of pairs and of whole matrices from a trained network, unknown ids included.

The tables are those of the network with one more row: whoever was never trained, or lies beyond
the tables, is scored as the mean of the trained users (or items). A newcomer so gets what pleases
on average, a new listing an average standing.

A matrix of U users by I items costs U * I * D * H multiplications. They are spent in matrix
products: W (e_u * e_i) = (W diag(e_u)) e_i, so that a block of users is folded into the weights.
Ids that share a row are scored once: the last bits of a matrix product depend on the place in the
matrix, and listings that nothing tells apart must have the same score.
For many users a shortlist by a linear approximation of the perceptron, a plain dot product, cuts
the cost by H; see `linear_scores`.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from models.array_checks import IdArray
from models.recommender.network import EmbeddingProductNetwork, mean_of_trained

_USERS_A_BLOCK = 4
_ITEMS_A_BLOCK = 4096
_PAIRS_A_BLOCK = 32_768
_PAIRS_OF_THE_LINEAR_FIT = 20_000
_SEED_OF_THE_LINEAR_FIT = 0
_RIDGE = 1e-9

ScoreArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ScoringTables:
    """A network prepared for scoring. Rows N and M stand for users and items not yet known."""

    user_embedding: Tensor  # (N + 1, D)
    item_embedding: Tensor  # (M + 1, D)
    user_bias: Tensor  # (N + 1,) with the output bias
    item_bias: Tensor  # (M + 1,)
    hidden_weight: Tensor  # (H, D)
    hidden_bias: Tensor  # (H,)
    output_weight: Tensor  # (H,)
    linear_weight: Tensor  # (D,) of the perceptron's linear approximation
    row_of_user: IdArray  # (N + 1,) N for whoever was never trained
    row_of_item: IdArray  # (M + 1,) M for what was never trained

    @classmethod
    def of(cls, network: EmbeddingProductNetwork) -> Self:
        """Build the tables of a trained network."""
        with torch.no_grad():
            user_embedding = _with_mean(network.user_embedding, network.user_trained)
            item_embedding = _with_mean(network.item_embedding, network.item_trained)
            return cls(
                user_embedding=user_embedding,
                item_embedding=item_embedding,
                user_bias=_with_mean(network.user_bias, network.user_trained) + network.output_bias,
                item_bias=_with_mean(network.item_bias, network.item_trained),
                hidden_weight=network.hidden_weight.detach().clone(),
                hidden_bias=network.hidden_bias.detach().clone(),
                output_weight=network.output_weight.detach().clone(),
                linear_weight=_linear_weight(network, user_embedding, item_embedding),
                row_of_user=_row_of(network.user_trained),
                row_of_item=_row_of(network.item_trained),
            )

    def user_rows(self, users: IdArray) -> IdArray:
        """Return the rows that stand for user ids."""
        return self.row_of_user[np.minimum(users, len(self.row_of_user) - 1)]

    def item_rows(self, items: IdArray) -> IdArray:
        """Return the rows that stand for item ids."""
        return self.row_of_item[np.minimum(items, len(self.row_of_item) - 1)]


def pair_logits(tables: ScoringTables, users: IdArray, items: IdArray) -> ScoreArray:
    """Return the logits (E,) of the pairs users[e], items[e]."""
    item_rows = len(tables.row_of_item)
    pairs, place = np.unique(
        tables.user_rows(users) * item_rows + tables.item_rows(items), return_inverse=True
    )
    logits = torch.empty(len(pairs))
    for start in range(0, len(pairs), _PAIRS_A_BLOCK):
        block = slice(start, start + _PAIRS_A_BLOCK)
        user = torch.from_numpy(pairs[block] // item_rows)
        item = torch.from_numpy(pairs[block] % item_rows)
        product = tables.user_embedding[user] * tables.item_embedding[item]
        hidden = functional.linear(product, tables.hidden_weight, tables.hidden_bias).relu_()
        logits[block] = (
            hidden @ tables.output_weight + tables.user_bias[user] + tables.item_bias[item]
        )
    scores: ScoreArray = logits.numpy()[place]
    return scores


def matrix_logits(tables: ScoringTables, users: IdArray, items: IdArray) -> ScoreArray:
    """Return the logits (U, I) of every user with every item."""
    user_rows, user_place = np.unique(tables.user_rows(users), return_inverse=True)
    item_rows, item_place = np.unique(tables.item_rows(items), return_inverse=True)
    user_embedding = tables.user_embedding[user_rows]
    item_embedding = tables.item_embedding[item_rows]
    units, size = tables.hidden_weight.shape
    logits = torch.empty(len(user_rows), len(item_rows))
    for first_user in range(0, len(user_rows), _USERS_A_BLOCK):
        of_users = slice(first_user, first_user + _USERS_A_BLOCK)
        taste = user_embedding[of_users]
        folded = taste.T[:, :, None] * tables.hidden_weight.T[:, None, :]
        folded = folded.reshape(size, len(taste) * units)
        folded_bias = tables.hidden_bias.repeat(len(taste))
        for first_item in range(0, len(item_rows), _ITEMS_A_BLOCK):
            of_items = slice(first_item, first_item + _ITEMS_A_BLOCK)
            hidden = torch.addmm(folded_bias, item_embedding[of_items], folded).relu_()
            output = hidden.view(-1, units) @ tables.output_weight
            logits[of_users, of_items] = output.view(-1, len(taste)).T
    logits += tables.user_bias[user_rows, None]
    logits += tables.item_bias[item_rows]
    return _expanded(logits, user_place, item_place)


def linear_scores(tables: ScoringTables, users: IdArray, items: IdArray) -> ScoreArray:
    """Return approximate logits (U, I), up to a constant a user: one dot product a pair.

    The perceptron is replaced by the linear function of e_u * e_i that fits it best over random
    pairs of trained ids. On logs with planted tastes it explains .94 to .99 of the perceptron's
    variance, and its best 50 held the exact ten best for every user tried.
    """
    user_rows, user_place = np.unique(tables.user_rows(users), return_inverse=True)
    item_rows, item_place = np.unique(tables.item_rows(items), return_inverse=True)
    weighted = tables.user_embedding[user_rows] * tables.linear_weight
    scores = torch.addmm(tables.item_bias[item_rows], weighted, tables.item_embedding[item_rows].T)
    return _expanded(scores, user_place, item_place)


def _expanded(scores: Tensor, user_place: IdArray, item_place: IdArray) -> ScoreArray:
    """Return the scores (U, I) of ids from those of distinct rows."""
    expanded: ScoreArray = scores.numpy().take(user_place, axis=0).take(item_place, axis=1)
    return expanded


def _row_of(trained: Tensor) -> IdArray:
    unknown = len(trained)
    known = np.where(trained.numpy(), np.arange(unknown), unknown)
    return np.append(known, unknown).astype(np.int64)


def _with_mean(table: Tensor, trained: Tensor) -> Tensor:
    """Return a table with untrained rows, and one row more, set to the mean of the trained."""
    mean = mean_of_trained(table, trained)
    filled = torch.cat([table.detach(), mean[None]])
    filled[:-1][~trained] = mean
    return filled


def _linear_weight(
    network: EmbeddingProductNetwork, user_embedding: Tensor, item_embedding: Tensor
) -> Tensor:
    """Fit the perceptron by least squares, linearly in the product, over random pairs.

    In double precision with a trace of ridge: entries that the prior has shrunk to nothing make
    the normal equations singular.
    """
    generator = torch.Generator().manual_seed(_SEED_OF_THE_LINEAR_FIT)
    draws = (_PAIRS_OF_THE_LINEAR_FIT,)
    users = torch.randint(0, len(user_embedding), draws, generator=generator)
    items = torch.randint(0, len(item_embedding), draws, generator=generator)
    product = user_embedding[users] * item_embedding[items]
    hidden = functional.linear(product, network.hidden_weight, network.hidden_bias).relu_()
    output = (hidden @ network.output_weight).double()
    centred = (product - product.mean(dim=0)).double()
    moments = centred.T @ centred
    ridge = _RIDGE * moments.diagonal().sum().clamp(min=1e-30) * torch.eye(len(moments)).double()
    weight: Tensor = torch.linalg.solve(moments + ridge, centred.T @ output)
    return weight.float()
