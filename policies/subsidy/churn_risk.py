"""Who is likely to leave: a model of the customers' silence, from the platform's own log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import FloatArray, IntArray
from policies.observations import InteractionLog, LearningObservation, LearningReport

if TYPE_CHECKING:
    from models.behaviour import BehaviourModel, CustomerEvents

ACTIVE_DAYS = 28
"""Who came within so many days is a customer who may leave."""

SNAPSHOTS, SNAPSHOT_DAYS = 6, 7
"""Past days on which customers are looked at to learn, and how far these are apart."""

EPOCHS = 15
"""Passes over the snapshots at most."""


class ChurnRisk:
    """The chance that each visitor falls silent, learned anew now and then.

    A model learns which customers, described by what they did until a day, no longer came
    afterwards; its probabilities are calibrated on the newest snapshots.
    """

    def __init__(self) -> None:
        self._model: BehaviourModel | None = None
        self._visitors: NDArray[np.int64] = np.empty(0, dtype=np.int64)  # ascending keys
        self._risk: FloatArray = np.empty(0)  # of each, as of last evening

    def risk_of(self, visitors: IntArray) -> FloatArray:
        """(S,) predicted chance that each leaves; -1 for who has no history or before training."""
        if len(self._visitors) == 0:
            return np.full(len(visitors), -1.0)
        place = np.minimum(np.searchsorted(self._visitors, visitors), len(self._visitors) - 1)
        return np.where(self._visitors[place] == visitors, self._risk[place], -1.0)

    def learn(
        self, observation: LearningObservation, silence_days: int, retrain_days: int
    ) -> LearningReport | None:
        """Retrain when it is due, and look at every customer each evening.

        Args:
            observation: of this evening.
            silence_days: days without a visit that count as having left.
            retrain_days: days between two trainings.

        Returns:
            How well the model so far has foretold the newest snapshot; None without a training.
        """
        due = (observation.day + 1) % retrain_days == 0
        if not due and self._model is None:
            return None
        from models.behaviour import customer_features

        keys, events = _events_of(observation.log)
        tomorrow, report = observation.day + 1, None
        if due:
            report = self._retrain(events, len(keys), tomorrow, silence_days, observation.seed)
        if self._model is not None:
            table = customer_features(events, len(keys), tomorrow)
            self._visitors, self._risk = keys, self._model.predict(table)["churn"]
        return report

    def _retrain(
        self,
        events: dict[str, CustomerEvents],
        customers: int,
        tomorrow: int,
        silence_days: int,
        seed: int,
    ) -> LearningReport | None:
        from models.behaviour import BehaviourConfig, BehaviourModel

        newest = tomorrow - silence_days
        first = int(events["visit"].day.min(initial=tomorrow))
        days = [newest - SNAPSHOT_DAYS * back for back in range(SNAPSHOTS)][::-1]
        looks = [_look(events, customers, day, silence_days) for day in days if day > first]
        left = np.concatenate([one[1] for one in looks]) if looks else np.empty(0)
        if len(left) == 0 or left.max() == left.min():
            return None
        metrics = {"examples": float(len(left)), **self._foretold(*looks[-1])}
        self._model = BehaviourModel(BehaviourConfig(max_epochs=EPOCHS))
        when = [np.full(len(one[1]), place) for place, one in enumerate(looks)]
        self._model.fit(
            np.concatenate([one[0] for one in looks]),
            {"churn": left},
            np.concatenate(when),
            seed=seed,
        )
        return LearningReport(metrics)

    def _foretold(self, features: FloatArray, left: FloatArray) -> dict[str, float]:
        """How well the model so far has foretold a snapshot that is new to it."""
        if self._model is None or len(left) == 0:
            return {}
        from models.probability_metrics import probability_quality

        quality = probability_quality(self._model.predict(features)["churn"], left)
        return {
            "area": quality.area,
            "log_loss": quality.log_loss,
            "calibration_error": quality.calibration_error,
            "churn": quality.base_rate,
        }


def _look(
    events: dict[str, CustomerEvents], customers: int, day: int, silence_days: int
) -> tuple[FloatArray, FloatArray]:
    """Features of the active customers of a past day, and who of them no longer came."""
    from models.behaviour import bought_within, customer_features

    active = bought_within(events["visit"], customers, day - ACTIVE_DAYS, ACTIVE_DAYS) > 0
    came = bought_within(events["visit"], customers, day, silence_days)
    return customer_features(events, customers, day)[active], 1.0 - came[active]


def _events_of(log: InteractionLog) -> tuple[NDArray[np.int64], dict[str, CustomerEvents]]:
    """(N,) keys of all visitors of the log, ascending, and what each did, by rows of the keys."""
    from models.behaviour import CustomerEvents

    keys = np.unique(np.concatenate([log.visitor, log.rating_visitor, log.return_visitor]))
    visitor = np.searchsorted(keys, log.visitor)
    _, visit = np.unique(log.session, return_index=True)
    bought, clicked = np.flatnonzero(log.bought), np.flatnonzero(log.clicked)
    rated, back = (
        np.searchsorted(keys, log.rating_visitor),
        np.searchsorted(keys, log.return_visitor),
    )
    return keys, {
        "visit": CustomerEvents.of(visitor[visit], log.day[visit]),
        "click": CustomerEvents.of(visitor[clicked], log.day[clicked]),
        "purchase": CustomerEvents.of(visitor[bought], log.day[bought], log.price[bought] / 100),
        "rating": CustomerEvents.of(rated, log.rating_day, log.rating),
        "return": CustomerEvents.of(back, log.return_day),
    }
