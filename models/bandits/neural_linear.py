"""Neural-linear bandit: a network learns what matters, a Bayesian regression how surely."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from models.array_checks import FloatArray, check_count, check_same_length, checked_floats
from models.bandits.linear import LinearBandit
from models.reproducible import reproducible_torch

_PAIRS_A_BLOCK = 1_000_000


class NeuralLinearBandit:
    """A hidden layer of action and context, and the posterior of its read-out.

    Source:
        Riquelme, Tucker & Snoek (2018), "Deep Bayesian bandits showdown", ICLR (NeuralLinear).
    """

    KIND = "neural"

    def __init__(
        self,
        action_size: int,
        context_size: int,
        *,
        hidden_units: int = 16,
        prior_precision: float = 1.0,
        epochs: int = 10,
        learning_rate: float = 0.01,
        batch_size: int = 512,
    ) -> None:
        """Begin without knowledge: all actions alike.

        Args:
            action_size: D.
            context_size: M.
            hidden_units: H.
            prior_precision: of the read-out (`LinearBandit`).
            epochs: passes over the decisions.
            learning_rate: Adam's step size.
            batch_size: decisions in one gradient step.

        Raises:
            ValueError: if a size is not allowed.
        """
        for name, value in (
            ("action_size", action_size),
            ("context_size", context_size),
            ("hidden_units", hidden_units),
            ("epochs", epochs),
            ("batch_size", batch_size),
        ):
            check_count(name, value, lower=1)
        self._settings: dict[str, float | int] = {
            "action_size": action_size,
            "context_size": context_size,
            "hidden_units": hidden_units,
            "prior_precision": prior_precision,
            "epochs": epochs,
            "learning_rate": learning_rate,
            "batch_size": batch_size,
        }
        self._read_out = LinearBandit(hidden_units + 1, 1, prior_precision=prior_precision)
        self._of_action = np.zeros((action_size, hidden_units))
        self._of_context = np.zeros((context_size, hidden_units))
        self._bias = np.zeros(hidden_units)

    def fit(
        self, actions: npt.ArrayLike, contexts: npt.ArrayLike, rewards: npt.ArrayLike, *, seed: int
    ) -> tuple[float, ...]:
        """Train anew on E decisions.

        Args:
            actions: (E, D) of what was decided.
            contexts: (E, M) where.
            rewards: (E,) what it earned.
            seed: of first weights and the order of the decisions.

        Returns:
            Mean squared error an epoch.

        Raises:
            ValueError: if shapes or numbers are not allowed.
        """
        x, c = self._checked(actions, contexts)
        reward = checked_floats("rewards", rewards)
        check_same_length(actions=x, contexts=c, rewards=reward)
        with reproducible_torch():
            actions_then, contexts_then, rewards_then = (
                torch.from_numpy(a.astype(np.float32)) for a in (x, c, reward)
            )
            losses = self._train(actions_then, contexts_then, rewards_then, seed)
        settings = self._settings
        self._read_out = LinearBandit(
            int(settings["hidden_units"]) + 1, 1, prior_precision=settings["prior_precision"]
        )
        hidden = _rectified(x @ self._of_action + c @ self._of_context + self._bias)
        self._read_out.update(hidden, np.ones((len(hidden), 1)), reward)
        return losses

    def mean(self, actions: npt.ArrayLike, contexts: npt.ArrayLike) -> FloatArray:
        """(S, A) expected rewards of A actions (A, D) in S contexts (S, M)."""
        return self._by_block(actions, contexts, self._read_out.weights, 0.0)

    def drawn(
        self,
        actions: npt.ArrayLike,
        contexts: npt.ArrayLike,
        generator: np.random.Generator,
        scale: float = 1.0,
    ) -> FloatArray:
        """(S, A) rewards by one read-out drawn from its posterior, its spread times `scale`."""
        one = np.eye(self._read_out.action_size)
        weights = self._read_out.drawn(one, np.ones((1, 1)), generator, scale)[0]
        return self._by_block(actions, contexts, weights, 0.0)

    def optimistic(
        self, actions: npt.ArrayLike, contexts: npt.ArrayLike, width: float = 1.0
    ) -> FloatArray:
        """(S, A) expected rewards plus `width` posterior standard deviations."""
        return self._by_block(actions, contexts, self._read_out.weights, width)

    def state(self) -> dict[str, FloatArray]:
        """What the model is made of, for a file."""
        own = {"action": self._of_action, "context": self._of_context, "bias": self._bias}
        return own | {f"read_out.{name}": part for name, part in self._read_out.state().items()}

    def restore(self, state: Mapping[str, FloatArray]) -> None:
        """Take over what `state` told of a model of the same sizes."""
        self._of_action, self._of_context = np.array(state["action"]), np.array(state["context"])
        self._bias = np.array(state["bias"])
        parts = {
            name.removeprefix("read_out."): part
            for name, part in state.items()
            if name.startswith("read_out.")
        }
        self._read_out.restore(parts)

    def settings(self) -> dict[str, float | int]:
        """The constructor's arguments."""
        return dict(self._settings)

    def _train(self, x: Tensor, c: Tensor, reward: Tensor, seed: int) -> tuple[float, ...]:
        settings = self._settings
        generator = torch.Generator().manual_seed(seed)
        hidden = int(settings["hidden_units"])

        def begun(rows: int, columns: int) -> nn.Parameter:
            scale = (2.0 / (x.shape[1] + c.shape[1])) ** 0.5
            return nn.Parameter(torch.empty(rows, columns).normal_(0, scale, generator=generator))

        action, context = begun(x.shape[1], hidden), begun(c.shape[1], hidden)
        bias = nn.Parameter(torch.zeros(hidden))
        out, level = nn.Parameter(torch.zeros(hidden)), nn.Parameter(reward.mean().reshape(1))
        # Rare rewards are small numbers: the network fits them in units of their own spread.
        spread = float(reward.std(unbiased=False)) or 1.0
        optimizer = torch.optim.Adam(
            [action, context, bias, out, level], lr=float(settings["learning_rate"])
        )
        losses: list[float] = []
        for _ in range(int(settings["epochs"])):
            total = 0.0
            order = torch.randperm(len(reward), generator=generator)
            for rows in torch.split(order, int(settings["batch_size"])):
                h = torch.relu(x[rows] @ action + c[rows] @ context + bias)
                loss = ((h @ out + (level - reward[rows]) / spread) ** 2).mean()
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                total += loss.item() * len(rows)
            losses.append(total * spread**2 / max(len(reward), 1))
        self._of_action, self._of_context, self._bias = (
            part.detach().numpy().astype(np.float64) for part in (action, context, bias)
        )
        return tuple(losses)

    def _by_block(
        self, actions: npt.ArrayLike, contexts: npt.ArrayLike, weights: FloatArray, width: float
    ) -> FloatArray:
        x, c = self._checked(actions, contexts)
        from_action, from_context = x @ self._of_action, c @ self._of_context + self._bias
        scores = np.empty((len(c), len(x)))
        step = max(1, _PAIRS_A_BLOCK // max(1, len(x)))
        for first in range(0, len(c), step):
            rows = slice(first, first + step)
            hidden = _rectified(from_action[None] + from_context[rows, None])
            scores[rows] = hidden @ weights
            if width > 0.0:
                flat = hidden.reshape(-1, hidden.shape[2])
                bound = self._read_out.optimistic(flat, np.ones((1, 1)), width)
                scores[rows] = bound.reshape(scores[rows].shape)
        return scores

    def _checked(
        self, actions: npt.ArrayLike, contexts: npt.ArrayLike
    ) -> tuple[FloatArray, FloatArray]:
        x, c = (
            checked_floats("actions", actions, ndim=2),
            checked_floats("contexts", contexts, ndim=2),
        )
        sizes = self._settings["action_size"], self._settings["context_size"]
        if (x.shape[1], c.shape[1]) != sizes:
            raise ValueError(
                f"actions and contexts: {sizes[0]} and {sizes[1]} columns, got {x.shape[1]} and "
                f"{c.shape[1]}"
            )
        return x, c


def _rectified(hidden: FloatArray) -> FloatArray:
    """The hidden units above zero, and one that is always on."""
    one = np.ones((*hidden.shape[:-1], 1))
    return np.concatenate([np.maximum(hidden, 0.0), one], axis=-1)
