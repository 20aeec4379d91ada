"""Bayesian linear regression of rewards on action times context: LinUCB and Thompson sampling.

The reward of action x in context c is x' W c plus noise; W has a Gaussian prior with mean zero.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from models.array_checks import FloatArray, check_count, check_same_length, checked_floats


class LinearBandit:
    """The posterior of W. D numbers describe an action, M a context.

    Source:
        Li, Chu, Langford & Schapire (2010), "A contextual-bandit approach to personalized news
        article recommendation", WWW (LinUCB); Agrawal & Goyal (2013), "Thompson sampling for
        contextual bandits with linear payoffs", ICML; Bishop (2006), section 3.3 (posterior).
    """

    KIND = "linear"

    def __init__(
        self, action_size: int, context_size: int, *, prior_precision: float = 1.0
    ) -> None:
        """Begin with the prior.

        Args:
            action_size: D.
            context_size: M.
            prior_precision: noise variance over the prior variance of an entry of W, > 0.

        Raises:
            ValueError: if an argument is not allowed.
        """
        check_count("action_size", action_size, lower=1)
        check_count("context_size", context_size, lower=1)
        if not (math.isfinite(prior_precision) and prior_precision > 0.0):
            raise ValueError(f"prior_precision: must be above 0, got {prior_precision:g}")
        size = action_size * context_size
        self.action_size, self.context_size = action_size, context_size
        self.prior_precision = prior_precision
        self._precision = np.eye(size) * prior_precision
        self._moment = np.zeros(size)
        self._squares, self.rows = 0.0, 0
        self._solve()

    def update(
        self, actions: npt.ArrayLike, contexts: npt.ArrayLike, rewards: npt.ArrayLike
    ) -> None:
        """Learn from E decisions, on top of all before.

        Args:
            actions: (E, D) of what was decided.
            contexts: (E, M) where.
            rewards: (E,) what it earned.

        Raises:
            ValueError: if shapes or numbers are not allowed.
        """
        x, c = self._checked(actions, contexts)
        reward = checked_floats("rewards", rewards)
        check_same_length(actions=x, contexts=c, rewards=reward)
        phi = (x[:, :, None] * c[:, None, :]).reshape(len(x), -1)
        self._precision += phi.T @ phi
        self._moment += phi.T @ reward
        self._squares += float(reward @ reward)
        self.rows += len(reward)
        self._solve()

    def mean(self, actions: npt.ArrayLike, contexts: npt.ArrayLike) -> FloatArray:
        """(S, A) expected rewards of A actions in S contexts.

        Args:
            actions: (A, D).
            contexts: (S, M).
        """
        return self._scores(self.weights, actions, contexts)

    def drawn(
        self,
        actions: npt.ArrayLike,
        contexts: npt.ArrayLike,
        generator: np.random.Generator,
        scale: float = 1.0,
    ) -> FloatArray:
        """(S, A) rewards by one W drawn from the posterior, the same for all.

        Args:
            actions: (A, D).
            contexts: (S, M).
            generator: the stream that is drawn from.
            scale: multiplies the posterior's standard deviations.
        """
        drawn = self._root @ generator.standard_normal(len(self._moment))
        return self._scores(self.weights + scale * math.sqrt(self.noise) * drawn, actions, contexts)

    def optimistic(
        self, actions: npt.ArrayLike, contexts: npt.ArrayLike, width: float = 1.0
    ) -> FloatArray:
        """(S, A) expected rewards plus `width` posterior standard deviations.

        Args:
            actions: (A, D).
            contexts: (S, M).
            width: standard deviations, >= 0.
        """
        x, c = self._checked(actions, contexts)
        root = self._root.reshape(self.action_size, self.context_size, -1)
        spread = np.empty((len(c), len(x)))
        for row, context in enumerate(c):
            along = x @ np.einsum("dmk,m->dk", root, context)
            spread[row] = np.sqrt((along**2).sum(axis=1))
        return self.mean(x, c) + width * math.sqrt(self.noise) * spread

    def state(self) -> dict[str, FloatArray]:
        """What the posterior is made of, for a file."""
        return {
            "precision": self._precision,
            "moment": self._moment,
            "totals": np.array([self._squares, float(self.rows)]),
        }

    def restore(self, state: Mapping[str, FloatArray]) -> None:
        """Take over what `state` told of a model of the same sizes."""
        self._precision = np.array(state["precision"], dtype=np.float64)
        self._moment = np.array(state["moment"], dtype=np.float64)
        self._squares, self.rows = float(state["totals"][0]), int(state["totals"][1])
        self._solve()

    def settings(self) -> dict[str, float | int]:
        """The constructor's arguments."""
        return {
            "action_size": self.action_size,
            "context_size": self.context_size,
            "prior_precision": self.prior_precision,
        }

    def _solve(self) -> None:
        """The posterior's mean, a root of its covariance, and the noise that explains the rest."""
        lower = np.linalg.cholesky(self._precision)
        self._root = np.linalg.inv(lower).T
        self.weights: FloatArray = self._root @ (self._root.T @ self._moment)
        misfit = self._squares - float(self._moment @ self.weights)
        # Of the inverse gamma prior with shape and scale 1 (before any data: variance 1).
        self.noise = (2.0 + max(misfit, 0.0)) / (2.0 + self.rows)

    def _scores(
        self, weights: FloatArray, actions: npt.ArrayLike, contexts: npt.ArrayLike
    ) -> FloatArray:
        x, c = self._checked(actions, contexts)
        scores: FloatArray = (c @ weights.reshape(self.action_size, self.context_size).T) @ x.T
        return scores

    def _checked(
        self, actions: npt.ArrayLike, contexts: npt.ArrayLike
    ) -> tuple[FloatArray, FloatArray]:
        x, c = (
            checked_floats("actions", actions, ndim=2),
            checked_floats("contexts", contexts, ndim=2),
        )
        if x.shape[1] != self.action_size or c.shape[1] != self.context_size:
            raise ValueError(
                f"actions and contexts: {self.action_size} and {self.context_size} columns, got "
                f"{x.shape[1]} and {c.shape[1]}"
            )
        return x, c
