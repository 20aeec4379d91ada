"""A ranking policy learned from logged slates by its own gradient, corrected for who logged them.

The policy draws a slate place by place from a softmax (`plackett_luce`) of x' W c, for action x and
context c. Its gradient is that of the log probabilities of what was shown, times what was earned,
times how much more often than the logging policy it would have put that there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.array_checks import PADDING_ID, FloatArray, check_count, checked_floats, checked_ids
from models.reproducible import reproducible_torch

_NEVER = -1e9
"""The logit of what cannot be shown; minus infinity would have no gradient."""


@dataclass(frozen=True, slots=True)
class LoggedSlates:
    """Slates of S sessions out of the same A actions; D numbers an action, M a context."""

    actions: npt.NDArray[np.floating]  # (A, D)
    contexts: npt.NDArray[np.floating]  # (S, M)
    slates: npt.NDArray[np.integer]  # (S, K) actions as far as they were looked at, -1 padded
    log_probability: npt.NDArray[np.floating]  # (S, K) of each place given those above
    rewards: npt.NDArray[np.floating]  # (S, K) what each place earned


class SlateGradient:
    """The weights W of a Plackett-Luce ranking policy.

    Source:
        Williams (1992), Machine Learning 8 (REINFORCE); Chen, Beutel, Covington, Jain, Belletti &
        Chi (2019), "Top-K off-policy correction for a REINFORCE recommender system", WSDM: the
        first-order correction with capped weights. Here a place's probability is conditional on
        those above it, so that K places of a slate are K actions and need no further factor.
    """

    KIND = "gradient"

    def __init__(self, weights: npt.ArrayLike) -> None:
        """Begin with given weights (D, M), such as those of the logging policy, or zeros.

        Raises:
            ValueError: if they are no matrix of finite numbers.
        """
        self.weights = checked_floats("weights", weights, ndim=2)
        if not np.isfinite(self.weights).all():
            raise ValueError("weights: must be finite")

    def logits(self, actions: npt.ArrayLike, contexts: npt.ArrayLike) -> FloatArray:
        """(S, A) of A actions (A, D) in S contexts (S, M)."""
        x, c = (
            checked_floats("actions", actions, ndim=2),
            checked_floats("contexts", contexts, ndim=2),
        )
        scores: FloatArray = (c @ self.weights.T) @ x.T
        return scores

    def fit(
        self,
        logged: Iterable[LoggedSlates],
        *,
        epochs: int = 10,
        learning_rate: float = 0.05,
        cap: float = 10.0,
        precision: float = 1e-3,
    ) -> tuple[float, ...]:
        """Climb from the present weights.

        Args:
            logged: slates, by what was to choose from.
            epochs: passes over them.
            learning_rate: Adam's step size.
            cap: importance weights above it count as it, > 0.
            precision: pull of each weight back to where it began, reward a unit squared.

        Returns:
            (epochs,) mean weighted reward a place, by the weights as they were.

        Raises:
            ValueError: if an argument is not allowed.
        """
        check_count("epochs", epochs, lower=1)
        if not cap > 0.0:
            raise ValueError(f"cap: must be above 0, got {cap:g}")
        with reproducible_torch():
            batches = [_as_tensors(one) for one in logged]
            places = sum(int(batch[4].sum()) for batch in batches)
            if places == 0:
                return ()
            baseline = sum(float(batch[3].sum()) for batch in batches) / places
            start = torch.from_numpy(self.weights.copy())
            weights = start.clone().requires_grad_()
            optimizer = torch.optim.Adam([weights], lr=learning_rate)
            means: list[float] = []
            for _ in range(epochs):
                total = 0.0
                for batch in batches:
                    gain, earned = _objective(weights, batch, baseline, cap)
                    share = float(batch[4].sum()) / places
                    loss = -gain + precision * share * ((weights - start) ** 2).sum()
                    optimizer.zero_grad()
                    loss.backward()  # type: ignore[no-untyped-call]
                    optimizer.step()
                    total += earned
                means.append(total / places)
            self.weights = weights.detach().numpy().copy()
        return tuple(means)

    def state(self) -> dict[str, FloatArray]:
        """What the policy is made of, for a file."""
        return {"weights": self.weights}

    def restore(self, state: Mapping[str, FloatArray]) -> None:
        """Take over what `state` told of a policy of the same sizes."""
        self.weights = np.array(state["weights"], dtype=np.float64)

    def settings(self) -> dict[str, float | int]:
        """Sizes, for a file."""
        return {"action_size": self.weights.shape[0], "context_size": self.weights.shape[1]}


def _as_tensors(one: LoggedSlates) -> tuple[Tensor, ...]:
    slates = checked_ids("slates", one.slates, ndim=2, padded=True)
    columns = (
        checked_floats("actions", one.actions, ndim=2),
        checked_floats("contexts", one.contexts, ndim=2),
        checked_floats("log_probability", one.log_probability, ndim=2, upper=1e-6),
        checked_floats("rewards", one.rewards, ndim=2),
    )
    if not slates.shape == columns[2].shape == columns[3].shape or len(columns[1]) != len(slates):
        raise ValueError("slates, log_probability, rewards and contexts: as many rows and places")
    there = slates != PADDING_ID
    return (
        *(torch.from_numpy(column) for column in columns),
        torch.from_numpy(there),
        torch.from_numpy(np.where(there, slates, 0)),
    )


def _objective(
    weights: Tensor, batch: tuple[Tensor, ...], baseline: float, cap: float
) -> tuple[Tensor, float]:
    """Mean over the sessions whose gradient is the policy's, and the sum of weighted rewards."""
    actions, contexts, logged, rewards, there, slates = batch
    logits = (contexts @ weights.T) @ actions.T
    shown = torch.gather(logits, 1, slates)
    chosen = torch.zeros_like(logits, dtype=torch.bool)
    rows, _ = torch.nonzero(there, as_tuple=True)
    chosen[rows, slates[there]] = True
    rest = torch.logsumexp(logits.masked_fill(chosen, _NEVER), dim=1, keepdim=True)
    ends = torch.cat([shown.masked_fill(~there, _NEVER), rest], dim=1)
    left = torch.logcumsumexp(ends.flip(1), dim=1).flip(1)[:, :-1]
    chance = torch.where(there, shown - left, torch.zeros_like(shown))
    ratio = torch.exp((chance - logged).clamp(max=50.0)).clamp(max=cap).detach() * there
    gain = (ratio * (rewards - baseline) * chance).sum() / max(len(slates), 1)
    return gain, float((ratio * rewards).sum())
