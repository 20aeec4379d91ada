"""The penalised likelihood of the conditional logit, and its maximum.

Source: L-BFGS: Liu & Nocedal (1989), "On the limited memory BFGS method for large scale
optimization", Mathematical Programming 45.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from models.array_checks import FloatArray
from models.choice.choice_sets import ChoiceSets
from models.choice.config import ConditionalLogitConfig

_LARGEST = 30.0
"""Utilities beyond are cut off, so that no exponential overflows while a line is searched."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What a training found."""

    intercept: float
    standing: FloatArray  # (M,)
    weights: FloatArray  # (F,) a unit of the feature
    place: FloatArray  # (P,)
    evidence: FloatArray  # (M,) curvature of the posterior: 1 / variance of the standing


class Problem:
    """The penalised likelihood as a function of one vector: items, features, places, intercept."""

    def __init__(
        self, sets: ChoiceSets, config: ConditionalLogitConfig, offset: FloatArray | None
    ) -> None:
        """Standardise the features.

        Args:
            sets: at least one session.
            config: the priors.
            offset: (E,) utilities that are known; absent: 0.
        """
        self.sets, self.config = sets, config
        self.offset = 0.0 if offset is None else offset
        self.middle = sets.features.mean(axis=0)
        scale = sets.features.std(axis=0)
        self.scale = np.where(scale > 0, scale, 1.0)
        self.standard = (sets.features - self.middle) / self.scale
        self.place = np.minimum(sets.places, max(config.places - 1, 0))
        self.session = sets.session
        sizes = (sets.n_items, self.standard.shape[1], config.places, 1)
        self.cut = np.cumsum(sizes)[:-1]
        precisions = (config.item_precision, config.weight_precision, config.place_precision, 0.0)
        self.precision = np.repeat(precisions, sizes)

    def pack(self, learned: Learned | None) -> FloatArray:
        """Return where the search starts: what was learned before, or 0."""
        start = np.zeros(len(self.precision))
        if learned is None:
            return start
        standing, weights, place, intercept = np.split(start, self.cut)  # views
        known = min(len(standing), len(learned.standing))
        standing[:known] = learned.standing[:known]
        if len(weights) == len(learned.weights):
            weights[:] = learned.weights * self.scale
            intercept[:] = learned.intercept + learned.weights @ self.middle
        if len(place) == len(learned.place):
            place[:] = learned.place
        return start

    def unpack(self, vector: FloatArray) -> Learned:
        """Return what a vector says, in the features' own units."""
        standing, standard, place, intercept = np.split(vector, self.cut)
        weights = standard / self.scale
        chance = probabilities(self.sets, self._utility(vector))
        variance = np.bincount(
            self.sets.items, chance * (1.0 - chance), minlength=self.sets.n_items
        )
        middle = float(np.einsum("f,f->", weights, self.middle))
        return Learned(
            intercept=float(intercept[0]) - middle + float(place.mean() if len(place) else 0.0),
            standing=standing.copy(),
            weights=weights,
            place=place - place.mean() if len(place) else place.copy(),
            evidence=np.asarray(variance + self.config.item_precision, dtype=np.float64),
        )

    def curvature(self) -> FloatArray:
        """Rough second derivatives of the penalised likelihood, number by number."""
        sets = self.sets
        each = max(len(sets) / max(len(sets.items), 1) / 4.0, 1e-3)  # of an alternative: p (1 - p)
        rows = float(len(sets.items))
        counts = [
            np.bincount(sets.items, minlength=sets.n_items).astype(np.float64),
            np.full(self.standard.shape[1], rows),
            np.bincount(self.place, minlength=self.config.places).astype(np.float64)
            if self.config.places
            else np.empty(0),
            np.full(1, rows),
        ]
        found: FloatArray = each * np.concatenate(counts) + self.precision
        return found

    def negative_log_likelihood(self, vector: FloatArray) -> float:
        """Return it without the penalty, over all sessions."""
        utility = self._utility(vector)
        total = self.sets.total(np.exp(utility))
        return float(np.log1p(total).sum() - utility[self.sets.taken].sum())

    def loss_and_gradient(self, vector: FloatArray) -> tuple[float, FloatArray]:
        """Return the penalised negative log-likelihood and its derivatives."""
        sets = self.sets
        utility = self._utility(vector)
        weight = np.exp(utility)
        total = sets.total(weight)
        loss = np.log1p(total).sum() - utility[sets.taken].sum()
        excess = weight / (1.0 + total)[self.session] - sets.taken
        parts = [
            np.bincount(sets.items, excess, minlength=sets.n_items),
            np.einsum("ef,e->f", self.standard, excess),
        ]
        if self.config.places:
            parts.append(np.bincount(self.place, excess, minlength=self.config.places))
        gradient = np.concatenate([*parts, [excess.sum()]]) + self.precision * vector
        penalty = 0.5 * np.einsum("n,n,n->", self.precision, vector, vector)
        return float(loss + penalty), gradient

    def _utility(self, vector: FloatArray) -> FloatArray:
        standing, weights, place, intercept = np.split(vector, self.cut)
        utility: FloatArray = standing[self.sets.items] + intercept[0] + self.offset
        utility += np.einsum("ef,f->e", self.standard, weights)
        if len(place):
            utility += place[self.place]
        return np.clip(utility, -_LARGEST, _LARGEST)


def minimised(
    problem: Problem, start: FloatArray, config: ConditionalLogitConfig
) -> tuple[FloatArray, int]:
    """The vector at the minimum, and how often the likelihood was evaluated.

    The search moves in units of each number's own standard deviation, roughly: items with long and
    short records then bend the likelihood alike, and it ends after a fraction of the steps.
    """
    unit = 1.0 / np.sqrt(problem.curvature())
    vector = torch.from_numpy(start / unit).requires_grad_(True)
    search = torch.optim.LBFGS(
        [vector],
        max_iter=config.iterations,
        tolerance_grad=0.0,
        tolerance_change=config.tolerance * len(problem.sets),
        history_size=10,
        line_search_fn="strong_wolfe",
    )
    steps = 0

    def closure() -> float:
        nonlocal steps
        steps += 1
        loss, gradient = problem.loss_and_gradient(vector.detach().numpy() * unit)
        vector.grad = torch.from_numpy(gradient * unit)
        return loss

    search.step(closure)  # type: ignore[no-untyped-call]
    return vector.detach().numpy() * unit, steps


def probabilities(sets: ChoiceSets, utility: FloatArray) -> FloatArray:
    """Return (E,) probabilities of alternatives of utilities (E,) over taking nothing."""
    weight = np.exp(np.clip(utility, -_LARGEST, _LARGEST))
    total = sets.total(weight)
    chance: FloatArray = weight / (1.0 + total)[sets.session]
    return chance
