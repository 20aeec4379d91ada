"""The conditional logit: of what was looked at, who takes which alternative, and who takes none.

Alternative j of a session has the utility

    V = c + b_j + w . x + g_place

against 0 of taking nothing; it is taken with probability exp(V_j) / (1 + sum_k exp(V_k)). An item's
own standing b_j has a normal prior with mean zero, so that an item that was hardly shown is judged
by its features, and one with a long record by its record. What was shown and not taken is evidence
against an item, how often it was shown is none: an item is not good because it was shown often.

The effect g of the place at which an alternative stood is estimated beside all else and left out of
scores: what stands on top is taken more often than it deserves.

Source: McFadden (1974), "Conditional logit analysis of qualitative choice behavior"; the normal
prior as a random effect: Revelt & Train (1998), Review of Economics and Statistics 80(4); the place
as a term that is dropped in serving: Zhao et al. (2019), "Recommending What Video to Watch Next",
RecSys, section 4.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from pydantic import ValidationError

from models.array_checks import FloatArray, checked_floats, checked_ids
from models.choice.choice_sets import ChoiceSets
from models.choice.config import ConditionalLogitConfig
from models.choice.likelihood import Learned, Problem, minimised, probabilities
from models.reproducible import reproducible_torch
from models.weight_files import ModelFileError, check_shapes, read_weights, write_weights

FORMAT = 1
"""Of the files that hold trained models."""

_HEADER_KEY = "weal_conditional_logit"
_FILE = "conditional_logit.safetensors"
_UNTRAINED = "the model was not trained yet: call fit first"


@dataclass(frozen=True, slots=True)
class LogitReport:
    """What one training did."""

    sessions: int
    rows: int
    loss: float  # mean negative log-likelihood a session
    steps: int  # evaluations of the likelihood


class ConditionalLogit:
    """Utilities of items from their standing and their features."""

    def __init__(self, config: ConditionalLogitConfig | None = None) -> None:
        self.config = config or ConditionalLogitConfig()
        self._learned: Learned | None = None

    def fit(self, sets: ChoiceSets, *, offset: FloatArray | None = None) -> LogitReport:
        """Train on choice sets; a second call starts from what was learned, for more items too.

        Args:
            sets: at least one session.
            offset: (E,) utilities that are known already; what is learned comes on top.

        Raises:
            ValueError: if there is no session.
            FloatingPointError: if the training diverges.
        """
        if len(sets) == 0:
            raise ValueError("sets: at least one session is needed")
        problem = Problem(sets, self.config, offset)
        start = problem.pack(self._learned)
        with reproducible_torch():
            found, steps = minimised(problem, start, self.config)
        self._learned = problem.unpack(found)
        loss = problem.negative_log_likelihood(found) / len(sets)
        if not np.isfinite(loss):
            raise FloatingPointError("training diverged: raise the precisions")
        return LogitReport(len(sets), len(sets.items), loss, steps)

    @property
    def trained(self) -> bool:
        """Whether it was trained."""
        return self._learned is not None

    @property
    def n_items(self) -> int:
        """Items of the last training."""
        return len(self._known().standing)

    @property
    def intercept(self) -> float:
        """Utility of an item of mean standing whose features are all 0, over taking nothing."""
        return self._known().intercept

    @property
    def weights(self) -> FloatArray:
        """(F,) utility of a unit of each feature."""
        return self._known().weights

    @property
    def place_effects(self) -> FloatArray:
        """(P,) utility of each place over the mean; empty without places."""
        return self._known().place

    def standing(self, items: npt.ArrayLike) -> FloatArray:
        """(n,) the items' own standing; 0, the prior's mean, for those never trained on."""
        ids, known = checked_ids("items", items), self._known().standing
        return np.where(ids < len(known), np.append(known, 0.0)[np.minimum(ids, len(known))], 0.0)

    def spread(self, items: npt.ArrayLike) -> FloatArray:
        """(n,) standard deviation of what is known of the items' standing, by Laplace's method."""
        ids, known = checked_ids("items", items), self._known().evidence
        evidence = np.append(known, self.config.item_precision)[np.minimum(ids, len(known))]
        spread: FloatArray = 1.0 / np.sqrt(evidence)
        return spread

    def utilities(self, items: npt.ArrayLike, features: npt.ArrayLike) -> FloatArray:
        """(n,) utilities over taking nothing, the effect of the place left out.

        Args:
            items: (n,) item ids.
            features: (n, F).

        Raises:
            ValueError: if it was not trained, or the shapes do not fit.
        """
        described = checked_floats("features", features, ndim=2)
        known = self._known()
        if described.shape[1] != len(known.weights):
            raise ValueError(
                f"features: {described.shape[1]} columns, but it was trained on "
                f"{len(known.weights)}"
            )
        explained: FloatArray = np.einsum("nf,f->n", described, known.weights)
        return known.intercept + self.standing(items) + explained

    def probabilities(self, sets: ChoiceSets, *, with_places: bool = True) -> FloatArray:
        """(E,) probabilities that the alternatives are taken.

        Args:
            sets: of any items and the features of the training.
            with_places: as they stood; otherwise as if all stood at a mean place.
        """
        utility = self.utilities(sets.items, sets.features)
        effects = self._known().place
        if with_places and len(effects):
            utility = utility + effects[np.minimum(sets.places, len(effects) - 1)]
        return probabilities(sets, utility)

    def loss(self, sets: ChoiceSets) -> float:
        """Mean negative log-likelihood a session; nan without sessions."""
        if len(sets) == 0:
            return float("nan")
        chance = self.probabilities(sets)
        nothing = 1.0 - sets.total(chance)
        took = sets.total(np.where(sets.taken, chance, 0.0))
        any_taken = sets.total(sets.taken.astype(np.float64)) > 0
        likelihood = np.where(any_taken, took, nothing)
        return float(-np.log(np.maximum(likelihood, 1e-300)).mean())

    def save(self, folder: Path) -> Path:
        """Write what was learned as one file into a folder, whole or not at all.

        Raises:
            ValueError: if it was not trained.
            OSError: if the file cannot be written.
        """
        known = self._known()
        tensors = {name: torch.from_numpy(getattr(known, name)) for name in _ARRAYS}
        header = {
            "format": FORMAT,
            "config": self.config.model_dump(mode="json"),
            "intercept": known.intercept,
            "sizes": [len(known.standing), len(known.weights), len(known.place)],
        }
        return write_weights(folder / _FILE, tensors, _HEADER_KEY, header)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; it scores, and trains on, as the saved one would.

        Raises:
            ModelFileError: if the file is missing, damaged, or not of this kind and format.
        """
        path = folder / _FILE
        tensors, header = read_weights(path, _HEADER_KEY, cls.__name__, FORMAT)
        try:
            model = cls(ConditionalLogitConfig.model_validate(header.get("config")))
            items, features, places = (int(size) for size in header["sizes"])
            intercept = float(header["intercept"])
        except (ValidationError, KeyError, TypeError, ValueError) as error:
            raise ModelFileError(f"{path}: its header is not valid: {error}") from error
        sizes = {"standing": items, "weights": features, "place": places, "evidence": items}
        expected = {
            name: torch.empty(size, dtype=torch.float64, device="meta")
            for name, size in sizes.items()
        }
        check_shapes(path, tensors, expected)
        model._learned = Learned(intercept, *(tensors[name].numpy() for name in _ARRAYS))
        return model

    def _known(self) -> Learned:
        if self._learned is None:
            raise ValueError(_UNTRAINED)
        return self._learned


_ARRAYS = ("standing", "weights", "place", "evidence")
