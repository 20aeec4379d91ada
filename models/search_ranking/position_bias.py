"""How much a place on the page, and not what stands there, decides on clicks.

The examination model: what stands at place k is clicked if it is looked at, with a chance e_k that
depends on the place alone, and found relevant, with a chance r that depends on its features:

    P(click) = e_k r(x),   r(x) = 1 / (1 + exp(-(w . x + b)))

Pages are read from the top: e_0 = 1, and e_k = e_(k-1) c_k with c_k the chance to read on. Both
parts are fitted together by maximum likelihood. This tells them apart as far as the same kind of
thing stood at different places. The features include how long the page was: where a log holds what
was looked at alone, lower places are on the pages of the patient, for whose clicks more compete.

Source: Richardson, Dominowska & Ragno (2007), "Predicting Clicks", WWW (the examination model);
Wang, Golbandi, Bendersky, Metzler & Najork (2018), "Position Bias Estimation for Unbiased Learning
to Rank in Personal Search", WSDM (relevance as a regression on features; they climb the same
likelihood by EM).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit, logit

from models.array_checks import FloatArray
from models.search_ranking.pages import SearchPages

READ_ON, LEFT = 4.5, 0.5
"""Pseudo-readers a place who read on and who leave: of a place that nobody saw this is known."""

MOST_RESULTS = 100_000
"""Results that the fit looks at; of more, evenly chosen ones."""

_EDGE = 1e-6


def examination_by_place(pages: SearchPages, *, l2: float = 1.0) -> FloatArray:
    """Estimate the chance that each place is looked at, relative to the first.

    Args:
        pages: what was shown, also what was not looked at, and what was clicked (a gain above 0).
        l2: penalty on the squared weights of the features.

    Returns:
        (P,) chances in (0, 1], the first 1; P is one more than the last place.

    Raises:
        ValueError: if there is no result at all.
    """
    if len(pages.gain) == 0:
        raise ValueError("pages: at least one result is needed")
    chosen = np.linspace(0, len(pages.gain) - 1, min(len(pages.gain), MOST_RESULTS), dtype=np.int64)
    place, clicked = pages.position[chosen], pages.gain[chosen] > 0
    length = np.log(np.diff(pages.starts)[pages.page])
    x = np.column_stack([pages.features, length])[chosen].astype(np.float64)
    spread = x.std(axis=0)
    x = (x - x.mean(axis=0)) / np.where(spread > _EDGE, spread, 1.0)
    x = np.column_stack([x, np.ones(len(x))])
    places = int(pages.position.max()) + 1
    rate = np.clip(clicked.mean(), 0.01, 0.99)
    start = np.concatenate(
        [np.full(places - 1, logit(0.9)), np.zeros(x.shape[1] - 1), [logit(rate)]]
    )

    def loss(point: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        reads_on = expit(point[: places - 1])
        examined = np.append(1.0, np.cumprod(reads_on))[place]
        relevant = expit(x @ point[places - 1 :])
        chance = np.clip(examined * relevant, _EDGE, 1.0 - _EDGE)
        told = np.where(clicked, np.log(chance), np.log1p(-chance)).sum()
        weight = point[places - 1 : -1]
        prior = (READ_ON * np.log(reads_on) + LEFT * np.log1p(-reads_on)).sum()
        # Of the log-likelihood, by the logarithm of each chance; a place's adds to all below it.
        slope = np.where(clicked, 1.0, -chance / (1.0 - chance))
        below = np.cumsum(np.bincount(place, slope, minlength=places)[:0:-1])[::-1]
        by_place = (below + READ_ON) * (1.0 - reads_on) - LEFT * reads_on
        by_weight = x.T @ (slope * (1.0 - relevant))
        by_weight[:-1] -= l2 * weight
        value = -(told + prior - l2 / 2.0 * weight @ weight)
        return float(value), -np.concatenate([by_place, by_weight])

    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return np.append(1.0, np.cumprod(expit(found.x[: places - 1])))
