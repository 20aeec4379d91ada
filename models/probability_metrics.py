"""How good probabilities of what happens or not are: order, sharpness, calibration.

Source: Hanley & McNeil (1982), "The Meaning and Use of the Area under a Receiver Operating
Characteristic Curve", Radiology 143(1); Brier (1950), "Verification of Forecasts Expressed in Terms
of Probability", Monthly Weather Review 78(1); Gneiting & Raftery (2007), "Strictly Proper Scoring
Rules, Prediction, and Estimation", JASA 102(477).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from models.array_checks import FloatArray, IdArray, check_same_length, checked_floats
from models.ranking_metrics import calibration_error

_LEAST = 1e-7
"""Probabilities nearer to 0 or 1 count as this far from it in the log loss."""


@dataclass(frozen=True, slots=True)
class ProbabilityQuality:
    """How good predictions were, over all rows."""

    area: float  # chance that one that happened has the higher probability; nan: all or none did
    log_loss: float  # nats a row
    brier: float  # mean squared error
    calibration_error: float  # mean distance of prediction and frequency, over ten equal bins
    base_rate: float  # share that happened


def probability_quality(predicted: npt.ArrayLike, happened: npt.ArrayLike) -> ProbabilityQuality:
    """Measure predicted probabilities.

    Args:
        predicted: (E,) in [0, 1], at least one.
        happened: (E,) 0 or 1.

    Raises:
        ValueError: if columns differ in length, are empty, or hold what is not allowed.
    """
    chance, truth = _checked(predicted, happened)
    if len(chance) == 0:
        raise ValueError("predicted: at least one row is needed")
    positives = float(truth.sum())
    negatives = len(truth) - positives
    area = float("nan")
    if positives and negatives:
        ranks = stats.rankdata(chance)
        above = float(ranks[truth > 0].sum()) - positives * (positives + 1.0) / 2.0
        area = above / (positives * negatives)
    inside = np.clip(chance, _LEAST, 1.0 - _LEAST)
    return ProbabilityQuality(
        area=area,
        log_loss=float(-(truth * np.log(inside) + (1 - truth) * np.log1p(-inside)).mean()),
        brier=float(((chance - truth) ** 2).mean()),
        calibration_error=calibration_error(chance, truth),
        base_rate=positives / len(truth),
    )


@dataclass(frozen=True, slots=True)
class ReliabilityCurve:
    """What happened by what was predicted. B bins of equally many rows."""

    predicted: FloatArray  # (B,) mean probability, ascending
    happened: FloatArray  # (B,) share that happened
    rows: IdArray  # (B,)


def reliability_curve(
    predicted: npt.ArrayLike, happened: npt.ArrayLike, bins: int = 10
) -> ReliabilityCurve:
    """Hold predictions against frequencies, bin by bin; the diagonal is perfect calibration.

    Args:
        predicted: (E,) in [0, 1].
        happened: (E,) 0 or 1.
        bins: how many, at least 1.

    Raises:
        ValueError: if columns differ in length or hold what is not allowed.
    """
    chance, truth = _checked(predicted, happened)
    if bins < 1:
        raise ValueError(f"bins: must be at least 1, got {bins}")
    order = np.argsort(chance, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return ReliabilityCurve(
        predicted=np.array([chance[part].mean() for part in parts]),
        happened=np.array([truth[part].mean() for part in parts]),
        rows=np.array([len(part) for part in parts], dtype=np.int64),
    )


def _checked(predicted: npt.ArrayLike, happened: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    chance = checked_floats("predicted", predicted, lower=0.0, upper=1.0)
    truth = checked_floats("happened", happened, lower=0.0, upper=1.0)
    check_same_length(predicted=chance, happened=truth)
    return chance, truth
