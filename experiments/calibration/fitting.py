"""From a method's own result to what is told of the parameters, whichever method it was."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.calibration import priors, rejection, simulated_moments
from experiments.calibration.identification import Responses, responses
from experiments.calibration.moments import MomentProblem, nearest_place
from experiments.calibration.priors import DRAW_SEED
from experiments.calibration.rejection import Posterior
from experiments.calibration.schema import Calibration, Parameter
from experiments.calibration.simulated_moments import MomentsFit
from policies.arrays import FloatArray

DRAWS = 4000
"""Draws by which the distribution of a moments estimate is told."""

CLOSE = 0.95
"""Correlation beyond which two parameters are told together only."""

LEANS = 0.05
"""Outermost share of a prior; more than `LEANING` of the posterior there leans on its bound."""

LEANING = 0.25

NORMAL_95 = 1.6449
"""Below it lie 95 % of a standard normal distribution."""


@dataclass(frozen=True, slots=True)
class ParameterFit:
    """What is known of a parameter afterwards, in its own unit."""

    mean: float  # of the posterior; for simulated moments: the estimate
    sd: float
    low: float  # 5 % are below
    high: float  # 5 % are above
    prior_sd: float
    shrinkage: float  # 1 - variance / the prior's; 0: nothing was learned
    identified: str  # "yes", "weakly" or "no", by what moments respond
    moments: tuple[int, ...]  # fitted moments that respond, the strongest first
    at_bound: bool  # it leans on an end of its prior


@dataclass(frozen=True, slots=True)
class Fit:
    """A calibration's result; P parameters, n draws."""

    parameters: tuple[ParameterFit, ...]
    values: FloatArray  # (n, P) draws from the posterior, or from the estimate's distribution
    unit: FloatArray  # (n, P) the same in the unit cube of the priors
    weight: FloatArray  # (n,) sum 1
    correlation: FloatArray  # (P, P)
    responses: Responses
    posterior: Posterior | None  # of approximate Bayesian computation
    estimate: MomentsFit | None  # of simulated moments

    def together(self) -> list[tuple[int, int]]:
        """Pairs of parameters that the moments hardly tell apart."""
        count = len(self.correlation)
        return [
            (one, other)
            for one in range(count)
            for other in range(one + 1, count)
            if abs(self.correlation[one, other]) > CLOSE
        ]


def fit(problem: MomentProblem, calibration: Calibration) -> Fit:
    """Calibrate.

    Args:
        problem: fitted targets and the model.
        calibration: parameters, method and its settings.

    Raises:
        CalibrationError: if too few runs gave all moments.
    """
    parameters = calibration.parameters
    posterior: Posterior | None = None
    estimate: MomentsFit | None = None
    if calibration.method == "abc":
        posterior = rejection.sample(problem, calibration.abc)
        unit, weight = posterior.unit, posterior.weight
        first, runs = posterior.rounds[0].unit, posterior.rounds[0].runs
        means = priors.values_of(parameters, unit)
    else:
        estimate = simulated_moments.estimate(problem, calibration.smm)
        means = _spread(parameters, estimate)
        unit = np.column_stack(
            [priors.probability(one, means[:, place]) for place, one in enumerate(parameters)]
        )
        weight = np.full(len(means), 1.0 / len(means))
        first, runs = estimate.drawn, estimate.runs
    found = responses(first, runs, _errors(problem, first, runs))
    return Fit(
        tuple(
            _one(parameter, place, means, unit, weight, found, estimate)
            for place, parameter in enumerate(parameters)
        ),
        means,
        unit,
        weight,
        _correlation(means, weight),
        found,
        posterior,
        estimate,
    )


def _errors(problem: MomentProblem, unit: FloatArray, runs: FloatArray) -> FloatArray:
    """(M,) errors of target less simulated mean, where the model is nearest to the targets."""
    whole = np.isfinite(runs).all(axis=(1, 2))
    place, _ = nearest_place(problem, unit[whole], runs[whole].mean(axis=1))
    return np.asarray(np.sqrt(np.diag(problem.noise(place))))


def _spread(parameters: Sequence[Parameter], estimate: MomentsFit) -> FloatArray:
    """(n, P) draws from the estimate's normal distribution, cut off at the priors' bounds."""
    values = priors.values_of(parameters, estimate.unit[None])[0]
    slopes = np.array(
        [priors.slope(one, float(u)) for one, u in zip(parameters, estimate.unit, strict=True)]
    )
    covariance = estimate.covariance * np.outer(slopes, slopes)
    rng = np.random.default_rng([DRAW_SEED, 4])
    drawn = rng.multivariate_normal(values, covariance, 20 * DRAWS, method="eigh")
    low = np.array([one.low for one in parameters])
    high = np.array([one.high for one in parameters])
    inside = drawn[((drawn >= low) & (drawn <= high)).all(axis=1)]
    return inside[:DRAWS] if len(inside) >= 100 else np.clip(drawn[:DRAWS], low, high)


def _one(
    parameter: Parameter,
    place: int,
    values: FloatArray,
    unit: FloatArray,
    weight: FloatArray,
    found: Responses,
    estimate: MomentsFit | None,
) -> ParameterFit:
    own = values[:, place]
    mean = float(weight @ own)
    sd = float(np.sqrt(weight @ (own - mean) ** 2))
    at_bound = bool(estimate.at_edge[place]) if estimate is not None else False
    order = np.argsort(own, kind="stable")
    below = np.cumsum(weight[order])
    low, high = (
        float(own[order[min(int(np.searchsorted(below, q)), len(own) - 1)]]) for q in (0.05, 0.95)
    )
    if estimate is None:
        edges = (unit[:, place] < LEANS, unit[:, place] > 1.0 - LEANS)
        at_bound = any(float(weight[one].sum()) > LEANING for one in edges)
    else:
        u = float(estimate.unit[place])
        mean = float(priors.quantile(parameter, u))
        sd = priors.slope(parameter, u) * math.sqrt(estimate.covariance[place, place])
        low = max(mean - NORMAL_95 * sd, parameter.low)
        high = min(mean + NORMAL_95 * sd, parameter.high)
    before = priors.prior_sd(parameter)
    return ParameterFit(
        mean,
        sd,
        low,
        high,
        before,
        1.0 - (sd / before) ** 2,
        found.told(place),
        tuple(found.responds(place)),
        at_bound,
    )


def _correlation(values: FloatArray, weight: FloatArray) -> FloatArray:
    around = values - weight @ values
    covariance = (around * weight[:, None]).T @ around
    sd = np.sqrt(np.diag(covariance))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = covariance / np.outer(sd, sd)
    return np.where(np.isfinite(found), found, 0.0) + 0.0
