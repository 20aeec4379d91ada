"""How well scores order pages of search results.

Source: Järvelin & Kekäläinen (2002), ACM TOIS 20(4) (NDCG); of calibration see
`ranking_metrics.calibration_error`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import log_softmax

from models.array_checks import FloatArray, checked_floats
from models.ranking_metrics import calibration_error
from models.search_ranking.pages import SearchPages, choice_lists

FIRST = 3
"""Places that recall looks at."""


@dataclass(frozen=True, slots=True)
class PageQuality:
    """Means over pages with a gain; nan where there is none."""

    ndcg: float  # discounted gain of the first ten places / that of the best order
    recall: float  # of what was taken, among the first three places
    calibration: float  # error of the chances that a softmax of the scores gives to choices
    pages: int  # with a gain


def page_quality(scores: npt.ArrayLike, pages: SearchPages) -> PageQuality:
    """Measure the order that scores give to pages.

    Args:
        scores: (E,) of the pages' results; equal ones keep the order of the page.
        pages: with gains.
    """
    score = checked_floats("scores", scores)
    gain = _by_score(score, pages)
    taken = (gain > 0).sum(axis=1)
    useful = taken > 0
    shown = (gain[useful, :FIRST] > 0).sum(axis=1)
    lists = choice_lists(pages)
    listed = np.where(lists.row >= 0, np.append(score, 0.0)[lists.row], -np.inf)
    chance = np.exp(log_softmax(listed, axis=1)) if len(listed) else listed
    happened = np.zeros(lists.row.shape)
    happened[:, :1] = 1.0
    there = lists.row >= 0
    return PageQuality(
        page_ndcg(score, pages),
        float((shown / np.minimum(taken[useful], FIRST)).mean()) if useful.any() else float("nan"),
        calibration_error(chance[there], happened[there]),
        int(useful.sum()),
    )


def page_ndcg(scores: npt.ArrayLike, pages: SearchPages, places: int = 10) -> float:
    """Mean NDCG of the order that scores give to pages, over pages with a gain.

    Args:
        scores: (E,) of the pages' results; equal ones keep the order of the page.
        pages: with gains.
        places: that count.

    Returns:
        In [0, 1]; nan where no page has a gain.
    """
    by_score = _by_score(checked_floats("scores", scores), pages)[:, :places]
    best = -np.sort(-_by_score(np.zeros(len(pages.gain)), pages), axis=1)[:, :places]
    discount = 1.0 / np.log2(np.arange(2, by_score.shape[1] + 2))
    ideal = best @ discount
    useful = ideal > 0
    if not useful.any():
        return float("nan")
    return float(((by_score @ discount)[useful] / ideal[useful]).mean())


def _by_score(score: FloatArray, pages: SearchPages) -> FloatArray:
    """(G, W) gains of each page, the highest score first; what is not there gains nothing."""
    table = pages.table()
    gain = np.where(table >= 0, np.append(pages.gain, 0.0)[table], 0.0)
    shown = np.where(table >= 0, np.append(score, 0.0)[table], -np.inf)
    return np.take_along_axis(gain, np.argsort(-shown, axis=1, kind="stable"), axis=1)
