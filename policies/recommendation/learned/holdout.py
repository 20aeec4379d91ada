"""What a training is worth on the days that it left out."""

from __future__ import annotations

import numpy as np

from policies.arrays import BoolArray, FloatArray
from policies.recommendation.learned.evaluation import ranking_metrics
from policies.recommendation.learned.examples import Window, rows_of
from policies.recommendation.learned.facts import SalesBefore
from policies.recommendation.learned.ranker import Ranker, model_scores
from policies.recommendation.learned.visitors import Events, KnownVisitors, VisitorRows


def held_out_metrics(
    ranker: Ranker,
    rows: VisitorRows,
    sales: SalesBefore,
    window: Window,
    earlier: BoolArray,
    clicks_until: int,
) -> dict[str, float]:
    """Measure a ranker on the impressions that it was not trained on.

    Where a model stands beside the logit, every other session decides how much it counts, and the
    rest measures.

    Args:
        ranker: trained on the earlier impressions; how much its model counts is set anew.
        rows: visitors' rows in the models.
        sales: what listings sold before.
        window: E impressions.
        earlier: (E,) those that it was trained on.
        clicks_until: purchases below which a visitor's clicks count as well.

    Returns:
        Those of `ranking_metrics`, and of the logit's probabilities `loss`, the mean negative
        log-likelihood of a page, and `calibration`, their expected error; nan where it is not used.
    """
    before = rows_of(window.log, earlier)
    known = KnownVisitors.of(Events.of(before, window.price[earlier], clicks_until=clicks_until))
    measured = ~earlier
    if ranker.model is not None and ranker.blends and ranker.model.trained:
        page = np.unique(window.log.session, return_inverse=True)[1]
        weighing = measured & (page % 2 == 0)
        measured &= page % 2 == 1
        if window.log.bought[weighing].any():
            sets = window.choice_sets(sales, weighing)
            ranker.weigh(sets, model_scores(ranker.model, rows, known, window, sets, weighing))
    metrics = ranking_metrics(
        ranker, rows, known, sales, rows_of(window.log, measured), window.listings
    )
    return {**metrics, **_probabilities(ranker, window, sales, measured)}


def _probabilities(
    ranker: Ranker, window: Window, sales: SalesBefore, measured: BoolArray
) -> dict[str, float]:
    from models.ranking_metrics import calibration_error

    if not ranker.blends or ranker.logit is None or not measured.any():
        return {"loss": float("nan"), "calibration": float("nan")}
    sets = window.choice_sets(sales, measured)
    chance: FloatArray = ranker.logit.probabilities(sets)
    return {
        "loss": ranker.logit.loss(sets),
        "calibration": calibration_error(chance, sets.taken),
    }
