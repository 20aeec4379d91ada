"""Purchase and churn of customers as calibrated probabilities.

A multi-task network on the customers' features, trained on the older snapshots of a log, and put
right on the newest ones, which it has not seen: what is predicted is later still.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from models.array_checks import FloatArray, checked_floats, checked_ids
from models.behaviour.calibration import Calibration, calibrate
from models.multi_task import MultiTaskConfig, MultiTaskModel, Rows, Task


class BehaviourConfig(BaseModel):
    """How large the network is, and how its probabilities are put right."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    calibration: Literal["isotonic", "platt", "beta", "none"] = Field(
        "beta", description="how probabilities are put right on the newest snapshots"
    )
    calibration_share: float = Field(
        0.25, gt=0.0, lt=1.0, description="newest share of the rows, by whole snapshots"
    )
    hidden_units: int = Field(32, ge=1, le=1024, description="units of the shared layer")
    max_epochs: int = Field(30, ge=1, le=10_000, description="passes over the rows at most")
    learning_rate: float = Field(0.005, gt=0.0, le=1.0, description="Adam's step size")


class BehaviourModel:
    """Predicts what customers do from their features."""

    def __init__(self, config: BehaviourConfig | None = None) -> None:
        self.config = config or BehaviourConfig()
        self._network: MultiTaskModel | None = None
        self._calibration: dict[str, Calibration] = {}

    def fit(
        self,
        features: npt.ArrayLike,
        happened: Mapping[str, npt.ArrayLike],
        day: npt.ArrayLike,
        *,
        seed: int = 0,
    ) -> None:
        """Train on snapshots of customers.

        Args:
            features: (E, F) of a customer on a day, as `customer_features` tells them.
            happened: by name of what is predicted (E,) 0 or 1; nan: not known yet.
            day: (E,) of the snapshot. The newest are held out to put probabilities right; with
                one day alone there are none, and probabilities stay as the network has them.
            seed: of the training.

        Raises:
            ValueError: if there are no rows, or columns hold what is not allowed.
        """
        table = checked_floats("features", features, ndim=2)
        when = checked_ids("day", day)
        if len(table) == 0 or len(table) != len(when):
            raise ValueError(f"day: {len(when)} rows, but features has {len(table)}")
        labels = {name: np.asarray(one, dtype=np.float64) for name, one in happened.items()}
        held = self._newest(when)
        tasks = tuple(Task(name=name) for name in labels)
        network = MultiTaskModel(
            MultiTaskConfig(
                tasks=tasks,
                hidden_units=self.config.hidden_units,
                max_epochs=self.config.max_epochs,
                learning_rate=self.config.learning_rate,
                batch_size=256,
                l2=0.1,
            )
        )
        network.fit(
            Rows.of(features=table[~held]),
            {name: one[~held] for name, one in labels.items()},
            seed=seed,
        )
        found = network.predict(Rows.of(features=table[held]))
        self._calibration = {}
        for name, one in labels.items():
            known = ~np.isnan(one[held])
            self._calibration[name] = calibrate(
                found[name][known], one[held][known], self.config.calibration
            )
        self._network = network

    def predict(self, features: npt.ArrayLike) -> dict[str, FloatArray]:
        """(E,) probabilities by name of what is predicted.

        Raises:
            ValueError: if it was not trained, or the features are others.
        """
        if self._network is None:
            raise ValueError("the model was not trained yet: call fit first")
        found = self._network.predict(Rows.of(features=features))
        return {name: self._calibration[name](one) for name, one in found.items()}

    def _newest(self, day: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """(E,) rows of the newest snapshots; none where there is one snapshot alone."""
        days, rows = np.unique(day, return_counts=True)
        if len(days) < 2:
            return np.zeros(len(day), dtype=np.bool_)
        from_newest = np.cumsum(rows[::-1])[::-1] / len(day)
        first = max(int(np.searchsorted(-from_newest, -self.config.calibration_share)), 1)
        held: npt.NDArray[np.bool_] = day >= days[min(first, len(days) - 1)]
        return held
