"""The simulated method of moments in two steps, with optimal weights.

The first step weighs moments by their variances, the second by the inverse of the covariance of
targets less simulated means. Under common random numbers the simulated moments are smooth enough
for a trust-region search with finite differences.

Sources: McFadden (1989), Econometrica 57(5); Pakes & Pollard (1989), Econometrica 57(5);
Duffie & Singleton (1993), Econometrica 61(4); J test: Hansen (1982), Econometrica 50(4), with
Hotelling's (1931) correction for a covariance that is estimated from a few runs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.stats import f as f_distribution

from experiments.calibration.moments import CalibrationError, MomentProblem, nearest_place
from experiments.calibration.priors import spread_draws
from experiments.calibration.schema import MomentsSettings
from policies.arrays import FloatArray

EDGE = 1e-3
"""How near to the end of its prior an estimate counts as being at it."""


@dataclass(frozen=True, slots=True)
class MomentsFit:
    """An estimate, in the unit cube of the priors; P parameters, M moments."""

    unit: FloatArray  # (P,)
    covariance: FloatArray  # (P, P) of the estimate
    moments: FloatArray  # (M,) simulated at the estimate
    jacobian: FloatArray  # (M, P) of the moments
    weighting: FloatArray  # (M, M)
    noise: FloatArray  # (M, M) covariance of targets less simulated means
    j: float  # Hansen's statistic of overidentification
    freedom: int  # its degrees of freedom; 0: moments are as many as parameters, so no test
    p_value: float  # nan without a test
    at_edge: NDArray[np.bool_]  # (P,) whether the estimate is at an end of the prior
    singular: bool  # the moments do not tell all parameters apart
    drawn: FloatArray  # (D, P) points of the first look
    runs: FloatArray  # (D, R, M) their moments


def estimate(problem: MomentProblem, settings: MomentsSettings) -> MomentsFit:
    """The simulated-moments estimate, its covariance and the test of overidentification.

    With W the weights, G the Jacobian and S the covariance of target less simulated mean, the
    covariance of the estimate is (G'WG)^-1 G'WSWG (G'WG)^-1, which is (G'WG)^-1 where W = S^-1.
    Where targets are of one history of the model itself (`observation` "run", targets without
    further error), S = (1 + 1/R) S_run: the usual (1 + 1/R) (G' S_run^-1 G)^-1.

    Args:
        problem: targets and model.
        settings: of the first look and of the search.

    Returns:
        The estimate; the same for the same runs.

    Raises:
        CalibrationError: if no point of the first look gave all moments.
    """
    count = problem.parameters
    drawn = spread_draws(settings.draws, np.zeros(count), np.ones(count), 0)
    runs = problem.simulate(drawn, range(problem.replications))
    whole = np.isfinite(runs).all(axis=(1, 2))
    if not whole.any():
        raise CalibrationError(
            f"none of {len(drawn)} draws gave all moments; look at the failed runs, or at windows "
            "in which an indicator has no value"
        )
    means = runs[whole].mean(axis=1)
    nearest, distance = nearest_place(problem, drawn[whole], means)
    precision = np.asarray(1.0 / np.diag(problem.noise(nearest)), dtype=np.float64)
    first = _weighted(np.asarray(np.diag(precision), dtype=np.float64), problem.weight)
    order = np.argsort(distance, kind="stable")[: settings.starts]
    found = [_search(problem, settings, start, first) for start in drawn[whole][order]]
    place = min(found, key=lambda one: one[1])[0]
    noise = problem.noise(place)
    optimal = np.linalg.pinv(noise, hermitian=True)
    weighting = _weighted(optimal, problem.weight)
    place, _ = _search(problem, settings, place, weighting)
    moments = problem.means(place[None])[0]
    jacobian = _jacobian(problem, settings, place)
    return _told(problem, place, moments, jacobian, weighting, noise, drawn, runs)


def _told(
    problem: MomentProblem,
    place: FloatArray,
    moments: FloatArray,
    jacobian: FloatArray,
    weighting: FloatArray,
    noise: FloatArray,
    drawn: FloatArray,
    runs: FloatArray,
) -> MomentsFit:
    information = jacobian.T @ weighting @ jacobian
    singular = bool(np.linalg.matrix_rank(information, tol=1e-8, hermitian=True) < len(place))
    bread = np.linalg.pinv(information, hermitian=True)
    meat = jacobian.T @ weighting @ noise @ weighting @ jacobian
    gap = problem.target - moments
    j = float(gap @ weighting @ gap)
    freedom = len(gap) - len(place)
    tested = freedom > 0 and bool((problem.weight == 1.0).all())
    return MomentsFit(
        place,
        bread @ meat @ bread,
        moments,
        jacobian,
        weighting,
        noise,
        j,
        freedom,
        _p_value(problem, j, freedom, noise) if tested else float("nan"),
        (place < EDGE) | (place > 1.0 - EDGE),
        singular,
        drawn,
        runs,
    )


def _p_value(problem: MomentProblem, j: float, freedom: int, noise: FloatArray) -> float:
    """Of J, whose weights are in part estimated from a few runs: Hotelling's T squared.

    Runs tell the covariance with n - 1 degrees of freedom; what of it the targets' standard errors
    give is known, which leaves the more of them (Satterthwaite).
    """
    known = np.trace(np.linalg.pinv(noise, hermitian=True) @ np.diag(problem.error**2))
    estimated = min(max(1.0 - float(known) / len(noise), 1e-6), 1.0)
    rest = (problem.covariance_replications - 1) / estimated**2 - freedom + 1.0
    if rest <= 0.0:
        return float("nan")
    return float(f_distribution.sf(j * rest / ((rest + freedom - 1.0) * freedom), freedom, rest))


def _weighted(weighting: FloatArray, weight: FloatArray) -> FloatArray:
    root = np.sqrt(weight)
    return np.asarray(weighting * np.outer(root, root))


def _search(
    problem: MomentProblem, settings: MomentsSettings, start: FloatArray, weighting: FloatArray
) -> tuple[FloatArray, float]:
    """The place nearest to the targets, and its distance."""
    values, vectors = np.linalg.eigh(weighting)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))).T  # root.T @ root = weighting

    def gap(place: FloatArray) -> FloatArray:
        return np.asarray(root @ (problem.means(place[None])[0] - problem.target))

    def slopes(place: FloatArray) -> FloatArray:
        return np.asarray(root @ _jacobian(problem, settings, place))

    found = least_squares(
        gap,
        np.clip(start, EDGE, 1.0 - EDGE),
        jac=slopes,
        bounds=(0.0, 1.0),
        max_nfev=settings.max_evaluations,
        xtol=1e-4,
        ftol=1e-4,
    )
    return np.asarray(found.x), float(2.0 * found.cost)


def _jacobian(problem: MomentProblem, settings: MomentsSettings, place: FloatArray) -> FloatArray:
    """(M, P) central differences, one-sided at the walls; 0 where a run gave no value."""
    step = settings.difference * np.eye(len(place))
    above, below = np.minimum(place + step, 1.0), np.maximum(place - step, 0.0)
    moments = problem.means(np.concatenate([above, below]))
    width = (above - below).diagonal()[:, None]
    found = (moments[: len(place)] - moments[len(place) :]) / width
    return np.asarray(np.nan_to_num(found).T)
