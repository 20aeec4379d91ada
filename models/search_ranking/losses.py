"""Losses over lists of scores of which the first belongs to what was taken."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def softmax_loss(scores: Tensor, there: Tensor) -> Tensor:
    """Minus the log of the chance that a softmax gives to what was taken.

    Args:
        scores: (N, W), what was taken in the first column.
        there: (N, W) bool, False where a list has ended.

    Returns:
        (N,).

    Source: Cao, Qin, Liu, Tsai & Li (2007), "Learning to Rank: From Pairwise Approach to Listwise
    Approach", ICML (the top-one probability).
    """
    return -functional.log_softmax(scores.masked_fill(~there, -torch.inf), dim=1)[:, 0]


def lambda_loss(scores: Tensor, there: Tensor) -> Tensor:
    """Logistic losses of pairs, weighted by what their exchange would change in NDCG.

    With one result taken, whose ideal DCG is 1, the exchange of places i and j changes NDCG by
    `abs(1 / log2(1 + i) - 1 / log2(1 + j))`.

    Args:
        scores: (N, W), what was taken in the first column.
        there: (N, W) bool, False where a list has ended.

    Returns:
        (N,).

    Source: Burges (2010), "From RankNet to LambdaRank to LambdaMART: An Overview", Microsoft
    Research MSR-TR-2010-82; as a loss: Wang, Li, Golbandi, Bendersky & Najork (2018), CIKM.
    """
    with torch.no_grad():
        order = torch.sort(
            scores.masked_fill(~there, -torch.inf), dim=1, descending=True, stable=True
        ).indices
        place = torch.argsort(order, dim=1, stable=True)
        discount = 1.0 / torch.log2(place + 2.0)
        change = (discount[:, :1] - discount[:, 1:]).abs() * there[:, 1:]
    behind = functional.softplus(scores[:, 1:] - scores[:, :1])
    return (change * behind.masked_fill(~there[:, 1:], 0.0)).sum(dim=1)


LOSSES = {"softmax": softmax_loss, "lambdarank": lambda_loss}
